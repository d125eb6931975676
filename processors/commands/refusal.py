"""What a command says instead of doing it. It imports nothing, since every command line does."""


class Refused(Exception):
    """What the caller asked for cannot be done; the message says what to do instead."""
