"""Meta's Conversions API for Business Messaging: what became of chats that an ad opened."""
