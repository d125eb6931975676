"""The fuzz of the gateway. Empty: `guided` imports what it measures before anyone else does."""
