"""Which influencers led to an order, and by which code."""

from tests.oracle.commands import Commands
from tests.oracle.fold import Conversion
from tests.oracle.touches import Touch
from tests.oracle.words import Row

COLUMNS = (
    "tenant_id", "conversion_id", "influencer_id", "matched_code", "match_kind", "is_primary",
    "also_claimed_by", "revenue", "is_first_purchase",
)  # fmt: skip


def influencer_rows(
    tenant: str,
    conversion: Conversion,
    path: list[Touch],
    rules: Commands,
    *,
    revenue: int,
    is_first: bool | None,
) -> list[Row]:
    """A row for each influencer of a counting order; the first of them earns."""
    matches: dict[str, tuple[str, str, list[str]]] = {}
    for kind, code in _codes(conversion, path):
        claimants = _claimants(rules, _plain(code), of_link=kind != "discount_code")
        if claimants and claimants[0] not in matches:
            matches[claimants[0]] = (_plain(code), kind, claimants[1:])
    return [
        (tenant, conversion.id, who, code, kind, n == 0, others, revenue, is_first)
        for n, (who, (code, kind, others)) in enumerate(matches.items())
    ]


def _codes(conversion: Conversion, path: list[Touch]) -> list[tuple[str, str]]:
    """(kind, code), the strongest first; of touches the newest, of one moment the smaller code."""
    newest = sorted(path, key=lambda touch: -touch.occurred_at)
    by_code = {
        name: sorted(newest, key=lambda t: (-t.occurred_at, _plain(getattr(t, name) or "")))
        for name in ("creator", "ref")
    }
    found = [
        ("order_creator", conversion.creator),
        ("order_ref", conversion.ref),
        *(("discount_code", code) for code in sorted(conversion.codes, key=_plain)),
        *(("touch_creator", touch.creator) for touch in by_code["creator"]),
        *(("touch_ref", touch.ref) for touch in by_code["ref"]),
    ]
    return [(kind, code) for kind, code in found if code]


def _claimants(rules: Commands, code: str, *, of_link: bool) -> list[str]:
    """Who claims the code, the owner first."""
    return sorted(
        name
        for name, body in rules.influencers.items()
        if not body["removed"]
        and code in map(_plain, [*body["discount_codes"], *(body["ref_codes"] if of_link else [])])
    )


def _plain(code: str) -> str:
    return code.strip().lower()
