"""A tenant's own channel rules: how a document is read, and what its conditions mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.channel_document import MOST_BYTES, parse, rule_set
from processors.domain.channel_facts import FIELDS, facts, inputs
from processors.domain.channels import resolve
from processors.domain.default_channels import DEFAULT_RULES, DEFAULTS
from tests.oracle import channels as oracle
from tests.oracle.rules import own_rules
from tests.oracle.urls import external_referrer


def ruled(touch: dict[str, str | None], *rules: dict[str, Any]) -> tuple[str, str]:
    return resolve(touch, own_host="shop.example", rules=rule_set(json.dumps(rules)))


@pytest.mark.parametrize(
    ("when", "touch"),
    [
        ({"source": "acast"}, {"utm_source": " Acast "}),
        ({"source": ["x", "aca*"]}, {"utm_source": "acast"}),
        ({"medium": "", "click_id": ["fbclid", "gclid"]}, {"gclid": "x", "ttclid": "y"}),
        ({"click_id": ""}, {"utm_source": "x"}),
        ({"campaign": "*[0-9]"}, {"utm_campaign": "Spring 26"}),
        ({"term": "shoes", "content": "*"}, {"utm_term": "Shoes", "utm_content": "a"}),
        ({"referrer": "example.net"}, {"referrer": "https://blog.example.net/x"}),
        ({"referrer_kind": "unknown"}, {"referrer": "https://blog.example.net/x"}),
        ({"referrer_kind": "search"}, {"referrer": "https://www.google.de/"}),
        ({"ref": "mia*"}, {"ref": "MIA10"}),
        ({"creator": "*"}, {"creator": "leo"}),
        ({"landing_host": "shop.example"}, {"url": "https://www.shop.example/a"}),
        ({"landing_path": "/lp/*"}, {"url": "https://shop.example/LP/one?x=y"}),
        ({"landing_path": "/"}, {"url": "https://shop.example?x=y"}),
        ({"source_kind": "email", "kind": "email"}, {"utm_source": "klaviyo"}),
        ({"click_kind": "social"}, {"fbclid": "x"}),
        ({"sent_channel": ""}, {"gclid": "x"}),
    ],
)
def test_a_condition_holds(when: dict[str, Any], touch: dict[str, str | None]) -> None:
    assert ruled(touch, {"when": when, "channel": "ours", "platform": "us"}) == ("ours", "us")


@pytest.mark.parametrize(
    ("when", "touch"),
    [
        ({"source": "acast", "medium": "audio"}, {"utm_source": "acast"}),
        ({"source": "*"}, {"utm_source": "(direct)"}),
        ({"medium": "email"}, {"utm_medium": "e.mail"}),
        ({"referrer": "example.net"}, {"referrer": "https://badexample.net/x"}),
        ({"referrer": "*"}, {"referrer": "https://www.shop.example/cart"}),
        ({"landing_path": "/lp"}, {"url": "https://shop.example/lp/one"}),
    ],
)
def test_a_condition_does_not_hold(when: dict[str, Any], touch: dict[str, str | None]) -> None:
    assert ruled(touch, {"when": when, "channel": "ours"}) == ruled(touch)


def test_the_first_rule_that_holds_decides_and_the_defaults_come_last() -> None:
    first = {"when": {"medium": "cpc"}, "channel": "first"}
    second = {"when": {"source": "google"}, "channel": "second", "platform": "two"}
    assert ruled({"utm_medium": "cpc", "utm_source": "google"}, first, second)[0] == "first"
    assert ruled({"utm_source": "google"}, first, second) == ("second", "two")
    assert ruled({"utm_source": "bing"}, first, second) == ("organic_search", "microsoft")


def test_a_platform_that_is_not_named_is_found() -> None:
    rule = {"when": {"campaign": "x"}, "channel": "ours"}
    said: dict[str, str | None] = {"utm_campaign": "x", "fbclid": "y"}
    google = {"referrer": "https://www.google.com/"}
    assert ruled(said, rule) == ("ours", "meta")
    assert ruled({**said, **google}, {**rule, "platform": "@referrer"}) == ("ours", "google")
    assert ruled({"utm_campaign": "x", **google}, rule) == ("ours", "google")
    assert ruled({"utm_campaign": "x", "utm_source": "?", **google}, rule) == ("ours", "other")
    assert ruled(said, {**rule, "channel": "affiliate"}) == ("affiliate", "affiliate")


def test_what_the_server_set_wins_over_a_tenants_rule() -> None:
    rule = {"when": {"medium": "cpc"}, "channel": "ours", "platform": "us"}
    assert ruled({"utm_medium": "cpc", "channel": "podcast"}, rule) == ("podcast", "us")
    assert ruled({"utm_medium": "cpc", "platform": "acast"}, rule) == ("ours", "acast")


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "no JSON"),
        ("{}", "must be a list"),
        ("[1]", "rule 1 must be an object"),
        ('[{"channel": "a"}]', "rule 1, when: must be an object"),
        ('[{"when": {}, "channel": "a"}]', "rule 1, when: must be an object with at least"),
        ('[{"name": "p", "when": {"mediun": "x"}, "channel": "a"}]', "rule 1 (p), when.mediun: no"),
        ('[{"when": {"medium": ["x", 1]}, "channel": "a"}]', "rule 1, when.medium: must be a text"),
        ('[{"when": {"medium": []}, "channel": "a"}]', "rule 1, when.medium: an empty list"),
        ('[{"when": {"medium": "x"}}]', "rule 1, channel: must be"),
        ('[{"when": {"medium": "x"}, "channel": "Up"}]', "rule 1, channel: must be"),
        ('[{"when": {"medium": "x"}, "channel": "unattributed"}]', "rule 1, channel: unattr"),
        ('[{"when": {"medium": "x"}, "channel": "a", "platform": "@x"}]', "rule 1, platform: must"),
        ('[{"when": {"medium": "x"}, "channel": "a", "platfrom": "x"}]', "rule 1, platfrom: no"),
        ('[{"name": 1, "when": {"medium": "x"}, "channel": "a"}]', "rule 1, name: must"),
        (json.dumps([{"when": {"medium": "x"}, "channel": "a"}] * 201), "more than 200 rules"),
        (json.dumps([{"when": {"medium": "x" * 257}, "channel": "a"}]), "rule 1, when.medium"),
        (json.dumps([{"when": {"term": ["a*"] * 300}, "channel": "a"}] * 2), "rule 2, when: more"),
        (json.dumps(["x" * MOST_BYTES]), "longer than"),
        ("[" * 30_000, "no JSON"),
    ],
)
def test_a_document_that_cannot_be_used_is_told_by_rule_and_field(
    document: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        parse(document)
    assert str(refusal.value).startswith(complaint)
    assert rule_set(document) is DEFAULTS


def test_the_version_is_that_of_the_document_alone() -> None:
    document = '[{"when": {"medium": "x"}, "channel": "a"}]'
    assert rule_set(document).version == rule_set(document).version != DEFAULTS.version
    assert rule_set(document).version != rule_set(document + " ").version
    assert rule_set("") is rule_set("[]") is DEFAULTS


_TEXTS = st.none() | st.sampled_from(["", "cpc", "email", "a", "facebook", "bing.com", "(none)"])
_TOUCHES = st.fixed_dictionaries(
    dict.fromkeys(("utm_source", "utm_medium", "utm_campaign", "utm_term"), _TEXTS),
    optional=dict.fromkeys(("gclid", "fbclid", "ref", "creator", "channel", "platform"), _TEXTS)
    | {
        "referrer": st.sampled_from(["https://www.google.com/", "https://x.example.net/"]),
        "url": st.sampled_from(["https://www.shop.example/lp/x", "https://shop.example"]),
    },
)
_CONDITION = st.sampled_from(
    ["", "*", "cpc", "e*", "*a*", "facebook", "google.com", "example.net", "/lp/*", "unknown"]
)
_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "when": st.dictionaries(
                st.sampled_from(sorted(FIELDS)), st.lists(_CONDITION, min_size=1), min_size=1
            ),
            "channel": st.sampled_from(["ours", "affiliate", "direct"]),
        },
        optional={"platform": st.sampled_from(["us", "none", "@click", "@referrer", "@found"])},
    ),
    max_size=4,
)


@given(_TOUCHES, _RULES)
def test_the_engine_and_the_oracle_agree_on_any_rules(
    touch: dict[str, str | None], rules: list[dict[str, Any]]
) -> None:
    document = json.dumps(rules)
    url, referrer = touch.get("url"), touch.get("referrer")
    came_from = external_referrer({"browser": {"url": url, "referrer": referrer}})
    expected = oracle.resolve(touch, came_from, url=url or "", own=own_rules(document))
    assert resolve(touch, own_host=None, rules=rule_set(document)) == expected


@given(_TOUCHES)
def test_an_explanation_ends_with_the_rule_that_decides(touch: dict[str, str | None]) -> None:
    said = inputs(touch, own_host=None)
    *others, last = DEFAULTS.explain(said)
    assert not last.failed
    assert all(tried.failed for tried in others)
    assert DEFAULTS.rules[DEFAULTS.decide(said).place] is last.rule
    assert set(facts(said)) == set(FIELDS)


def test_every_default_rule_decides_something_and_asks_what_exists() -> None:
    assert {name for rule in DEFAULT_RULES for name in rule.when} <= FIELDS.keys()
    assert DEFAULT_RULES[-1].when == {}
