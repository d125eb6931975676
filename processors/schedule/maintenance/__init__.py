"""Keeps bookkeeping small and sound: months of the delivery log, retention, checks of sums."""
