"""What a process remembers of its own answers."""

from processors.credit.recent import RecentRevisions

KEY = ("acme", "c1")


def test_an_answered_revision_and_every_earlier_one_is_done() -> None:
    recent = RecentRevisions(10)
    assert not recent.is_done(KEY, 0)
    recent.remember(KEY, 5)
    assert recent.is_done(KEY, 4)
    assert recent.is_done(KEY, 5)
    assert not recent.is_done(KEY, 6)


def test_an_earlier_answer_never_takes_back_a_later_one() -> None:
    recent = RecentRevisions(10)
    recent.remember(KEY, 5)
    recent.remember(KEY, 3)
    assert recent.is_done(KEY, 5)


def test_the_longest_unused_is_forgotten_first() -> None:
    recent = RecentRevisions(2)
    for name in ("a", "b", "a", "c"):
        recent.remember(("acme", name), 1)
    assert [recent.is_done(("acme", name), 1) for name in "abc"] == [True, False, True]


def test_a_start_forgets_everything() -> None:
    recent = RecentRevisions(2)
    recent.remember(KEY, 5)
    recent.clear()
    assert not recent.is_done(KEY, 1)
