"""Whether the demo was right: the reasons why not, in words; none when it was.

Beside the gateway's answers there are three witnesses: the conservation of every record, the
platforms (each event counted once), and the batch oracle, which computes every served table
again from the log alone. The oracle lives with the tests, so it is asked as a program of its own.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx

from deploy.local.jars import PROJECT
from processors.commands.conserve import ConserveReport
from processors.commands.drain import DrainReport
from processors.platforms.registry import CONNECTORS
from schemas.delivery import Platform

_ORACLE_SECONDS: Final = 1_200.0
_TIMEOUT_SECONDS: Final = 30.0


def of_records(drained: DrainReport, conserved: ConserveReport) -> Iterable[str]:
    """Records that are still on their way, unaccounted for, or could not be applied: what the
    gateway took is good, so none may be dead."""
    if not drained.last.done(deliveries=False):
        yield "the log is not drained"
    yield from conserved.faults
    dead: Counter[tuple[str, str]] = Counter()
    for line in conserved.lines:
        dead[line.group, line.topic] += line.dead
    for (group, topic), count in (+dead).items():
        yield f"{group} could not apply {count:,} records of {topic}: attributary dlq"
    for url, waiting in conserved.spools.items():
        if waiting != 0:
            yield f"the spool of {url} is not empty"


async def of_platforms(environment: Mapping[str, str]) -> list[str]:
    """Events that a simulator counted more than once."""
    faults: list[str] = []
    async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        for platform in CONNECTORS:
            variable = f"ATTRIBUTARY_{platform.upper()}_BASE_URL"
            if variable not in environment:
                continue
            try:
                answer = await client.get(f"{environment[variable]}/_sim/accepted")
                answer.raise_for_status()
            except httpx.HTTPError as error:
                faults.append(f"{platform}: its simulator does not answer ({type(error).__name__})")
            else:
                faults += _counted_twice(platform, answer.json())
    return faults


def _counted_twice(platform: Platform, accepted: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for event in accepted:
        if event["times_accepted"] > 1:
            name, times = event["event_name"], event["times_accepted"]
            yield f"{platform} counted {name} {event['id']} {times} times"


def has_oracle() -> bool:
    """Whether the oracle is here: an installed package comes without the tests."""
    return (PROJECT / "tests" / "oracle").is_dir()


def of_oracle(
    environment: Mapping[str, str], *options: str, seconds: float = _ORACLE_SECONDS
) -> list[str]:
    """Where the served tables differ from the oracle's."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.oracle.judge", *options],
        cwd=PROJECT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).strip().splitlines() or ["the oracle failed silently"]
