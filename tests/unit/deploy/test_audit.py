"""The audit of dependencies: what it refuses, and what it says when nobody answers."""

from deploy import audit

PINNED = "a==1.0 \\\n    --hash=sha256:00\nb[c]==2 ; python_version < '4' \\\n    --hash=sha256:00"


def test_every_lock_is_pinned_by_hash() -> None:
    assert [lock for lock in audit.LOCKS if audit.unpinned(lock.read_text())] == []
    assert len(audit.pins(audit.RUNS)) > 30


def test_a_range_and_a_version_without_a_hash_are_no_pins() -> None:
    assert audit.unpinned(PINNED) == []
    assert audit.unpinned(f"{PINNED}\nd>=3 \\\n    --hash=sha256:00\ne==4\n") == ["d>=3 \\", "e==4"]


def test_what_runs_has_a_licence_that_is_allowed() -> None:
    assert list(audit.unlicensed()) == []


def test_a_licence_is_read_from_an_expression_else_classifiers_else_text() -> None:
    old = ["License :: OSI Approved :: MIT License", "Topic :: Internet"]
    new = {"License-Expression": ["(MIT OR Apache-2.0) AND 0BSD"], "Classifier": old}
    assert audit.licences(new) == {"MIT", "Apache-2.0", "0BSD"}
    assert audit.licences({"Classifier": old, "License": ["GPL"]}) == {"MIT"}
    assert audit.licences({"License": ["GPL-3.0-only"]}) - audit.ALLOWED == {"GPL-3.0-only"}
    assert audit.licences({}) == set()


def test_a_known_weakness_is_told_and_silence_is_counted() -> None:
    weak = {"id": "CVE-1", "fix_versions": ["1.1"]}
    rows = [
        {"name": "a", "version": "1.0", "vulns": [weak]},
        {"name": "b", "version": "2", "vulns": []},
        {"name": "c", "skip_reason": "not found"},
    ]
    assert audit.weaknesses({"dependencies": rows}) == (["a 1.0: CVE-1, mended in 1.1"], 1)
