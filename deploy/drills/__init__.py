"""The drill book: a seeded schedule of faults over a log of tens of thousands of events, and a
verdict.

`python -m deploy.drills --seed N --events 50000` starts a whole stack of its own (two processes of
each processor, every connection through a fault proxy), plays events through the gateway, makes
each kind of fault at least once, waits until the log is drained and asks the witnesses: the
oracle, the conservation of records, the platforms, the receipts. What fails is told with the
command that does it again.
"""
