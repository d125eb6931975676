"""Google Ads: conversions by the Data Manager API or as uploaded clicks, and their adjustments."""
