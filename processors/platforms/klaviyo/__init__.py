"""Klaviyo's Events API."""
