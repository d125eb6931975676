"""Vendors' own clients read what we send."""
