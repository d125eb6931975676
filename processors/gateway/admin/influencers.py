"""`/api/v1/influencers`: influencers are commands of the log, since they change what served tables
say. So an answer says that the command is on the log, and lists show it once it has been applied,
as a rule within a second; two changes of one influencer at the same time are the later one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from processors.domain.ids import content_id
from processors.domain.short_names import short_name
from processors.engine import codec
from processors.engine.clock import Clock
from processors.engine.kafka import Raw
from processors.gateway.admin import said
from processors.gateway.admin.changing import Changing, nothing_here
from processors.gateway.analytics.answering import Analytics, dumped
from processors.gateway.bound import Bound
from processors.gateway.door import Accepted
from processors.gateway.exchange import Reply
from processors.gateway.outlet import Outlet
from processors.gateway.refusal import Problem
from processors.gateway.sink import Unavailable
from schemas.command import Command, SetInfluencer

TOPIC: Final = "commands.v1"
_CHANGED: Final = ("name", "discount_codes", "ref_codes", "commission_rate")
_SECONDS: Final = 5.0


class Influencers:
    """Lists them, and puts what is changed on the log."""

    def __init__(
        self, *, analytics: Analytics, editor: Bound, outlet: Outlet, clock: Clock
    ) -> None:
        self._analytics = analytics
        self._editor = editor
        self._outlet = outlet
        self._clock = clock

    async def answer(self, change: Changing) -> Reply:
        """What comes of a request.

        Raises:
            Problem: 404 for one that is not there, 409 for one that is, 422 by field.
        """
        match change.method, change.rest:
            case ["GET", own]:
                found = await self._analytics.influencers(change.tenant, own or None)
                if own and not found:
                    raise said.unknown("influencer")
                return Reply(200, dumped(found[0] if own else {"influencers": found}))
            case ["POST", ""]:
                told = said.fields(change.body, ("influencer_id", *_CHANGED))
                own = told.get("influencer_id") or short_name(said.text(told, "name"))
                if not own:
                    raise said.refused("name", "needs a letter or a digit; or say influencer_id")
                body = _checked({**told, "influencer_id": own})
                if await self._analytics.influencers(change.tenant, body.influencer_id):
                    raise Problem(409, "exists", f"influencer {body.influencer_id} is there")
                return await self._put(change, body)
            case ["PATCH" | "DELETE", own] if own:
                found = await self._analytics.influencers(change.tenant, own)
                if not found:
                    raise said.unknown("influencer")
                told = {name: found[0][name] for name in ("influencer_id", *_CHANGED)}
                if change.method == "PATCH":
                    told |= said.fields(change.body, _CHANGED)
                return await self._put(
                    change, _checked({**told, "removed": change.method == "DELETE"})
                )
        raise nothing_here()

    async def _put(self, change: Changing, body: SetInfluencer) -> Reply:
        """The command onto the log: 200 when Kafka has it, 202 while the spool does."""
        now = self._clock()
        name = content_id({"tenant": change.tenant, "at": now, **body.model_dump()})
        record = Command(
            tenant_id=change.tenant, command_id=name, issued_at=now, received_at=now, body=body
        )
        raw = Raw(TOPIC, codec.key(TOPIC, record), codec.encode(record), now)
        row = Accepted(0, name, raw)
        async with self._editor.transaction(
            change.tenant, seconds=_SECONDS, readonly=False
        ) as conn:
            await change.note(conn, "influencer", **body.model_dump(exclude={"kind"}))
        try:
            await self._outlet.put([row])
        except Unavailable:
            detail = "neither Kafka nor the spool can take it; send it again"
            raise Problem(503, "unavailable", detail, retry_after_seconds=5) from None
        receipt = {"topic": TOPIC, "partition": row.partition, "offset": row.offset}
        answer = {**body.model_dump(exclude={"kind"}), "receipt": receipt}
        return Reply(202 if row.offset is None else 200, dumped(answer))


def _checked(told: Mapping[str, Any]) -> SetInfluencer:
    rate = told.get("commission_rate", "0")
    if isinstance(rate, Decimal | int | float) and not isinstance(rate, bool):
        rate = f"{Decimal(str(rate)):f}"
    try:
        body = SetInfluencer.model_validate({**told, "commission_rate": rate})
    except ValidationError as error:
        first = error.errors()[0]
        raise said.refused(".".join(map(str, first["loc"])), first["msg"]) from None
    texts = (body.influencer_id, body.name, *body.discount_codes, *body.ref_codes)
    if any("\0" in text for text in texts):
        raise said.refused("influencer", "a text has a NUL")
    return body
