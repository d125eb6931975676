"""Shopify as a source: the shop's own list of orders."""
