"""Shadow replay: a window of a tenant's conversions credited under other settings, beside
production, with the difference shown before anything is changed.

A run reads what credit reads, through credit's own code, and works out both sides from one
reading: under the standing settings and under the overridden ones. Nothing of production is
written. Worker processes share the conversion ids among themselves in ranges; a chunk's rows, what
it adds to the cells and its checkpoint are one transaction, so that a run that was killed goes on
where it stopped and ends with the same tables. A run is of the tables as they were: it is
bookkeeping, which `rebuild` wipes.
"""
