"""What every answer tells a browser not to do with it, at every route that there is."""

import re
from base64 import b64encode
from hashlib import sha256
from itertools import product

import pytest

from processors.gateway.api import CONNECTIONS, DOORS
from processors.gateway.headers import Headers
from processors.gateway.logins import LOGIN, ME
from processors.gateway.openapi import document
from processors.gateway.quality_reports import REPORT
from processors.gateway.registry import HANDLERS
from processors.gateway.uploads.listing import PATH as UPLOADS
from tests.unit.gateway.asking import SERVER, Gateway, settings

NOTHING = "default-src 'none'; frame-ancestors 'none'"
PAGES = ("/healthz", "/readyz", "/sink-health", "/metrics", "/openapi.json", "/docs", "/")
FILES = ("/attributary.js", "/attributary.json", "/attributary.d.ts",
         "/attributary-000000000000.js")  # fmt: skip
TOLD = (LOGIN, ME, UPLOADS, REPORT, CONNECTIONS, *DOORS)
AUTH = {"authorization": f"Bearer {SERVER}"}


def test_every_path_that_is_described_is_in_a_table_here() -> None:
    known = {*HANDLERS, *PAGES, *FILES, *TOLD}
    described = [re.sub(r"\{.*", "", path) for path in document()["paths"]]
    assert [p for p in described if not any(p.rstrip("/").startswith(k.rstrip("/")) for k in known)
            and not p.startswith("/api/v1/tenants/")] == []  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
async def test_a_door_for_events_is_for_pages_of_any_site_and_nothing_more(method: str) -> None:
    gateway = Gateway(hsts_seconds=31_536_000)
    asked: tuple[dict[str, str], ...] = ({}, {**AUTH, "content-type": "application/json"})
    for path, headers in product([*HANDLERS, "/nothing"], asked):
        answer = await gateway.ask(method, path, b"{}", headers)
        _usual(answer.headers)
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.headers["content-security-policy"] == NOTHING
        assert answer.headers["cache-control"].startswith("no-store")


@pytest.mark.parametrize("path", sorted(TOLD))
@pytest.mark.parametrize("key", ["", "wrong"])
async def test_what_tells_of_a_tenant_is_for_no_other_site_and_is_not_kept(
    path: str, key: str
) -> None:
    method = "POST" if path == LOGIN else "GET"
    given = {"authorization": f"Bearer {key}"} if key else {}
    answer = await Gateway(hsts_seconds=31_536_000).ask(method, path, b"{}", given)
    _usual(answer.headers)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["content-security-policy"] == NOTHING
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_ours_is_for_no_other_site(path: str) -> None:
    answer = await Gateway(hsts_seconds=31_536_000).get(path)
    _usual(answer.headers)
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", FILES)
async def test_a_file_of_the_pixel_is_there_for_other_sites(path: str) -> None:
    answer = await Gateway(hsts_seconds=31_536_000).get(path)
    _usual(answer.headers)
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_image_may_be_shown_elsewhere_and_kept() -> None:
    headers = dict(Headers(settings()).page(b"image/gif", b""))
    assert headers[b"cross-origin-resource-policy"] == b"cross-origin"
    assert b"cache-control" not in headers


async def test_the_page_of_documentation_runs_its_own_script_alone() -> None:
    answer = await Gateway().get("/docs")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", answer.content.decode(), re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert " on" not in re.sub(
        r"<script>.*?</script>", "", answer.content.decode(), flags=re.DOTALL
    )


async def test_without_the_setting_nobody_is_told_that_we_are_behind_tls() -> None:
    for path in ("/docs", "/attributary.js", "/v1/events"):
        assert "strict-transport-security" not in (await Gateway().get(path)).headers


def _usual(headers: dict[str, str]) -> None:
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert not {"server", "x-powered-by"} & set(headers)
