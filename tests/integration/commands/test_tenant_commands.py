"""What operators set for a tenant goes by the log, and what holds is told with its history."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import sql
from processors.commands import channel, suppression, tenant_settings, tenants
from processors.commands.operator import Refused
from processors.domain.hashing import email_hash
from processors.engine import vault
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from processors.schedule import store
from tests.integration.commands.accounts import Accounts
from tests.support.pipeline import Pipeline
from tests.support.servers import KafkaServer

RULES = json.dumps([{"name": "ours", "when": {"source": "acast"}, "channel": "podcast"}])
URL = "https://shop.example/?utm_source=acast"


@pytest.fixture
async def pipeline(
    accounts: Accounts,
    kafka_server: KafkaServer,
    database: str,
    topic_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Pipeline]:
    """Identity on the database; the operator's environment is that of the test."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka_server.bootstrap)
    monkeypatch.setenv("ATTRIBUTARY_ENGINE_TOPIC_PREFIX", topic_prefix)
    await tenants.add("acme")
    db = await Database.connect(
        database, role="attributary_processor", application_name="commands", max_size=4
    )
    yield Pipeline(db)
    await db.close()


async def apply(pipeline: Pipeline, accounts: Accounts) -> None:
    """Identity reads what is on the log of commands."""
    messages = [m async for m in accounts.cluster.read_topic("commands.v1")]
    await pipeline.replica("identity").cycle.run(messages)


async def test_channel_rules_come_from_a_file_hold_and_are_cleared(
    pipeline: Pipeline, accounts: Accounts, tmp_path: Path
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(f"\ufeff{RULES}\n")
    await tenants.set_values("acme", {"channel_rules": f"@{file}", "lookback_days": "90"})
    await apply(pipeline, accounts)

    found = await tenant_settings.standing("acme")
    values = {setting.key: setting for setting in found.settings}
    assert values["channel_rules"].value == RULES
    assert values["lookback_days"].value == 90
    assert values["lookback_days"].set_at is not None
    assert values["half_life_days"].set_at is None
    assert [(c.key, c.value) for c in found.history] == [
        ("channel_rules", RULES), ("lookback_days", "90"),
    ]  # fmt: skip
    text = tenant_settings.render(found, history=True)
    assert found.version in text
    assert "lookback_days = 90" in text

    rules = await channel.rules_of("acme")
    decision = channel.decide(URL, referrer=None, sent={}, rules=rules)
    assert (decision.channel, decision.platform) == ("podcast", "other")
    assert channel.as_json(decision)["decided_by"] == "ours"
    assert "YES, decides" in channel.render(decision)

    # The drain waits for the touches to be resolved again.
    async with accounts.db.connection() as conn:
        assert await conn.fetchval(sql.load("operations")["unfinished"]) == 1

    await tenants.set_values("acme", {"channel_rules": ""})
    await apply(pipeline, accounts)
    after = await tenant_settings.standing("acme")
    assert after.version != found.version
    assert len(after.history) == 3
    decision = channel.decide(URL, referrer=None, sent={}, rules=await channel.rules_of("acme"))
    assert decision.channel == "other"


async def test_a_model_of_ones_own_comes_from_a_file_and_is_taken_away_again(
    pipeline: Pipeline, accounts: Accounts, tmp_path: Path
) -> None:
    file = tmp_path / "model.json"
    file.write_text('{"views": 0.5}\n')
    await tenants.set_values("acme", {"custom_model": f"@{file}"})
    await apply(pipeline, accounts)
    found = await tenant_settings.standing("acme")
    values = {setting.key: setting.value for setting in found.settings}
    assert values["custom_model"] == '{"views": 0.5}'
    assert values["enabled_models"][-1] == "custom"

    await tenants.set_values("acme", {"custom_model": ""})
    await apply(pipeline, accounts)
    after = await tenant_settings.standing("acme")
    values = {setting.key: setting.value for setting in after.settings}
    assert values["custom_model"] is None
    assert "custom" not in values["enabled_models"]
    assert after.version != found.version


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("channel_rules", '[{"name": "a", "when": {"x": "y"}, "channel": "b"}]',
         r"channel_rules: rule 1 \(a\), when.x: no such condition"),
        ("channel_rules", "@/nowhere/rules.json", "channel_rules: /nowhere/r.* cannot"),
        ("custom_model", '{"position": {"half_life_days": 0}}',
         "custom_model: position.half_life_days: must be a number above 0"),
        ("custom_model", "@/nowhere/model.json", "custom_model: /nowhere/m.* cannot"),
        ("enabled_windows", "7d,9d", "enabled_windows: '9d' is no window"),
        ("enabled_models", "linear,best", "enabled_models: 'best' is no model"),
        ("lookback_days", "366", "lookback_days=366"),
        ("fairing_bridge_enabled", "yes", "fairing_bridge_enabled=yes"),
        ("meta_ad_account_id", "act_", "meta_ad_account_id: .* digits"),
        ("meta_ad_account_id", "12a", "meta_ad_account_id: .* digits"),
        ("meta_enabled", "off", "meta_enabled=off: must be true or false"),
        ("ga4_enabled", "true", "ga4_enabled: ga4 is not connected"),
    ],
)  # fmt: skip
async def test_a_value_that_cannot_be_used_is_refused_by_name(
    pipeline: Pipeline, key: str, value: str, complaint: str
) -> None:
    with pytest.raises(Refused, match=complaint):
        await tenants.set_values("acme", {"half_life_days": "3", key: value})
    assert (await tenant_settings.standing("acme")).history == ()


async def test_an_ad_account_alone_is_read_and_nothing_is_sent_to_it(
    pipeline: Pipeline, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", vault.new_key())

    async def connection() -> tuple[str, bool]:
        async with accounts.db.connection() as conn:
            row = await conn.fetchrow(
                "SELECT account_id, enabled FROM platform_connections WHERE tenant_id = 'acme'"
            )
        assert row is not None
        return row["account_id"], row["enabled"]

    known = {"meta_ad_account_id": "act_123", "meta_access_token": "synthetic"}
    await tenants.set_values("acme", known)
    assert await connection() == ("", False)
    (account,) = await store.accounts(accounts.db, Vault.from_environment(), "meta", "acme")
    assert account.credentials == {"ad_account_id": "123", "access_token": "synthetic"}
    await tenants.set_values("acme", {"meta_pixel_id": "987"})
    assert await connection() == ("987", True)
    await tenants.set_values("acme", {"meta_ad_account_id": "124"})
    assert await connection() == ("987", True)


async def test_a_platform_is_switched_off_and_on_and_keeps_its_credentials(
    pipeline: Pipeline, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", vault.new_key())

    async def enabled() -> dict[str, bool]:
        query = "SELECT platform, enabled FROM platform_connections"
        async with accounts.db.connection() as conn:
            return {row["platform"]: row["enabled"] for row in await conn.fetch(query)}

    ga4 = {"ga4_measurement_id": "G-1", "ga4_api_secret": "synthetic"}
    await tenants.set_values("acme", {**ga4, "meta_pixel_id": "1", "meta_access_token": "t"})
    await tenants.set_values("acme", {"ga4_enabled": "false"})
    assert await enabled() == {"ga4": False, "meta": True}
    # A new secret is no reason to send again.
    await tenants.set_values("acme", {"ga4_api_secret": "another"})
    assert await enabled() == {"ga4": False, "meta": True}
    await tenants.set_values("acme", {"ga4_enabled": "true"})
    assert await enabled() == {"ga4": True, "meta": True}
    (account,) = await store.accounts(accounts.db, Vault.from_environment(), "ga4", "acme")
    assert account.credentials == {"api_secret": "another"}


async def test_an_influencer_is_a_command_of_the_log(
    pipeline: Pipeline, accounts: Accounts
) -> None:
    told = {"name": "Mia & Co", "discount_codes": ("MIA",), "commission_rate": "0.1"}
    assert await tenants.influencer("acme", told) == "mia-co"
    await apply(pipeline, accounts)
    async with accounts.db.connection() as conn:
        row = await conn.fetchrow("SELECT * FROM attribution_influencers")
    assert row is not None
    assert (row["influencer_id"], row["name"], row["discount_codes"]) == (
        "mia-co", "Mia & Co", ["MIA"],
    )  # fmt: skip
    for wrong, complaint in (
        ({"name": "&"}, "letter or a digit"),
        ({"name": "A", "commission_rate": "1.5"}, "commission_rate"),
        ({"name": "A", "discount_codes": ("",)}, "discount_codes.0"),
    ):
        with pytest.raises(Refused, match=complaint):
            await tenants.influencer("acme", wrong)


async def test_a_tenant_that_is_not_there_is_told_so(
    pipeline: Pipeline, accounts: Accounts
) -> None:
    with pytest.raises(Refused, match="no tenant nobody"):
        await tenant_settings.standing("nobody")
    with pytest.raises(Refused, match="no tenant nobody"):
        await channel.rules_of("nobody")


def test_a_field_that_a_touch_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="utm_medum is no field"):
        channel.decide(URL, referrer=None, sent={"utm_medum": "x"})


async def test_people_are_suppressed_and_released_by_id_and_no_clear_detail_is_kept(
    pipeline: Pipeline, accounts: Accounts, tmp_path: Path
) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("customer:c-1\n\nemail: Mary@Shop.example \n")
    digest = email_hash("mary@shop.example")
    held = await suppression.suppress("acme", [f"@{file}", "visitor:v"], reason="by letter")
    assert held == ["customer:c-1", f"email:{digest}", "visitor:v"]
    await apply(pipeline, accounts)
    assert {one.id for one in await suppression.listed("acme")} == set(held)

    await suppression.suppress("acme", ["email:mary@shop.example"], suppressed=False)
    await apply(pipeline, accounts)
    assert {one.id for one in await suppression.listed("acme")} == {"customer:c-1", "visitor:v"}

    messages = [m async for m in accounts.cluster.read_topic("commands.v1")]
    async with pipeline.db.connection() as conn:
        kept = await conn.fetchval("SELECT string_agg(node, ' ') FROM consent_flags")
    assert "mary" not in (kept + str([m.value for m in messages])).lower()
    assert b"by letter" in (messages[0].value or b"") + (messages[1].value or b"")


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (["mary"], "'mary' is no id"),
        (["email:nobody"], "give an address"),
        ([], "give an id"),
        (["@/nowhere/at/all"], "cannot be read"),
    ],
)
async def test_an_id_that_is_none_suppresses_nobody(ids: list[str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        await suppression.suppress("acme", ids)


@pytest.mark.parametrize(
    "setting",
    ["ip_policy=hashed", "gpc=yes", "dnt=1", "bot_policy=drop", "id_cookie=on",
     "id_cookie_domains=https://shop.example", "id_cookie_domains=localhost",
     "anonymous_visitors=true"],
)  # fmt: skip
def test_a_privacy_setting_that_means_nothing_is_refused_by_name(setting: str) -> None:
    name, value = setting.split("=", 1)
    with pytest.raises(Refused, match=name):
        tenants.checked({name: value})


def test_domains_of_the_cookie_are_a_list() -> None:
    values = {"id_cookie_domains": "shop.example,b.shop.example"}
    assert tenants.checked(values) == values
