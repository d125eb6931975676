"""Things are numbered in the order in which they first appear."""

from processors.domain.numbered import Numbered


def test_a_thing_keeps_its_number_and_a_new_one_gets_the_next() -> None:
    numbered = Numbered[str]()
    assert numbered.of(["b", "a", "b"]).tolist() == [0, 1, 0]
    assert numbered["c"] == 2
    assert numbered.of([]).tolist() == []
    assert list(numbered) == ["b", "a", "c"]
