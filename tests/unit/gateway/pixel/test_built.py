"""The committed files: small, fresh, typed, and served as files of a third party must be."""

import base64
import gzip
import hashlib
import re
import shutil
from pathlib import Path

import orjson
import pytest

from tests.unit.gateway.asking import Answer, Gateway
from tests.unit.gateway.pixel.node import PIXEL, node

SCRIPT = PIXEL / "built" / "attributary.js"
TAGS = PIXEL / "built" / "attributary-tags.js"
EARLIER = PIXEL / "built" / "earlier"
REPLACED = EARLIER / "replaced.json"


async def get(path: str, method: str = "GET", **headers: str) -> Answer:
    """The answer of a gateway."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await Gateway().ask(method, path, b"", named)


def test_the_script_is_under_six_kilobytes() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) < 6_000


def test_the_committed_files_are_what_the_sources_build_and_the_types_hold() -> None:
    node("npm", "run", "-s", "check")


async def test_a_shop_may_load_the_script_from_anywhere() -> None:
    answer = await get("/attributary.js", accept_encoding="br, gzip;q=0.8")

    assert answer.status == 200
    assert gzip.decompress(answer.content) == SCRIPT.read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age=3600" in answer.headers["cache-control"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity, gzip; q=0.0"])
async def test_who_cannot_unzip_gets_it_plain(accepted: str) -> None:
    answer = await get("/attributary.js", accept_encoding=accepted)

    assert "content-encoding" not in answer.headers
    assert answer.content == SCRIPT.read_bytes()


async def test_who_has_it_is_told_so() -> None:
    etag = (await get("/attributary.js")).headers["etag"]
    had = await get("/attributary.js", if_none_match=f'"another", {etag}')
    other = await get("/attributary.js", if_none_match='"another"')
    head = await get("/attributary.js", method="HEAD")

    assert (had.status, had.content, had.headers["etag"]) == (304, b"", etag)
    assert "content-length" not in had.headers
    assert other.status == 200
    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == str(SCRIPT.stat().st_size)


async def test_the_name_with_the_hash_never_changes_and_tells_its_integrity() -> None:
    told = orjson.loads((await get("/attributary.json")).content)

    for file in (SCRIPT, TAGS):
        lasting = await get(told[file.name]["path"])
        digest = base64.b64encode(hashlib.sha384(lasting.content).digest()).decode()
        assert lasting.content == file.read_bytes()
        assert "immutable" in lasting.headers["cache-control"]
        assert told[file.name]["integrity"] == f"sha384-{digest}"
    # The script asks for its other file by the name that never changes.
    assert told[TAGS.name]["path"] in SCRIPT.read_text()


async def test_a_page_that_pinned_an_earlier_build_still_gets_these_very_bytes() -> None:
    earlier = sorted(EARLIER.glob("*.js"))
    for file in earlier:
        answer = await get(f"/{file.name}")
        assert (answer.status, answer.content) == (200, file.read_bytes())
        assert "immutable" in answer.headers["cache-control"]
        assert hashlib.sha256(answer.content).hexdigest()[:12] == file.stem.rpartition("-")[2]
        if file.name.startswith("attributary-tags"):
            continue
        # Its other file is the one that it was built with, and that is here as well.
        (tags,) = re.findall(r"/attributary-tags-[0-9a-f]{12}\.js", answer.content.decode())
        assert (await get(tags)).status == 200
    assert {file.name for file in earlier} == orjson.loads(REPLACED.read_bytes()).keys()
    assert earlier, "a build was replaced before"


@pytest.mark.parametrize("stem", ["attributary", "attributary-tags"])
async def test_a_build_that_is_not_here_leads_to_the_one_that_is(stem: str) -> None:
    answer = await get(f"/{stem}-000000000000.js")

    assert (answer.status, answer.headers["location"]) == (302, f"/{stem}.js")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*", "also for who asks with CORS"


def test_a_build_that_is_replaced_is_kept_for_a_year(tmp_path: Path) -> None:
    place = tmp_path / "pixel"
    shutil.copytree(PIXEL, place, ignore=shutil.ignore_patterns("node_modules"))
    (place / "node_modules").symlink_to(PIXEL / "node_modules")
    shutil.rmtree(place / "built" / "earlier")
    (place / "built" / "earlier").mkdir()
    (place / "built" / "earlier" / "attributary-aaaaaaaaaaaa.js").write_text("old")
    ledger = place / "built" / "earlier" / "replaced.json"
    ledger.write_text('{"attributary-aaaaaaaaaaaa.js": "2020-01-01"}')
    index = place / "src" / "index.ts"
    index.write_text(index.read_text() + "\nconsole.debug('another build')\n")

    node("npm", "run", "-s", "build", folder=place)

    kept = f"attributary-{hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:12]}.js"
    assert orjson.loads(ledger.read_bytes()).keys() == {kept}, "the tags are what they were"
    names = {file.name for file in ledger.parent.iterdir()}
    assert names == {kept, "replaced.json"}
    assert (ledger.parent / kept).read_bytes() == SCRIPT.read_bytes()


async def test_the_types_are_served_and_nothing_else_of_the_folder_is() -> None:
    types = await get("/attributary.d.ts")

    assert types.content == (PIXEL / "attributary.d.ts").read_bytes()
    for path in ("/package.json", "/attributary-0.js", "/replaced.json", "/src/index.ts"):
        assert (await get(path)).status == 404
