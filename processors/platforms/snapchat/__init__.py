"""Snapchat's Conversions API."""
