"""Streaming marketing attribution: independent processors between Kafka and Postgres."""
