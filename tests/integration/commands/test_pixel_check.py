"""`attributary pixel check` beside the server's deliveries."""

import json
from pathlib import Path

import pytest

from processors.commands import pixel_check
from processors.commands.operator import Refused
from processors.engine.postgres import Database

SENT = """
INSERT INTO deliveries (
    tenant_id, platform, event_id, kind, event_name, occurred_at, state, next_attempt_at,
    deadline_at
)
SELECT tenant, 'meta', event_id, 'event', 'Purchase', now(), state, now(), now()
FROM (VALUES ('demo', 'e-1', 'sent'), ('demo', 'e-2', 'parked'), ('other', 'e-3', 'sent'))
    AS told (tenant, event_id, state)
"""


async def test_each_event_is_told_with_how_the_servers_event_of_its_id_stands(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    db = await Database.connect(database, application_name="test", max_size=1)
    try:
        async with db.connection() as conn:
            await conn.execute("INSERT INTO tenants (tenant_id) VALUES ('demo'), ('other')")
            await conn.execute(SENT)
    finally:
        await db.close()
    url = "https://www.facebook.com/tr?id=1&ev=Purchase&cd[value]=9&cd[currency]=USD&eid="
    entries = [{"request": {"url": f"{url}e-{n}"}, "response": {"status": 200}} for n in (1, 2, 3)]
    file = tmp_path / "visit.har"
    file.write_text(json.dumps({"log": {"entries": entries}}))

    fired = await pixel_check.beside_server("demo", pixel_check.read(file))

    assert [each.server for each in fired] == ["sent", "parked", None]
    assert pixel_check.faults(fired, asked=True) == [
        "meta: Purchase: the server has no event e-3 (yet)"
    ]
    assert "id e-1, server: sent" in pixel_check.render(fired, asked=True)
    with pytest.raises(Refused, match="there is no tenant nobody"):
        await pixel_check.beside_server("nobody", fired)
