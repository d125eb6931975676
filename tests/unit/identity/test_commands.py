"""Of all commands for one subject the greatest (issued_at, command_id) stands."""

import itertools

import pytest

from processors.domain.attribution import model_document
from processors.engine.outcome import APPLIED, DUPLICATE, Dead
from processors.identity.commands import Commands
from schemas.command import (
    Body,
    Command,
    PromoteModel,
    SetConsent,
    SetRate,
    SetSetting,
    Suppress,
    Unlink,
)
from schemas.envelope import Consent
from tests.unit.identity.builders import NOON, TENANT, command


def heard(*records: Command) -> Commands:
    commands = Commands()
    for index, record in enumerate(records):
        commands.add(index, record)
    return commands


def zone(value: str, *, at: int = NOON, command_id: str = "k") -> Command:
    return command(SetSetting(key="time_zone", value=value), at=at, command_id=command_id)


def rate(text: str, date: str = "2026-01-01") -> SetRate:
    return SetRate(currency="EUR", reporting="USD", date=date, rate=text)


def test_the_latest_setting_stands_in_any_order_and_the_id_breaks_the_tie() -> None:
    said = [zone("UTC", at=1), zone("Asia/Kolkata", at=2, command_id="a"),
            zone("Europe/Berlin", at=2, command_id="b")]  # fmt: skip
    for arrived in itertools.permutations(said):
        (standing,) = heard(*arrived).settings.values()
        assert standing == ("Europe/Berlin", (2, "b"))


def test_whoever_is_overtaken_in_the_batch_is_told_so() -> None:
    commands = Commands()
    assert commands.add(0, zone("UTC", at=1)) == APPLIED
    assert commands.add(1, zone("Asia/Kolkata", at=2)) == APPLIED
    assert commands.add(2, zone("Europe/Berlin", at=1)) == DUPLICATE
    assert commands.superseded == [0]
    assert list(commands.items.values()) == [1]


def test_an_unlink_is_about_two_ids_in_whichever_order_they_are_named() -> None:
    commands = heard(
        command(Unlink(a="visitor:v", b="customer:c"), at=1),
        command(Unlink(a="customer:c", b="visitor:v", linked=True), at=2),
    )
    assert commands.unlinks == {(TENANT, "customer:c", "visitor:v"): (True, (2, "k-1"))}


def test_a_consent_is_kept_for_each_of_its_ids_with_the_flags_that_it_has() -> None:
    flags = Consent(ad_storage="denied", analytics_storage="granted")
    commands = heard(command(SetConsent(ids=("visitor:v", "customer:c"), consent=flags)))
    assert {subject: value for subject, (value, _) in commands.consents.items()} == {
        (TENANT, name, flag): value
        for name in ("visitor:v", "customer:c")
        for flag, value in flags.model_dump(exclude_none=True).items()
    }


def test_a_consent_to_one_flag_leaves_a_denial_of_another() -> None:
    denied = SetConsent(ids=("visitor:v",), consent=Consent(ad_storage="denied"))
    granted = SetConsent(ids=("visitor:v",), consent=Consent(analytics_storage="granted"))
    commands = heard(command(denied), command(granted, at=NOON + 1, command_id="k-2"))
    assert {flag: value for (*_, flag), (value, _) in commands.consents.items()} == {
        "ad_storage": "denied",
        "analytics_storage": "granted",
    }


def test_rates_stand_by_currency_reporting_currency_and_date() -> None:
    commands = heard(command(rate("1.08")), command(rate("1.09", "2026-02-01"), command_id="z"))
    assert [str(value) for value, _ in commands.rates.values()] == ["1.08", "1.09"]


@pytest.mark.parametrize(
    "body",
    [rate("1.08", "2026-02-30"), rate("1.08", "0000-01-01"), rate("0"), rate("0.000"),
     rate("9" * 60), rate("0." + "1" * 60)],
)  # fmt: skip
def test_a_rate_that_the_table_could_not_hold_is_dead_and_changes_nothing(body: Body) -> None:
    commands = Commands()
    assert isinstance(commands.add(0, command(body)), Dead)
    assert not commands


def test_every_promotion_is_kept_and_asks_for_the_orders_that_it_reaches() -> None:
    model = model_document.document(recency_days=(), saturation=1, intercept=-1, effects={})
    commands = Commands()
    said = [
        command(PromoteModel(document=model), at=1),
        command(PromoteModel(document="", applies_from=NOON), at=2),
        command(PromoteModel(document=model), at=1),
    ]
    told = [commands.add(index, record) for index, record in enumerate(said)]
    assert told == [APPLIED, APPLIED, DUPLICATE]
    assert [version for *_, version in commands.models] == [
        model_document.version(model), "untrained",
    ]  # fmt: skip
    assert {since for _, since, _ in commands.spans} == {0, NOON}


def test_a_promotion_of_no_model_is_dead_by_the_field_and_changes_nothing() -> None:
    model = model_document.document(recency_days=(), saturation=0, intercept=-1, effects={})
    commands = Commands()
    outcome = commands.add(0, command(PromoteModel(document=model)))
    assert isinstance(outcome, Dead)
    assert outcome.detail.startswith("body.document.saturation: ")
    assert not commands
    assert not commands.spans


def test_no_command_is_nothing() -> None:
    assert not Commands()
    assert heard(zone("UTC"))


def test_a_suppression_is_a_decision_about_processing_for_each_of_its_ids() -> None:
    commands = heard(
        command(Suppress(ids=("visitor:v", "customer:c")), at=1),
        command(Suppress(ids=("customer:c",), suppressed=False), at=2),
    )
    assert {subject: value for subject, (value, _) in commands.consents.items()} == {
        (TENANT, "visitor:v", "processing"): "denied",
        (TENANT, "customer:c", "processing"): "granted",
    }
