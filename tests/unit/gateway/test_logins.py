"""A login, its token, and what the token opens."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from processors.engine import passwords
from processors.gateway.directory import Snapshot
from processors.gateway.keyring import User
from processors.gateway.lockout import FREE_TRIES, Lockout
from tests.unit.gateway.asking import NOW, SERVER, Answer, Gateway

EMAIL, PASSWORD = "ada@example.com", "a long enough password"
STORED = passwords.hashed(PASSWORD)
LOGIN, ME = "/api/v1/auth/login", "/api/v1/auth/me"
STREAM = "/api/v1/capi/events/stream"
EVENT = {"event_name": "Lead", "event_id": "e", "user_data": {"email": "b@example.com"}}


class Known(Gateway):
    """A gateway with a login; the clock can be moved."""

    def __init__(self, *, role: Any = "admin", tenants: tuple[str, ...] = ("demo",)) -> None:
        super().__init__()
        self.directory.snapshot.users[EMAIL] = User(EMAIL, STORED, 1, role, tenants)

    def renew(self, **changes: Any) -> None:
        """The control tables say something else now."""
        old = self.directory.snapshot
        users = {EMAIL: replace(old.users[EMAIL], **changes)} if changes else {}
        self.directory.snapshot = Snapshot(old.keys, users=users)

    async def log_in(self, password: str = PASSWORD, email: str = EMAIL) -> Answer:
        """Ask for a token."""
        return await self.post(LOGIN, {"email": email, "password": password}, key=None)

    async def token(self) -> str:
        """A token of the login."""
        answer = await self.log_in()
        assert answer.status == 200, answer.content
        return str(answer.json["access_token"])

    async def me(self, token: str) -> Answer:
        """Whose token it is."""
        return await self.ask("GET", ME, b"", {"authorization": f"Bearer {token}"})


async def test_a_password_buys_a_token_that_says_whose_it_is() -> None:
    gateway = Known()

    answer = await gateway.log_in(email=" Ada@Example.com ")
    me = await gateway.me(answer.json["access_token"])

    assert (answer.status, answer.json["token_type"]) == (200, "bearer")
    assert (answer.json["expires_in"], answer.json["role"]) == (43_200, "admin")
    assert answer.headers["cache-control"] == "no-store"
    assert me.json == {
        "email": EMAIL, "role": "admin", "tenants": ["demo"],
        "expires_at": answer.json["expires_at"],
    }  # fmt: skip
    assert (await gateway.me(SERVER)).status == 403
    assert (await gateway.me("atl_nonsense")).status == 401


async def test_a_wrong_password_an_unknown_email_and_no_tenant_are_answered_alike() -> None:
    gateway = Known()

    wrong = await gateway.log_in("not the password")
    unknown = await gateway.log_in(email="nobody@example.com")
    without = await Known(tenants=()).log_in()

    assert wrong.status == unknown.status == without.status == 401
    assert wrong.json == unknown.json == without.json
    metrics = (await gateway.get("/metrics")).content
    assert b'attributary_logins_total{outcome="wrong"} 2.0' in metrics


async def test_an_unknown_email_costs_as_much_work_as_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[str] = []
    real = passwords.is_right

    def counted(password: str, stored: str) -> bool:
        held.append(stored.rpartition("$")[0].rpartition("$")[0])
        return real(password, stored)

    monkeypatch.setattr(passwords, "is_right", counted)
    gateway = Known()
    await gateway.log_in("not the password")
    await gateway.log_in(email="nobody@example.com")

    assert len(held) == 2
    assert held[0] == held[1]


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_after_wrong_passwords_even_the_right_one_waits(email: str) -> None:
    gateway = Known()

    tries = [await gateway.log_in("not the password", email) for _ in range(FREE_TRIES)]
    locked = await gateway.log_in(PASSWORD, email)

    assert [answer.status for answer in tries] == [401] * FREE_TRIES
    assert (locked.status, locked.json["error"]) == (429, "locked")
    assert 0 < int(locked.headers["retry-after"]) <= 30


async def test_guesses_at_the_same_time_are_counted_like_others() -> None:
    gateway = Known()

    tries = [gateway.log_in(f"guess {n}") for n in range(2 * FREE_TRIES)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert statuses.count(401) <= FREE_TRIES
    assert set(statuses) == {401, 429}


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    lockout = Lockout()
    waits = []
    now = 0.0
    for _ in range(FREE_TRIES + 7):
        lockout.failed("a", now)
        waits.append(lockout.wait("a", now))
        now += waits[-1]

    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1 :] == [30, 60, 120, 240, 480, 900, 900, 900]
    assert lockout.wait("b", now) == 0
    lockout.passed("a")
    lockout.failed("a", now)
    assert lockout.wait("a", now) == 0


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"{", 400, "JSON"),
        ([], 400, "object"),
        ({"email": EMAIL}, 422, "password"),
        ({"password": PASSWORD}, 422, "email"),
        ({"email": 7, "password": PASSWORD}, 422, "email"),
        ({"email": EMAIL, "password": "x" * 2_000}, 422, "password"),
        (b" " * 9_000, 413, "longer"),
    ],
)
async def test_what_is_no_login_is_refused_by_field(body: Any, status: int, named: str) -> None:
    answer = await Known().post(LOGIN, body, key=None)

    assert answer.status == status
    assert named in answer.json["detail"]


async def test_a_token_opens_its_own_tenants_and_the_api_alone() -> None:
    gateway = Known(tenants=("demo", "other"))
    bearer = {"authorization": f"Bearer {await gateway.token()}"}

    async def sent(path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await gateway.post(path, EVENT, key=None, headers={**bearer, **named})

    assert (await sent(STREAM)).json["error"] == "tenant_needed"
    assert (await sent(STREAM, x_attributary_tenant="other")).status == 200
    assert (await sent(f"{STREAM}?tenant=demo")).status == 200
    assert (await sent(f"{STREAM}?tenant=stranger")).status == 403
    assert (await sent("/v1/events", x_attributary_tenant="demo")).status == 403
    tenants = [record.tenant_id for record in gateway.outlet.records("pixel_events.v1")]
    assert tenants == ["other", "demo"]


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 403), ("admin", 200)])
async def test_events_are_an_admins(role: str, status: int) -> None:
    gateway = Known(role=role)
    token = await gateway.token()

    assert (await gateway.post(STREAM, EVENT, key=token)).status == status
    assert (await gateway.me(token)).status == 200


async def test_a_token_ends_by_time_by_a_new_password_and_with_its_login() -> None:
    gateway = Known()
    token = await gateway.token()
    assert (await gateway.me(token)).status == 200

    gateway.renew(generation=2)
    assert (await gateway.me(token)).status == 401
    token = await gateway.token()
    assert (await gateway.me(token)).status == 200
    gateway.renew()
    assert (await gateway.me(token)).status == 401

    later = Known()
    token = await later.token()
    assert (await later.me(token)).status == 200
    later.move(NOW + 43_200_000)
    expired = await later.me(token)
    assert (expired.status, expired.json["detail"]) == (401, "the key or token has expired")


async def test_before_logins_are_loaded_the_answer_is_try_again() -> None:
    gateway = Known()
    gateway.directory.loaded = False

    assert (await gateway.log_in()).status == 503
