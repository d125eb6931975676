"""Alerts: what is watched for a tenant, found in one query a kind of metric for all tenants, and
told by e-mail and signed webhooks. A change and what is to be told of it are one transaction;
telling is tried until the receiver takes it, under an id that is the same each time."""
