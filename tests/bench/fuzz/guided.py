"""Coverage-guided fuzzing of what reads a request: encodings, JSON, queries, forms, every handler.

Run by the python that has atheris: `python -m tests.bench.fuzz.guided RUNS SEED CORPUS`. The first
byte of an input chooses the route, the second the encoding; at a door that takes a query, what
stands before the first line feed is the query. A refusal is an answer; whatever else is raised ends
the run, and so do ten seconds or 700 MiB.
"""

import sys
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import atheris

with atheris.instrument_imports(include=["processors.gateway", "processors.domain"]):
    from processors.gateway import body, encoding, routes
    from processors.gateway.door import Door
    from processors.gateway.exchange import Form, Request
    from processors.gateway.handling import handle
    from processors.gateway.quarantine import preview
    from processors.gateway.refusal import Problem
    from processors.gateway.registry import HANDLERS

from processors.engine.sealing import Sealer
from schemas.topics import TOPICS
from tests.bench.fuzz.corpus import PACKED
from tests.bench.fuzz.doors import seeds
from tests.bench.fuzz.gateway import Fuzzed
from tests.unit.gateway import vendors
from tests.unit.gateway.asking import NOW, SEAL_KEY, settings

assert routes.__all__
ENTRIES: Final = [entry for entry in HANDLERS.values() if not entry.upload]
CODINGS: Final = [name.encode() for name in PACKED]
LIMIT: Final = 65_536
_SETTINGS: Final = settings(max_batch_items=50)
_SEALER: Final = Sealer(b64decode(SEAL_KEY))
_DIRECTORY: Final = Fuzzed().directory
_TYPES: Final = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")
_CHECKED: Final = 8
"""One of so many inputs that were taken is read as a consumer reads it."""


def one(data: bytes) -> None:
    """One input."""
    if len(data) < 2:
        return
    entry = ENTRIES[data[0] % len(ENTRIES)]
    raw = data[2:]
    door = Door("demo", bool(data[0] & 128), NOW, _SEALER)
    door.topic = ("orders/paid", "refunds/create", "disputes/create", "order.updated")[data[1] >> 6]
    door.sender = ("woocommerce", "bigcommerce", "ecommerce")[data[1] % 3] if entry.signed else ""
    try:
        raw = encoding.decoded(raw, CODINGS[data[1] % len(CODINGS)], limit=LIMIT)
        found = (
            _read(entry.form, entry.path, raw, door, data[1])
            if entry.form
            else body.items(
                raw,
                single=entry.single,
                wrappers=entry.wrappers,
                settings=_SETTINGS,
                lenient=entry.signed is not None,
            )
        )
    except Problem as problem:
        if problem.status >= 500:
            raise
        return
    outcome = handle(entry, found, door)
    if len(outcome.accepted) + len(outcome.rejected) != len(found):
        raise AssertionError("an item was neither taken nor refused")
    if outcome.rejected and not entry.form:
        preview(raw)
    if len(data) % _CHECKED == 0:
        for row in outcome.accepted:
            TOPICS[row.raw.topic].model.model_validate_json(row.raw.value or b"")


def _read(form: Form, path: str, raw: bytes, door: Door, choice: int) -> list[Any]:
    """The items of a door with a form of its own, once it knows whose they are."""
    query, _, said = raw.partition(b"\n")
    method = form.methods[choice % len(form.methods)]
    headers = {b"content-type": _TYPES[choice >> 3 & 3].encode(), b"anonymousid": query[:40]}
    if sign := vendors.SIGNERS.get(path):
        headers |= {k.lower().encode(): v.encode() for k, v in sign(said).items()}
    request = Request(
        method, "https", path, "", query, headers, said if method == "POST" else b"", _DIRECTORY
    )
    with suppress(StopIteration):
        next(iter(form.who(request).__await__()))  # nobody is asked, so it never waits
    return form.read(request, door, _SETTINGS)


def main() -> None:
    """Seed the corpus, and run."""
    runs, seed, folder = sys.argv[1:]
    paths = [entry.path for entry in ENTRIES]
    for number, sown in enumerate(seeds()):
        path = next((p for p in paths if sown.path == p or sown.path.startswith(p)), None)
        if path is not None:
            coding = CODINGS.index(sown.headers.get("content-encoding", "identity").encode())
            head = bytes([paths.index(path), coding])
            said = sown.query + b"\n" + sown.body if ENTRIES[paths.index(path)].form else sown.body
            (Path(folder) / f"{number}").write_bytes(head + said)
    options = [
        f"-runs={runs}", f"-seed={seed}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=700",
        "-print_final_stats=1", f"-artifact_prefix={folder}/",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, folder], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
