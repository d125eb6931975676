"""Tenants for the load: each with a key, and Meta as the one platform that is told."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from deploy.demo import connections
from processors.commands import tenants


@dataclass(frozen=True)
class Shop:
    """A tenant and the key of its senders."""

    name: str
    key: str


async def make(count: int, environment: Mapping[str, str]) -> list[Shop]:
    """That many tenants, made as an operator makes them."""
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in environment.items():
            patch.setenv(variable, value)
        for number in range(count):
            name = f"scale-{number:03d}"
            key = await tenants.add(name)
            told = [said.partition("=") for said in connections.settings(name, "meta")]
            await tenants.set_values(name, {variable: value for variable, _, value in told})
            made.append(Shop(name, key))
    return made
