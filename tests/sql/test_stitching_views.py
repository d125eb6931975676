"""The views of the identity graph, on a graph made by hand: a joined pair, a cut one, a shared id,
and an edge whose component is still to be computed."""

import asyncpg
import pytest

GRAPH = """
INSERT INTO tenants VALUES ('acme'), ('other');
INSERT INTO tenant_settings VALUES ('acme', 'identity_fan_in_cap', '2', 1, 'k');
INSERT INTO identity_nodes VALUES
    ('acme', 'customer:c', 'customer:c', false), ('acme', 'visitor:a', 'customer:c', false),
    ('acme', 'visitor:b', 'visitor:b', false), ('acme', 'visitor:new', 'visitor:new', false),
    ('acme', 'device:kiosk', 'device:kiosk', true), ('other', 'visitor:a', 'visitor:a', false);
INSERT INTO identity_edges VALUES
    ('acme', 'customer:c', 'visitor:a', 'orders.v1 api/1 of may', true),
    ('acme', 'customer:c', 'visitor:b', 'touchpoints.v1 t-1', true),
    ('acme', 'customer:c', 'visitor:new', 'touchpoints.v1 t-2', false),
    ('acme', 'device:kiosk', 'visitor:a', 'touchpoints.v1 t-3', true),
    ('acme', 'device:kiosk', 'visitor:b', 'touchpoints.v1 t-4', true),
    ('acme', 'customer:c', 'device:kiosk', 'touchpoints.v1 t-5', true);
INSERT INTO identity_unlinks VALUES
    ('acme', 'customer:c', 'visitor:b', false, 1, 'k'),
    ('acme', 'device:kiosk', 'visitor:b', false, 1, 'k'),
    ('acme', 'customer:c', 'visitor:a', true, 1, 'k');
"""


@pytest.fixture
async def graph(database: str) -> str:
    conn = await asyncpg.connect(database)
    try:
        await conn.execute(GRAPH)
    finally:
        await conn.close()
    return database


async def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(query)]
    finally:
        await conn.close()


async def test_every_edge_says_what_became_of_it_to_each_of_its_people(graph: str) -> None:
    query = (
        "SELECT a, b, reason_topic, reason_event_id, state FROM identity_joins"
        " WHERE tenant_id = 'acme' AND person_id = 'customer:c' ORDER BY a, b"
    )
    assert await rows(graph, query) == [
        ("customer:c", "device:kiosk", "touchpoints.v1", "t-5", "quarantined_b"),
        ("customer:c", "visitor:a", "orders.v1", "api/1 of may", "joined"),
        ("customer:c", "visitor:b", "touchpoints.v1", "t-1", "unlinked"),
        ("customer:c", "visitor:new", "touchpoints.v1", "t-2", "pending"),
        ("device:kiosk", "visitor:a", "touchpoints.v1", "t-3", "quarantined_a"),
    ]
    query = "SELECT count(*) FROM identity_joins WHERE state = 'joined'"
    assert await rows(graph, query) == [(1,)]
    query = "SELECT person_id, other_person_id FROM identity_joins WHERE b = 'visitor:new'"
    assert sorted(await rows(graph, query)) == [
        ("customer:c", "visitor:new"), ("visitor:new", "customer:c"),
    ]  # fmt: skip


async def test_a_person_is_counted_by_kind_and_by_what_belongs_to_it(graph: str) -> None:
    query = (
        "SELECT person_id, ids, customers, visitors, touches, conversions, quarantined_ids,"
        " is_quarantined FROM identity_people WHERE tenant_id = 'acme' ORDER BY person_id"
    )
    assert await rows(graph, query) == [
        ("customer:c", 2, 1, 1, 0, 0, 1, False),
        ("device:kiosk", 1, 0, 0, 0, 0, 0, True),
        ("visitor:b", 1, 0, 1, 0, 0, 0, False),
        ("visitor:new", 1, 0, 1, 0, 0, 0, False),
    ]


async def test_a_shared_id_tells_its_neighbours_and_whom_it_would_have_joined(graph: str) -> None:
    query = "SELECT node, kind, value, neighbours, cap, would_join, people FROM identity_quarantine"
    assert await rows(graph, query) == [("device:kiosk", "device", "kiosk", 3, 2, 2, 1)]
