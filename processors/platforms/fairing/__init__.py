"""Fairing as a source: answers to post-purchase surveys."""
