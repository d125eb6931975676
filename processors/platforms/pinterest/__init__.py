"""Pinterest's Conversions API."""
