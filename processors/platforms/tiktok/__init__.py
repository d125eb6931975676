"""TikTok's Events API."""
