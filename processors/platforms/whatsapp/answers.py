"""What the answers mean: it is Meta's Conversions API, with Meta's codes and headers. An event name
that chats do not have is code 100, subcode 2804066, and refused for good like any other."""

from processors.platforms.meta.answers import classify, pause_seconds

__all__ = ["classify", "pause_seconds"]
