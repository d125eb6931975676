"""What a tenant's people keep and change on pages: influencers, saved views, platforms."""
