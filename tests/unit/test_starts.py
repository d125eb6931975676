"""What a start loads: each process of the stack and each command pays for it again."""

import subprocess
import sys

import pytest

HEAVY = frozenset({"aiokafka", "asyncpg", "cryptography", "faust", "httpx", "numpy", "pydantic"})


@pytest.mark.parametrize(
    ("imports", "allowed"),
    [
        ("processors.__main__", set()),
        ("processors.registry, processors.engine.runner", {"aiokafka", "asyncpg", "pydantic"}),
        ("processors.dedupe.processor", {"asyncpg", "pydantic"}),
        ("processors.schedule", HEAVY - {"faust", "numpy"}),
        ("processors.gateway", HEAVY - {"faust", "httpx", "numpy"}),
    ],
)
def test_a_start_loads_only_what_it_uses(imports: str, allowed: set[str]) -> None:
    code = f"import sys, {imports}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert HEAVY.intersection(loaded) <= allowed
