"""The batch oracle: every served table computed from THE LOG in one slow, plain pass.

It is the judge of every fault test, so it imports nothing of `processors`: what it shares with
the pipeline is the contract alone. It keeps no state, and reads the whole log at once, so it
cannot depend on order, batches, crashes or replays.
"""
