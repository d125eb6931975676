"""Every environment variable that a settings class of ours reads."""

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from processors.engine.settings import Settings
from processors.platforms.grant import App
from processors.platforms.grants import GRANTS

ROOT = Path(__file__).parents[2]
# Classes that stand in the module that they are for.
BESIDE = (
    "processors.commands.operator", "processors.engine.kafka_security", "processors.engine.sealing",
    "processors.engine.vault", "processors.platforms.reading", "processors.schedule.benchmarks",
    "processors.schedule.series",
)  # fmt: skip


@cache
def known_variables() -> frozenset[str]:
    """By the names that a process reads."""
    found = {
        name.removesuffix(".py").replace("/", ".")
        for name in (str(p.relative_to(ROOT)) for p in ROOT.glob("processors/**/settings.py"))
    }
    for module in (*found, *BESIDE):
        importlib.import_module(module)
    names = {
        row.variable(field)
        for row in _below(Settings)
        if row is not App and row.__module__.startswith("processors.")
        for field in row.model_fields
    }
    for platform in GRANTS:
        names |= {f"ATTRIBUTARY_{platform}_{field}".upper() for field in App.model_fields}
    return frozenset(names)


def _below(parent: type[Settings]) -> Iterator[type[Settings]]:
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)
