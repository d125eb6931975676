"""Every request of the contract's cases comes back from the vendor's own client as it was, and what
the client does not know does not."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.platforms.conftest import HERE
from tests.sdks.readers import READERS, same

LIGHT = {"meta", "whatsapp"}
HEAVY = pytest.mark.sdks
"""Of clients of tens of megabytes, which `make sdks` installs."""
FREE = {"properties"}
"""What a vendor leaves to the caller."""


def cases() -> list[Any]:
    """(platform, case) of every platform whose client reads."""
    return [
        pytest.param(
            platform,
            case,
            id=f"{platform}: {case['name']}",
            marks=() if platform in LIGHT or case["path"].endswith("events:ingest") else HEAVY,
        )
        for platform in READERS
        for case in json.loads((HERE / platform / "requests.json").read_text())
    ]


def objects(body: Any) -> Iterator[dict[str, Any]]:
    """Every object in it whose fields are the vendor's."""
    if isinstance(body, dict):
        yield body
        for name, value in body.items():
            if name not in FREE:
                yield from objects(value)
    if isinstance(body, list):
        for value in body:
            yield from objects(value)


@pytest.mark.parametrize(("platform", "case"), cases())
def test_the_vendor_s_own_client_reads_the_request_as_it_is(
    platform: str, case: dict[str, Any]
) -> None:
    read = READERS[platform](case["path"], copy.deepcopy(case["body"]))
    assert same(read) == same(case["body"])


@pytest.mark.parametrize(("platform", "case"), cases())
def test_it_notices_a_field_it_does_not_know_wherever_it_stands(
    platform: str, case: dict[str, Any]
) -> None:
    for place in range(len(list(objects(case["body"])))):
        body = copy.deepcopy(case["body"])
        list(objects(body))[place]["nothing_of_the_kind"] = "1"
        assert not _reads(platform, case["path"], body)


@pytest.mark.parametrize(("platform", "case"), cases())
def test_it_notices_a_value_of_a_wrong_type(platform: str, case: dict[str, Any]) -> None:
    for place, found in enumerate(objects(case["body"])):
        for name in found:
            if name in FREE:
                continue
            body = copy.deepcopy(case["body"])
            list(objects(body))[place][name] = {"of": ["another", "kind"]}
            assert not _reads(platform, case["path"], body), name


def _reads(platform: str, path: str, body: dict[str, Any]) -> bool:
    """Whether the client takes it and gives it back as it was."""
    try:
        return bool(same(READERS[platform](path, copy.deepcopy(body))) == same(body))
    except Exception:
        return False
