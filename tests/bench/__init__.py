"""Benchmarks: each stage beside its floor."""
