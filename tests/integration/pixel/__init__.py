"""The pixel in a real Chromium, against a real gateway."""
