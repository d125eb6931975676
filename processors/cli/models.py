"""Commands about trained models."""

from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table

from processors.cli.console import Json, do, err, out, say

models = typer.Typer(help="The trained data_driven model of a tenant.", no_args_is_help=True)
From = Annotated[
    str | None, typer.Option("--from", help="Date; only conversions since then. Else all.")
]


@models.command("train")
def model_train(tenant: str, as_json: Json = False) -> None:
    """Train on the tenant's journeys now; promotes where model_promotion is automatic."""
    from processors.commands import models as command

    with err.status("") as status:
        found = do(command.train(tenant, lambda text: status.update(f"{tenant}: {text}")))
    text = (
        f"{tenant}: {found['state']}, {found['journeys']:,} journeys,"
        f" {found['conversions']:,} conversions; {found['reason'] or found['version']}"
    )
    if found["promotion"]:
        text += f" ({found['promotion']})"
    say(found, as_json=as_json, text=text)


@models.command("list")
def model_list(tenant: str, as_json: Json = False) -> None:
    """What was promoted, since when, and what the latest trainings found."""
    from processors.commands import models as command

    found = do(command.listed(tenant))
    if as_json:
        out.print_json(data=found)
        return
    promoted = Table("version", "promoted", "for conversions since", "stands", title="Promotions")
    for row in found["promotions"]:
        stands = "yes" if row["is_standing"] else ""
        promoted.add_row(
            row["version"], _time(row["promoted_at"]), _time(row["applies_from"]), stands
        )
    trained = Table(
        "trained", "state", "version", "journeys", "conversions", "auc", "promotion",
        title="Trainings",
    )  # fmt: skip
    for row in found["trainings"]:
        trained.add_row(
            _time(row["trained_at"]), row["state"], row["version"] or row["reason"] or "",
            *(_number(row[name]) for name in ("journeys", "conversions", "auc")),
            row["promotion"] or "",
        )  # fmt: skip
    out.print(Group(promoted, trained))


@models.command("show")
def model_show(
    tenant: str,
    version: Annotated[str | None, typer.Argument(help="Else the one that stands.")] = None,
    as_json: Json = False,
) -> None:
    """A model's coefficients, its quality on held-out journeys, the shares and their intervals."""
    from processors.commands import models as command

    found = do(command.shown(tenant, version))
    if as_json:
        out.print_json(data=found)
        return
    out.print(f"{tenant}: model {found['version']}", markup=False)
    if found["training"] is not None:
        _training(found["training"])
    _effects(found)


@models.command("promote")
def model_promote(tenant: str, version: str, since: From = None, as_json: Json = False) -> None:
    """Credit the tenant's conversions by this model; earlier ones are restated."""
    from processors.commands import models as command

    asked = do(command.promote(tenant, version, since=since))
    say(asked, as_json=as_json, text=_asked(asked, since))


@models.command("revert")
def model_revert(tenant: str, since: From = None, as_json: Json = False) -> None:
    """Credit the tenant's conversions by the untrained fallback again."""
    from processors.commands import models as command

    asked = do(command.revert(tenant, since=since))
    say(asked, as_json=as_json, text=_asked(asked, since))


def _asked(asked: dict[str, Any], since: str | None) -> str:
    which = f"conversions since {since}" if since else "all conversions"
    return (
        f"{asked['tenant_id']}: {asked['version']} asked for, for {which};"
        " `attributary drain` waits for it"
    )


def _training(told: dict[str, Any]) -> None:
    lines = [
        f"trained {_time(told['trained_at'])} on touches from {_time(told['since'])} to"
        f" {_time(told['until'])}, one person in {told['one_in']}: {told['people']:,} people,"
        f" {told['touches']:,} touches, {told['journeys']:,} journeys,"
        f" {told['conversions']:,} conversions",
        f"on held-out journeys: auc {_number(told['auc'])}, log loss {_number(told['log_loss'])};"
        f" of the base rate alone {_number(told['base_log_loss'])}",
        "half-life: "
        + (
            told["half_life_reason"]
            or f"{told['half_life_days']} days ({told['half_life_low']} to"
            f" {told['half_life_high']})"
        ),
    ]
    out.print("\n".join(lines), markup=False)
    table = Table("channel", "share", "95 % interval", title="Shares of the conversions")
    for row in sorted(told["channels"], key=lambda row: -row["share"]):
        low, high = (f"{row[name] / 1e4:.1f}" for name in ("low", "high"))
        table.add_row(row["channel"], f"{row['share'] / 1e4:.1f} %", f"{low} to {high} %")
    out.print(table)


def _effects(found: dict[str, Any]) -> None:
    effects = found["effects"]
    ages = list(next(iter(effects.values()), {}))
    table = Table("channel", *ages, title=f"Effects in logits; intercept {found['intercept']:.3f}")
    for channel, own in effects.items():
        table.add_row(channel, *(f"{own[age]:.3f}" for age in ages))
    out.print(table)


def _time(text: str | None) -> str:
    return (text or "-")[:19].replace("T", " ")


def _number(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
