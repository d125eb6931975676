"""Consent as Google's tags tell it."""

import pytest

from processors.domain.google_consent import flags

GRANTED = dict.fromkeys(
    ("ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"), "granted"
)
DENIED = dict.fromkeys(GRANTED, "denied")


@pytest.mark.parametrize(
    ("gcs", "gcd", "said"),
    [
        ("G111", "13r3r3r2r5l1", GRANTED),
        ("G100", "13p3p3p2p5l1", DENIED),
        ("", "11t1n1v1r5", GRANTED),
        ("", "11u1m1q1p5", DENIED),
        ("G101", "", {"ad_storage": "denied", "analytics_storage": "granted"}),
        ("G110", "", {"ad_storage": "granted", "analytics_storage": "denied"}),
        ("G1--", "", {}),
        ("G1-1", "", {"analytics_storage": "granted"}),
        ("", "13l3l3l3l1", {}),
        ("", "13l3l3p3t1", {"ad_user_data": "denied", "ad_personalization": "granted"}),
        ("G101", "13r3r3r2r5l1", {**GRANTED, "ad_storage": "denied"}),
        ("", "13z3z3z3z1", {}),
        ("G2", "nonsense", {}),
        ("", "", {}),
    ],
)
def test_each_signal_says_its_flags(gcs: str, gcd: str, said: dict[str, str]) -> None:
    assert flags(gcs, gcd) == said
