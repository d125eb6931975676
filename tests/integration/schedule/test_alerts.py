"""An alert tells each receiver once that it began and once that it is over, whatever fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from processors.client.alert import NotGenuine, opened
from processors.commands import alerts as command
from processors.commands.operator import Refused
from processors.engine.postgres import Database
from processors.engine.vault import Vault, new_key
from processors.gateway import signed_requests
from processors.platforms.reading import ReadingSettings
from processors.schedule.alerts.evaluate import evaluate
from processors.schedule.settings import ScheduleSettings
from processors.schedule.tools import Tools
from tests.support.receivers import Mail, Web, listening

START = datetime(2026, 3, 11, 12, tzinfo=UTC)
OPS = "ops@shop.example"


@dataclass
class Watch:
    """The scheduler's tools under a clock of the test's, an owner, and who is told."""

    tools: Tools
    owner: Database
    web: Web
    mail: Mail
    now: datetime = START
    secrets: dict[str, str] = field(default_factory=dict)

    async def alert(self, tenant: str, metric: str = "pixel_silence_minutes", **asked: Any) -> None:
        """An alert that tells both receivers; made at START, a pixel that never spoke is silent."""
        to = {"emails": (OPS,), "webhook": self.web.url} | asked
        made = await command.add(tenant, command.Asked(metric=metric, **to))
        self.secrets[tenant] = made.get("webhook_secret", "")
        async with self.owner.connection() as conn:
            await conn.execute("UPDATE pixel_alert_configs SET created_at = $1", START)

    async def run(self, **later: float) -> Any:
        """Evaluate so much later."""
        self.now += timedelta(**later)
        return await evaluate(self.tools, None)

    async def speak(self, tenant: str = "acme") -> None:
        """The pixel says something now."""
        async with self.owner.connection() as conn:
            await conn.execute(
                "INSERT INTO pixel_events (tenant_id, event_id, source, event_type, occurred_at,"
                " received_at, anchor, raw_data, content_hash)"
                " VALUES ($1, $2, 'events', 'PageView', $3, $3, 'a', '{}', 'h')",
                tenant, str(self.now), self.now,
            )  # fmt: skip

    async def states(self) -> list[tuple[str, str, str, int]]:
        """Of the notifications: change, channel, state and tries."""
        async with self.owner.connection() as conn:
            rows = await conn.fetch(
                "SELECT change, channel, state, attempts FROM alert_notifications"
                " ORDER BY created_at, change DESC, channel"
            )
        return [(row["change"], row["channel"], row["state"], row["attempts"]) for row in rows]

    def posted(self) -> list[Any]:
        """What the web server has had."""
        return [json.loads(post.body) for post in self.web.posts]


@pytest.fixture
async def watch(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    key, web, mail, unused = new_key(), Web(), Mail(), None
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", key)
    monkeypatch.setenv("ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", "true")
    owner = await Database.connect(database, application_name="test", max_size=2)
    db = await Database.connect(
        database, role="attributary_scheduler", application_name="test", max_size=4
    )
    made: Watch
    tools = Tools(
        db=db, producer=unused, cluster=unused, vault=Vault(key),  # type: ignore[arg-type]
        settings=ScheduleSettings.load(), reading=ReadingSettings.load(),
        clock=lambda: round(made.now.timestamp() * 1_000),
    )  # fmt: skip
    made = Watch(tools, owner, web, mail)
    async with owner.connection() as conn:
        await conn.execute("INSERT INTO tenants VALUES ('acme'), ('other')")
    try:
        async with listening(web), listening(mail):
            monkeypatch.setenv("ATTRIBUTARY_SMTP_HOST", "127.0.0.1")
            monkeypatch.setenv("ATTRIBUTARY_SMTP_PORT", str(mail.port))
            monkeypatch.setenv("ATTRIBUTARY_SMTP_SECURITY", "none")
            monkeypatch.setenv("ATTRIBUTARY_SMTP_SENDER", "alerts@shop.example")
            yield made
    finally:
        await db.close()
        await owner.close()


async def test_each_receiver_is_told_once_that_it_began_and_once_that_it_is_over(
    watch: Watch,
) -> None:
    await watch.alert("acme", cooldown_minutes=30)
    await watch.alert("other", webhook=None, threshold=10_000)
    assert (await watch.run(minutes=60))["started"] == 0, "on the threshold it is well"
    for minutes, changes in ((1, (1, 0)), (5, (0, 0)), (5, (0, 0))):
        ran = await watch.run(minutes=minutes)
        assert (ran["started"], ran["ended"]) == changes
    await watch.speak()
    assert (await watch.run(minutes=1))["ended"] == 1
    assert (await watch.run(minutes=5))["ended"] == 0

    began, over = watch.posted()
    assert (began["change"], began["value"], began["threshold"]) == ("started", 61, 60)
    assert (over["change"], over["value"], over["ended_by"]) == ("ended", 1, "recovered")
    assert began["incident_id"] == over["incident_id"]
    assert began["id"] != over["id"]
    assert (began["tenant_id"], began["alert"]) == ("acme", "pixel-silence-minutes")
    for post in watch.web.posts:
        assert post.headers[b"x-attributary-id"].decode() == json.loads(post.body)["id"]
        secret, at = watch.secrets["acme"].encode(), json.loads(post.body)
        at = datetime.fromisoformat(at["ended_at"] or at["started_at"])
        signed_requests.require(post.headers, post.body, secret, now=round(at.timestamp() * 1_000))
    first, second = watch.mail.messages
    assert (first["to"], first["from"]) == (OPS, "alerts@shop.example")
    assert first["subject"] == "acme: pixel_silence_minutes is 61, above 60"
    assert second["subject"] == "acme: pixel_silence_minutes is well again: 1"
    assert first["message-id"] != second["message-id"]
    assert "threshold: 60" in first.get_content()

    assert (await watch.run(minutes=30))["started"] == 0
    await watch.run(minutes=40)
    assert [post["change"] for post in watch.posted()] == ["started", "ended", "started"]


async def test_within_the_cooldown_a_relapse_is_not_told(watch: Watch) -> None:
    await watch.alert("acme", cooldown_minutes=180)
    await watch.run(minutes=61)
    await watch.speak()
    await watch.run(minutes=1)
    assert (await watch.run(minutes=100))["started"] == 0
    assert (await watch.run(minutes=81))["started"] == 1


async def test_a_receiver_that_fails_is_tried_again_under_the_same_id_and_in_order(
    watch: Watch,
) -> None:
    watch.web.statuses = [500, 0, 200]
    watch.mail.busy = True
    await watch.alert("acme")
    await watch.run(minutes=61)
    await watch.speak()
    await watch.run(minutes=1)
    waits = [("started", "email", "pending", 1), ("started", "webhook", "pending", 1),
             ("ended", "email", "pending", 0), ("ended", "webhook", "pending", 0)]  # fmt: skip
    assert await watch.states() == waits, "nobody hears of an end before the start"
    watch.mail.busy = False
    for _ in range(3):
        await watch.run(minutes=15)
    assert [(state, tries) for _, _, state, tries in await watch.states()] == [
        ("sent", 2), ("sent", 3), ("sent", 1), ("sent", 1),
    ]  # fmt: skip
    posts = watch.posted()
    assert [post["change"] for post in posts] == ["started"] * 3 + ["ended"]
    assert posts[0] == posts[1] == posts[2], "what is told again is the same, id and all"
    assert len({str(one["message-id"]) for one in watch.mail.messages}) == 2


async def test_a_try_whose_answer_was_lost_is_repeated_under_the_same_id(watch: Watch) -> None:
    """As when the process dies between telling and noting it."""
    await watch.alert("acme")
    await watch.run(minutes=61)
    async with watch.owner.connection() as conn:
        await conn.execute("UPDATE alert_notifications SET state = 'pending', finished_at = NULL")
    await watch.run(minutes=10)
    assert len({post["id"] for post in watch.posted()}) == 1
    assert len(watch.posted()) == 2
    assert len({str(one["message-id"]) for one in watch.mail.messages}) == 1


async def test_those_that_evaluate_at_once_make_one_change_and_tell_each_address_once(
    watch: Watch,
) -> None:
    await watch.alert("acme", emails=(OPS, "more@shop.example"))

    async def all_at_once() -> list[Any]:
        watch.now += timedelta(minutes=61)
        at = round(watch.now.timestamp() * 1_000)
        rivals = [replace(watch.tools, clock=partial(int, at + n)) for n in range(4)]
        return await asyncio.gather(*(evaluate(rival, None) for rival in rivals))

    assert sum(ran["started"] for ran in await all_at_once()) == 1
    assert (len(watch.posted()), len(watch.mail.messages)) == (1, 2)
    watch.now += timedelta(minutes=60)
    await watch.speak()
    watch.now -= timedelta(minutes=60)
    assert sum(ran["ended"] for ran in await all_at_once()) == 1
    assert (len(watch.posted()), len(watch.mail.messages)) == (2, 4)
    assert {one["to"] for one in watch.mail.messages} == {OPS, "more@shop.example"}


async def test_what_can_never_be_told_is_given_up_and_says_nothing_of_the_receiver(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.mail.refused = {OPS}
    watch.web.statuses = [410]
    await watch.alert("acme")
    await watch.run(minutes=61)
    assert [state for _, _, state, _ in await watch.states()] == ["given_up", "given_up"]
    async with watch.owner.connection() as conn:
        errors = [row["error"] for row in await conn.fetch("SELECT error FROM alert_notifications")]
    assert sorted(errors) == ["HTTP 410", "the address is refused (550)"]

    monkeypatch.setenv("ATTRIBUTARY_SMTP_HOST", "")
    monkeypatch.setenv("ATTRIBUTARY_OUTWARD_PRIVATE_TARGETS", "false")
    await watch.speak()
    await watch.run(minutes=1)
    told = [(change, channel, state) for change, channel, state, _ in await watch.states()][2:]
    assert told == [("ended", "email", "pending"), ("ended", "webhook", "given_up")]
    assert (await watch.run(days=2))["told"] == {"given_up": 2, "pending": 1}


async def test_a_secret_is_replaced_and_the_one_before_signs_beside_it_for_the_grace(
    watch: Watch,
) -> None:
    await watch.alert("acme")
    made = await command.rotate("acme", "pixel-silence-minutes", grace=timedelta(hours=9))
    assert made["webhook_secret"] != watch.secrets["acme"]
    until = datetime.fromisoformat(made["both_sign_until"])
    for now, proven in ((until - timedelta(hours=5), True), (until + timedelta(hours=2), False)):
        watch.now = now
        await watch.speak()
        await watch.run(minutes=10)
        await watch.run(minutes=61)
        *_, post = watch.web.posts
        watch.web.posts.clear()
        at = round(watch.now.timestamp() * 1_000)
        headers = {name.decode(): value.decode() for name, value in post.headers.items()}
        assert opened(headers, post.body, [made["webhook_secret"]], now=at)
        if proven:
            assert opened(headers, post.body, [watch.secrets["acme"]], now=at)
            continue
        with pytest.raises(NotGenuine):
            opened(headers, post.body, [watch.secrets["acme"]], now=at)


async def test_an_alert_is_listed_tested_and_removed_and_tells_nobody_then(watch: Watch) -> None:
    await watch.alert("acme", name="silent")
    watch.web.statuses = [500]
    await watch.run(minutes=61)
    (row,) = await command.listed("acme")
    assert (row["alert"], row["stands"][0]["value"]) == ("silent", 61)
    assert "secret" not in json.dumps(row)
    found = await command.test("acme", "silent")
    assert [(one["channel"], one["state"]) for one in found["told"]] == [
        ("email", "sent"), ("webhook", "pending"),
    ]  # fmt: skip
    assert watch.mail.messages[-1]["subject"].startswith("[test] acme: pixel_silence_minutes")
    assert command.failed(found)
    await command.remove("acme", "silent")
    assert await command.listed("acme") == []
    heard = len(watch.web.posts)
    await watch.speak()
    assert (await watch.run(minutes=30))["told"] == {}
    assert len(watch.web.posts) == heard
    assert [state for _, _, state, _ in await watch.states()] == ["sent", "given_up"]


async def test_what_cannot_be_watched_or_told_is_refused(watch: Watch) -> None:
    await watch.alert("acme", name="taken")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"metric": "luck"}, "no metric"),
        ({"platform": "meta"}, "no platform meta"),
        ({"metric": "retry_rate", "platform": "fax"}, "no platform fax"),
        ({"metric": "spend_staleness_hours", "platform": "google_ads"}, "no platform google_ads"),
        ({"window_minutes": 5}, "no window"),
        ({"emails": ("a@b.c\nBcc: d@e.f",)}, "no e-mail"),
        ({"webhook": "ftp://x.example"}, "https"),
        ({"name": "A b"}, "no name"),
        ({"threshold": float("nan")}, "a number"),
        ({"name": "taken"}, "has an alert taken"),
    ]
    for asked, why in refused:
        given = {"metric": "pixel_silence_minutes"} | asked
        with pytest.raises(Refused, match=why):
            await command.add("acme", command.Asked(**given))
