"""Ids as an operator writes them."""

import hashlib

import pytest

from processors.commands.nodes import candidates, node_of
from processors.commands.operator import Refused


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("customer:c-1", "customer:c-1"),
        (" visitor:a:b ", "visitor:a:b"),
        ("email: Alex@Example.com", f"email:{sha('alex@example.com')}"),
        ("phone:+1 (212) 555-0100", f"phone:{sha('12125550100')}"),
        (f"email:{sha('x').upper()}", f"email:{sha('x')}"),
    ],
)
def test_an_id_is_its_kind_and_value_and_details_of_people_are_hashed(text: str, node: str) -> None:
    assert node_of(text) == node


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("c-1", "is no id: write kind:value, the kind one of customer, device, email, external"),
        ("session:s", "is no id"),
        ("customer:", "is no id"),
        ("", "is no id"),
        ("email:alex", "email: give an address"),
        ("phone:7", "phone: give a number with its country's code"),
        ("visitor:" + "x" * 600, "visitor: an id has 512 characters at most"),
    ],
)
def test_what_is_no_id_is_refused_by_what_is_wrong_with_it(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        node_of(text)


def test_a_bare_value_may_be_of_any_kind() -> None:
    assert candidates("c-1") == ["customer:c-1", "external:c-1", "device:c-1", "visitor:c-1"]
    assert candidates("alex@example.com")[-1] == f"email:{sha('alex@example.com')}"
    assert candidates("visitor:v") == ["visitor:v"]
    assert candidates("urn:v")[0] == "customer:urn:v"
