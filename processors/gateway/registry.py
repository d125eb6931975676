"""The table of handlers: `@handler(path)` adds a row, so a new source is one file in `routes/`."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from processors.gateway.door import Accepted, Door, Outcome
from processors.gateway.exchange import Form

Handle = Callable[[dict[str, Any], Door], Accepted]
Answer = Callable[[Outcome, Door], dict[str, Any]]
_POST: Final = ("POST",)


def plain_answer(outcome: Outcome, door: Door) -> dict[str, Any]:
    """The neutral answer: what was taken and where it lies, what was not and why; and what was
    taken though it will have no effect."""
    receipts = [
        {
            "index": row.index,
            "event_id": row.event_id,
            "topic": row.raw.topic,
            "partition": row.partition,
            "offset": row.offset,
        }
        for row in outcome.accepted
    ]
    rejected = [row.shown() for row in outcome.rejected]
    answer = {"accepted": len(receipts), "rejected": rejected, "receipts": receipts}
    if door.without_effect:
        rule = {"rule": "event_denied"}
        answer["filtered"] = [{"index": index, **rule} for index in door.without_effect]
    return answer


@dataclass(frozen=True, slots=True)
class Entry:
    """One door. `handle` turns an item into a record, or raises `Refused`."""

    path: str
    handle: Handle
    answer: Answer
    server_only: bool
    single: bool
    wrappers: tuple[str, ...]
    signed: str | None
    upload: bool
    form: Form | None
    methods: tuple[str, ...]
    summary: str
    description: str

    @property
    def prefix(self) -> bool:
        """Whether the rest of the path is the topic."""
        return self.path.endswith("/")

    @property
    def takes_json(self) -> bool:
        """Whether an item may be posted by itself, as JSON and under a token."""
        form = self.form
        if form is None:
            return True
        return "POST" in form.methods and "application/json" in form.kinds and not form.flat

    @property
    def template(self) -> str:
        """The path with what follows its prefix."""
        if not self.prefix:
            return self.path
        return self.path + (self.form.rest if self.form else "{topic}")


HANDLERS: Final[dict[str, Entry]] = {}


def handler(
    path: str,
    *,
    server_only: bool = False,
    single: bool = False,
    wrappers: tuple[str, ...] = ("batch",),
    signed: str | None = None,
    upload: bool = False,
    form: Form | None = None,
    answer: Answer = plain_answer,
) -> Callable[[Handle], Handle]:
    """Register a handler for the path; `signed` names the sender whose signature stands
    in for a key; an `upload` is a file of any length, each row of which is an item; a `form` takes
    other methods, content types and places of the key, and may answer something else than JSON."""

    def register(handle: Handle) -> Handle:
        if path in HANDLERS:
            raise ValueError(f"{path} has two handlers")
        summary, _, more = inspect.cleandoc(handle.__doc__ or "").partition("\n")
        HANDLERS[path] = Entry(
            path=path, handle=handle, answer=answer, server_only=server_only, single=single,
            wrappers=wrappers, signed=signed, upload=upload, form=form,
            methods=form.methods if form else _POST, summary=summary, description=more.strip(),
        )  # fmt: skip
        return handle

    return register


def find(path: str) -> tuple[Entry, str] | None:
    """The entry of a path and what follows its prefix. A slash at the end makes no other path."""
    entry = HANDLERS.get(path) or HANDLERS.get(path.rstrip("/"))
    if entry is not None:
        return entry, ""
    for prefix, found in HANDLERS.items():
        if found.prefix and path.startswith(prefix) and len(path) > len(prefix):
            return found, path[len(prefix) :]
    return None
