"""Rows of control tables become keys; what cannot be one takes no other with it."""

from typing import Any

from processors.gateway.keyring import Keyring
from tests.unit.gateway.asking import settings

ROW: dict[str, Any] = {
    "key_sha256": "aa", "tenant_id": "demo", "kind": "browser", "origins": [],
    "events_per_second": None, "burst_events": None, "events_denied": [], "dry_run": False,
    "signing_secret_encrypted": None, "expires_at": None,
}  # fmt: skip


def keyring(**overrides: Any) -> Keyring:
    """One whose vault opens what begins with `good`."""
    return Keyring(
        settings(**overrides), opened=lambda text: b"secret" if text.startswith("good") else None
    )


def test_a_key_that_is_bound_to_nothing_has_no_rules_to_be_held_against() -> None:
    key = keyring().keys([ROW])["aa"]

    assert (key.tenant, key.server, key.rules, key.bucket) == ("demo", False, None, None)


def test_a_key_that_cannot_be_checked_is_left_out_alone() -> None:
    ring = keyring()

    found = ring.keys(
        [
            ROW,
            {**ROW, "key_sha256": "bb", "signing_secret_encrypted": "another vault's"},
            {**ROW, "key_sha256": "cc", "origins": ["not an origin"]},
            {
                **ROW,
                "key_sha256": "dd",
                "signing_secret_encrypted": "good",
                "origins": ["a.example"],
            },
        ]
    )

    assert sorted(found) == ["aa", "dd"]
    assert found["dd"].rules is not None
    assert found["dd"].rules.secret == b"secret"
    assert ring.origins.names("https://a.example")


def test_a_rate_limit_outlives_a_reading_and_follows_a_change() -> None:
    ring = keyring(key_events_per_second=50)
    own = {**ROW, "key_sha256": "bb", "events_per_second": 2.0, "burst_events": 7}
    free = {**ROW, "key_sha256": "cc", "events_per_second": 0.0}

    first = ring.keys([ROW, own, free])
    again = ring.keys([ROW, own, free])
    changed = ring.keys([{**own, "events_per_second": 3.0}])

    assert (first["cc"].bucket, first["aa"].bucket) == (None, again["aa"].bucket)
    default, bucket, other = first["aa"].bucket, first["bb"].bucket, changed["bb"].bucket
    assert default is not None
    assert bucket is not None
    assert other is not None
    assert (default.rate, default.burst) == (50, 500)
    assert (bucket.rate, bucket.burst, other.rate) == (2.0, 7, 3.0)
    assert again["bb"].bucket is bucket
