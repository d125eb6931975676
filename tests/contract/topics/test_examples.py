"""The golden examples are the wire contract: every model, key and JSON Schema agrees with them."""

import json
import re
from dataclasses import replace
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from processors.engine import codec
from schemas.generate import FOLDER, drift
from tests.support.examples import ANY_DEAD_LETTERS, CONTRACTS, Example, examples

LEAST = 3
EVERY = examples()
every_example = pytest.mark.parametrize("example", EVERY, ids=str)

EMAIL = re.compile(r"[\w.+-]+@([\w-]+\.)+[a-z]{2,}")
ADDRESS = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b")
HOST = re.compile(r"https?://([^/\"?]+)")


@pytest.mark.parametrize("folder", [*CONTRACTS, ANY_DEAD_LETTERS])
def test_every_contract_has_examples_of_several_cases(folder: str) -> None:
    assert len(examples(folder)) >= LEAST


def test_no_example_belongs_to_a_contract_that_is_gone() -> None:
    assert {example.folder for example in EVERY} == {*CONTRACTS, ANY_DEAD_LETTERS}


@every_example
def test_an_example_survives_the_codec_unchanged(example: Example) -> None:
    record = codec.decode(example.message()).value
    assert record == example.record
    encoded = replace(example.message(), value=codec.encode(example.record))
    assert codec.decode(encoded).value == example.record


@every_example
def test_an_example_says_nothing_that_its_model_ignores(example: Example) -> None:
    said = example.record.model_dump(mode="json", exclude_unset=True)
    assert said == example.plain


@every_example
def test_an_example_fits_the_published_json_schema(example: Example) -> None:
    validator = _published(example.folder)
    encoded = json.loads(codec.encode(example.record))
    for value in (example.plain, encoded):
        assert [error.message for error in validator.iter_errors(value)] == []


@cache
def _published(folder: str) -> Draft202012Validator:
    """What judges records of the topic, by a schema that is sound itself."""
    schema = json.loads((FOLDER / f"{folder}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("example", examples(*CONTRACTS), ids=str)
def test_a_key_begins_with_the_tenant_and_holds_nothing_of_other_tenants(example: Example) -> None:
    tenant = example.plain["tenant_id"]
    assert example.key.startswith(f"{tenant}|".encode())
    assert example.message().tenant == tenant


@pytest.mark.parametrize("example", examples(*CONTRACTS), ids=str)
def test_a_record_under_another_tenants_key_is_refused(example: Example) -> None:
    _, _, rest = example.key.partition(b"|")
    refused = codec.decode(replace(example.message(), key=b"intruder|" + rest)).value
    assert getattr(refused, "reason", None) == "tenant_mismatch"


@every_example
def test_an_example_shows_no_real_person_and_no_real_place(example: Example) -> None:
    text = example.text
    assert not EMAIL.search(text)
    assert all(found.group().startswith("203.0.113.") for found in ADDRESS.finditer(_prose(text)))
    assert all(
        re.search(r"(^|\.)(example\.(com|org)|google\.com)$", host) for host in HOST.findall(text)
    )


def _prose(text: str) -> str:
    """The example without its user agents and cookies, in which numbers have dots, too."""
    return re.sub(r'"(user_agent|fbp|fbc|ga4_client_id)": "[^"]*"', "", text)


def test_the_published_json_schemas_are_those_of_the_models() -> None:
    assert drift() == []
