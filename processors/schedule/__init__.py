"""The scheduler: named jobs at fixed times, run once each by whichever replica leads.

A plain asyncio loop, not Faust. Faust's `crontab` and `timer` (faust/app/base.py) are a sleep
until the next time in the memory of one process: a run that falls into a restart is never caught
up; nothing records a run; and `on_leader` needs the topic `__assignor-__leader`, which the rules
for Faust forbid, so every replica would run every job. A Faust worker that only drove this loop
would add a consumer and a web server, and nothing that the lock and `job_runs` do not do. Here the
leader holds a session's advisory lock in Postgres, which ends with its process, and the key of
`job_runs` lets a slot run once whatever replicas believe of each other. Jobs write nothing that is
served: they read, put records on THE LOG by the gateway's doors or as commands, and keep books.
"""

from processors.schedule.jobs import JOBS
from processors.schedule.processor import serve

__all__ = ["JOBS", "serve"]
