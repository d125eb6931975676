"""The wire contract: every record on every topic. Imports pydantic and nothing of ours."""
