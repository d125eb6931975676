"""Connecting a tenant's accounts by an authorization code, keeping what was granted, and giving it
back: one engine for every `Grant`."""
