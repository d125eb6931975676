"""The whole system on one machine, without containers.

Real Kafka, real Postgres, the platform simulators and every processor, each an operating system
process on a loopback port under one small supervisor. `up`, `down` and `status` are the three
verbs; the `Kafka` and `Postgres` classes are the same servers for tests.
"""
