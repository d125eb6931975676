"""`analytics/ml-training`: learns each tenant's data_driven model from its own journeys.

A run reads the tenant's people in chunks, each a transaction whose journeys stay in Postgres, so
that a run whose process died goes on where it was. Then it learns, notes what came out, and puts a
promotion on THE LOG where the tenant wants that. Nothing of another tenant is ever in its data.
"""
