"""Manifests and dashboards that follow from the code, as texts: `deploy.generate` writes them.

What is generated says so in its first line; what an operator changes lies beside it, in overlays.
"""
