"""How long a loop that found nothing waits before it looks again."""

from processors.fanout.lull import Lull


def test_a_loop_that_finds_nothing_looks_less_and_less_often() -> None:
    lull = Lull(0.2, 1.0)
    assert [lull.wait(found=False) for _ in range(5)] == [0.2, 0.4, 0.8, 1.0, 1.0]


def test_after_something_was_found_it_looks_again_soon() -> None:
    lull = Lull(0.2, 1.0)
    for _ in range(5):
        lull.wait(found=False)
    assert [lull.wait(found=True), lull.wait(found=False)] == [0.2, 0.4]


def test_a_first_wait_above_the_most_is_kept() -> None:
    assert [Lull(3, 1).wait(found=False) for _ in range(2)] == [3, 3]
