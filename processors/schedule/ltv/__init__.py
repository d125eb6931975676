"""`analytics/ltv-predictions`: what each customer is still worth.

A tenant's model is fitted once a week, to cells of customers with the same history, and judged on a
hold-out; then every prediction is written anew. In between only those are written whose orders
have changed. Customers are read and written by ranges of their person ids, by one statement a
range, so neither memory nor a transaction grows with how many there are.
"""
