"""`backup` and `restore`: the log, the outcomes of deliveries, the dead letters and the control
tables as files. All else is made again of these by `rebuild`."""
