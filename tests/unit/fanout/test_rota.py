"""Whose turn it is: nobody is passed over, and nobody is looked at twice for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from processors.fanout.handle import Batch, Turn, Waiting, batches
from processors.fanout.rota import Rota, Window
from tests.unit.fanout.deliveries import delivery, waiting

PER_TENANT, READ_AT_ONCE = 3, 8


class Shop:
    """A queue in memory, read as the sender reads the real one."""

    def __init__(self, waiting_rows: dict[str, int]) -> None:
        self.rows = {
            name: [waiting(one=delivery(f"{name}-{n}", name)) for n in range(count)]
            for name, count in waiting_rows.items()
            if count
        }

    def window(self, rota: Rota, size: int) -> Window:
        later = [name for name in sorted(self.rows) if name > rota.after][:size]
        return Window(later, is_end=len(later) < size)

    def read(self, turns: list[Turn]) -> list[Waiting]:
        found = [row for turn in turns for row in self.rows.get(turn.tenant_id, [])[:PER_TENANT]]
        return found[:READ_AT_ONCE]

    def take(self, chosen: list[Batch]) -> None:
        for batch in chosen:
            for row in batch.rows:
                self.rows[batch.tenant_id].remove(row)
            if not self.rows[batch.tenant_id]:
                del self.rows[batch.tenant_id]


def look(shop: Shop, rota: Rota, window: Window, *, room: int, most: int) -> tuple[list[str], bool]:
    turns = [Turn(name, room) for name in window.names]
    read = shop.read(turns)
    chosen = batches(read, turns, group=lambda d: d.event_id, batch_limit=1, most=most)
    look_on = rota.passed(
        window, turns, chosen, read=read, good=read, per_tenant=PER_TENANT, most=READ_AT_ONCE
    )
    shop.take(chosen)
    return [batch.tenant_id for batch in chosen], look_on


TENANTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 7), max_size=12)


@given(TENANTS, st.integers(1, 5), st.integers(1, 4), st.integers(1, 9), st.booleans())
def test_everything_is_sent_before_anybody_rests(
    counts: dict[str, int], size: int, room: int, most: int, all_at_once: bool
) -> None:
    shop, rota, sent, ended = Shop(counts), Rota(), 0, 0
    look_on = True
    for _ in range(500):
        window = rota.all_of(counts) if all_at_once else shop.window(rota, size)
        served, look_on = look(shop, rota, window, room=room, most=most)
        sent, ended = sent + len(served), ended + len(served)
        if not look_on:
            # The end of a request wakes whoever rests.
            if not ended:
                break
            ended = 0
    assert (sent, shop.rows, look_on) == (sum(counts.values()), {}, False)


@given(st.integers(1, 20), st.integers(1, 6))
def test_where_there_is_room_for_few_everybody_has_a_turn_before_anybody_has_two(
    tenants: int, most: int
) -> None:
    names = [f"t{n:02d}" for n in range(tenants)]
    shop, rota = Shop(dict.fromkeys(names, 9)), Rota()
    served: list[str] = []
    while len(served) < tenants:
        now, _ = look(shop, rota, rota.all_of(names), room=1, most=most)
        served += now
    assert sorted(set(served)) == names
    assert len(served) < tenants + most


def test_an_empty_queue_lets_the_sender_rest() -> None:
    rota = Rota()
    assert look(Shop({}), rota, Window([], is_end=True), room=1, most=1) == ([], False)
    assert rota.after == ""
