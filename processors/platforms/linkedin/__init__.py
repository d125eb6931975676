"""LinkedIn's Conversions API."""
