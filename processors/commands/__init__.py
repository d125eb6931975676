"""What the command line does, one file a command; `processors.__main__` only parses and prints."""
