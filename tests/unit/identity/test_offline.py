"""Rows of uploads: the first to bring a content owns it, whatever the order of arrival."""

import itertools
from typing import Any

from processors.engine.outcome import APPLIED, DUPLICATE
from processors.identity.commands import Commands
from processors.identity.handle import gather
from schemas.command import SetOfflineBatch
from schemas.order import Batch, Order
from tests.unit.identity.builders import NOON, TENANT, batch, command, order


def row(number: int, batch_id: str = "b", *, content: str = "h", at: int = NOON) -> Order:
    place = Batch(batch_id=batch_id, row=number, platform="meta", upload_type="conversions")
    return order(content, source="offline", received_at=at, batch=place)


def report(status: Any = "completed") -> SetOfflineBatch:
    return SetOfflineBatch(
        batch_id="b", batch_name="B", upload_type="conversions", status=status, created_at=NOON
    )


def test_a_content_belongs_to_the_row_that_came_first_in_any_order() -> None:
    rows = [row(2, "a", at=NOON + 1), row(1, "b"), row(2, "b"), row(1, "c", at=NOON + 1)]
    for arrived in itertools.permutations(rows):
        facts = gather(batch(*arrived))
        assert list(facts.offline.firsts.values()) == [(NOON, "b", 1)]
        assert len(facts.offline.rows) == 4


def test_a_row_that_is_sent_again_is_one_and_keeps_its_first_receipt() -> None:
    for arrived in itertools.permutations([row(1), row(1, at=NOON - 5), row(1, at=NOON + 5)]):
        facts = gather(batch(*arrived))
        (found,) = facts.offline.rows.values()
        assert (found.tenant_id, found.row_number, found.received_at) == (TENANT, 1, NOON - 5)
        assert sorted(map(repr, facts.outcomes)) == sorted(map(repr, [APPLIED, *[DUPLICATE] * 2]))


def test_the_version_of_an_order_does_not_say_which_upload_brought_it() -> None:
    versions = [gather(batch(row(1, name))).versions for name in ("a", "b")]
    assert versions[0] == versions[1]
    assert '"batch"' not in next(iter(versions[0].values())).snapshot


def test_an_order_that_came_alone_is_in_no_batch() -> None:
    assert not gather(batch(order())).offline.rows


def test_every_report_of_a_batch_is_kept() -> None:
    commands = Commands()
    said = [command(report("processing"), command_id="k-1"), command(report(), command_id="k-2")]
    assert [commands.add(n, record) for n, record in enumerate(said)] == [APPLIED, APPLIED]
    assert commands.add(2, said[0]) == DUPLICATE
    assert {key[2] for key in commands.batches} == {"k-1", "k-2"}
    assert commands
