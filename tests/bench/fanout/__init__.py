"""The fan-out under load, and its fault matrix."""
