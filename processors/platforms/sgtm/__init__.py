"""A shop's own server container of Google Tag Manager, as a destination like any other."""
