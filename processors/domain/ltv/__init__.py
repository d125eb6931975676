"""What customers are still worth: how often they buy again (BG/NBD), what a purchase of theirs is
worth (gamma-gamma), and how far earlier predictions were off.

Customers are told in cells, since two with the same history have the same prediction: frequency
(purchases after the first), recency (time from the first to the latest) and age (time from the
first until now). Times are in any unit, the same throughout, and so are parameters.
"""
