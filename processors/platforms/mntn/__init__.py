"""MNTN, connected TV, which is only read: it has no API that takes conversions."""
