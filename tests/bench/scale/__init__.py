"""`python -m tests.bench scale`: what an event costs, process by process, with one, two and four
replicas, with one, ten and a hundred tenants, and with one tenant that has most of it; and what
follows from that for a thousand, a hundred thousand and a million events a second."""
