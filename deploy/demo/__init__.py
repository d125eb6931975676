"""A shop's day for a first look: generated, played through the gateway, judged.

`run.demo` is the whole of it. What is sent comes from `day` (or a file, see `lines`), goes over
HTTP like anybody's traffic, and is looked at in Postgres: nothing here knows the pipeline's inside.
"""
