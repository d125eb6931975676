"""Keys and logins as an operator makes, changes and ends them."""

import asyncio
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from processors.__main__ import app
from processors.commands import doctor, keys, rebuild, tenants, users
from processors.commands.key_terms import Terms
from processors.commands.operator import Refused
from processors.engine import passwords, vault
from processors.engine.postgres import Database
from processors.engine.vault import Vault
from tests.support.databases import Databases


@pytest.fixture
async def dsn(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with two tenants; the operator's environment is that of the test."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("ATTRIBUTARY_VAULT_KEY", vault.new_key())
    await tenants.add("acme")
    await tenants.add("other")
    return database


async def rows(dsn: str, query: str) -> list[dict[str, Any]]:
    """What a query finds."""
    db = await Database.connect(dsn, application_name="test", max_size=1)
    try:
        async with db.connection() as conn:
            return [dict(row.items()) for row in await conn.fetch(query)]
    finally:
        await db.close()


async def run(*arguments: str, text: str = "") -> Any:
    """The command line; what it printed, read as JSON."""
    result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--json"], input=text)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.output)


async def test_a_key_is_shown_once_and_its_terms_whenever_asked(dsn: str) -> None:
    made = await run(
        "key", "add", "acme", "--kind", "browser", "--label", "shop", "--origin", "Shop.example",
        "--origin", "*.shop.example", "--expires", "90d", "--rate", "50", "--burst", "200",
        "--deny", "noise",
    )  # fmt: skip
    found = {key["label"]: key for key in await run("key", "list", "acme")}
    digest = hashlib.sha256(made["api_key"].encode()).hexdigest()

    assert sorted(found) == ["first", "shop"]
    shop = found["shop"]
    assert digest.startswith(shop["key_id"])
    assert shop["origins"] == ["https://*.shop.example", "https://shop.example"]
    assert (shop["events_per_second"], shop["burst_events"]) == (50, 200)
    assert (shop["events_denied"], shop["warning"]) == (["noise"], "")
    [stored] = await rows(dsn, f"SELECT * FROM api_keys WHERE key_sha256 = '{digest}'")
    assert stored["expires_at"] - stored["created_at"] > timedelta(days=89)
    assert made["api_key"] not in str(await rows(dsn, "SELECT * FROM api_keys, audit_log"))


async def test_a_change_leaves_what_it_does_not_name(dsn: str) -> None:
    await keys.add("acme", Terms(kind="browser", label="shop", events_denied=("noise",)))
    before = (await keys.listed("acme"))[1]

    await run("key", "set", "acme", "shop", "--origin", "shop.example", "--dry-run")
    await run("key", "set", "acme", "shop", "--rate", "5", "--no-dry-run")
    after = (await keys.listed("acme"))[1]

    assert "any page" in before.warning
    assert after.terms == Terms(
        kind="browser", label="shop", events_denied=("noise",),
        origins=("https://shop.example",), events_per_second=5,
    )  # fmt: skip


async def test_a_rotated_key_has_its_grace_and_its_successor_its_terms(dsn: str) -> None:
    first = await keys.add("acme", Terms(label="till", signed=True, events_per_second=3))
    second = await keys.rotate("acme", "till", grace=timedelta(hours=1))
    old, new = (await keys.listed("acme"))[1:]

    assert (old.key_id, new.key_id) == (first.key_id, second.key_id)
    assert new.terms == Terms(label="till", signed=True, events_per_second=3)
    assert old.terms.expires_at is not None
    assert old.rotated_at is not None
    assert old.terms.expires_at - old.rotated_at == timedelta(hours=1)
    assert second.signing_secret not in (None, first.signing_secret)
    sealed = await rows(
        dsn, "SELECT signing_secret_encrypted AS s FROM api_keys ORDER BY created_at"
    )
    assert Vault.from_environment().decrypt(sealed[-1]["s"]) == second.signing_secret
    with pytest.raises(Refused, match="already"):
        await keys.rotate("acme", first.key_id, grace=timedelta())

    third = await keys.rotate("acme", "till", grace=timedelta())
    assert [key.key_id for key in await keys.listed("acme")][1:] == [first.key_id, third.key_id]


async def test_a_key_is_ended_by_its_name_and_only_by_one_name(dsn: str) -> None:
    one = await keys.add("acme", Terms(label="twin"))
    await keys.add("acme", Terms(label="twin"))
    with pytest.raises(Refused, match="name one by its id"):
        await keys.revoke("acme", "twin")
    with pytest.raises(Refused, match="there is no key"):
        await keys.revoke("other", one.key_id)

    assert (await run("key", "revoke", "acme", one.key_id))["revoked"] == one.key_id
    left = [key["key_id"] for key in await run("key", "list", "acme")]
    assert one.key_id not in left
    assert len(left) == 2
    ended = [key for key in await run("key", "list", "acme", "--all") if not key["good"]]
    assert [key["key_id"] for key in ended] == [one.key_id]
    assert await keys.revoke_labelled("acme", "twin") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--origin", "shop.example"], "origin"),
        (["--kind", "browser", "--signed"], "signed"),
        (["--kind", "other"], "browser key"),
        (["--kind", "browser", "--origin", "https://a/b"], "origin"),
        (["--expires", "2020-01-01"], "expires"),
        (["--expires", "soon"], "expires"),
        (["--burst", "5"], "burst"),
        (["--rate", "0.0001"], "rate"),
        (["--deny", " "], "deny"),
    ],
)
async def test_terms_that_cannot_be_are_refused_by_name(
    dsn: str, arguments: list[str], named: str
) -> None:
    with pytest.raises(Refused, match=named):
        await run("key", "add", "acme", *arguments)
    assert len(await keys.listed("acme")) == 1


async def test_a_login_is_made_changed_and_ended(dsn: str) -> None:
    made = await run("user", "add", "Ada@Example.com", "--tenant", "acme", "--role", "admin")
    given = await run("user", "add", "b@example.com", "--tenant", "other", "--stdin",
                      text="a long enough password\n")  # fmt: skip
    stored = {r["email"]: r for r in await rows(dsn, "SELECT * FROM users")}

    assert passwords.is_right(made["password"], stored["ada@example.com"]["password_hash"])
    assert given == {"email": "b@example.com"}
    assert passwords.is_right("a long enough password", stored["b@example.com"]["password_hash"])

    await users.change("ada@example.com", role="viewer", tenants=["acme", "other"])
    changed = await users.set_password("ada@example.com")
    await users.void_tokens("ada@example.com")
    await users.set_disabled("b@example.com", disabled=True)
    ada, b = await run("user", "list")
    later = {r["email"]: r for r in await rows(dsn, "SELECT * FROM users")}

    assert (ada["role"], ada["tenants"], ada["disabled"]) == ("viewer", ["acme", "other"], False)
    assert (b["tenants"], b["disabled"]) == (["other"], True)
    assert passwords.is_right(changed, later["ada@example.com"]["password_hash"])
    assert later["ada@example.com"]["generation"] > stored["ada@example.com"]["generation"]
    assert later["b@example.com"]["generation"] > stored["b@example.com"]["generation"]
    assert made["password"] not in str(await rows(dsn, "SELECT * FROM users, audit_log"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ada", "--tenant", "acme"], "email"),
        (["ada@example.com"], "tenant"),
        (["ada@example.com", "--tenant", "nobody"], "no tenant nobody"),
        (["ada@example.com", "--tenant", "acme", "--role", "root"], "role"),
        (["ada@example.com", "--tenant", "acme", "--stdin"], "password"),
    ],
)
async def test_a_login_that_cannot_be_is_refused_by_name(
    dsn: str, arguments: list[str], named: str
) -> None:
    with pytest.raises(Refused, match=named):
        await run("user", "add", *arguments, text="short\n")
    assert await users.listed() == []


async def test_doctor_names_browser_keys_that_any_page_may_use(dsn: str) -> None:
    bound = Terms(kind="browser", origins=("https://shop.example",))
    await keys.add("acme", bound)
    is_open = await keys.add("acme", Terms(kind="browser"))

    told = [finding.text for finding in await doctor.examine([]) if "any page" in finding.text]

    assert told == [f"browser keys that any page may use (key set --origin): acme {is_open.key_id}"]


async def test_a_rebuild_carries_keys_and_logins_over(dsn: str, databases: Databases) -> None:
    await keys.add("acme", Terms(kind="browser", origins=("https://shop.example",)))
    await users.add("ada@example.com", role="viewer", tenants=["acme", "other"])

    async with databases.fresh() as fresh:
        db = await Database.connect(fresh, application_name="test", max_size=1)
        await rebuild._carry_control(dsn, db)
        await db.close()
        for table in ("api_keys", "users", "user_tenants"):
            query = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert await rows(fresh, query) == await rows(dsn, query) != []
