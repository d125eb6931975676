"""What is measured of each day's signals: match quality, latencies, signal health, data quality.

Days are UTC and measured again while outcomes still come in (`quality_days`), so each run gives
the same rows for the same logs. Every table is written by one statement for all tenants.
"""
