"""How processors run: it knows topics, batches and transactions, and nothing of marketing."""
