"""What the spend door gets: figures as told, and nothing where there was something."""

from datetime import date
from decimal import Decimal

from processors.platforms.spending import Figure
from processors.schedule.spend.items import Whose, item, known, vanished

DAY = date(2026, 9, 1)
WHOSE = Whose("meta", "42", 7)
META = {"source": "meta", "platform": "meta", "account_id": "42", "reported_at": 7}
AD = Figure(
    date=DAY, currency="USD", amount=Decimal("1E+1"), campaign_id="1", campaign="c" * 600,
    ad_group_id="2", ad_id="3", ad="dog", conversions=Decimal("0.5"), clicks=0,
)  # fmt: skip
CAMPAIGN = Figure(date=DAY, currency="USD", amount=Decimal(1), campaign_id="1")


def test_numbers_are_plain_texts_names_are_cut_and_what_is_not_told_is_left_out() -> None:
    assert item(AD, WHOSE) == {
        **META, "date": "2026-09-01", "currency": "USD", "amount": "10", "campaign_id": "1",
        "campaign": "c" * 512, "ad_group_id": "2", "ad_id": "3", "ad": "dog",
        "conversions": "0.5", "clicks": 0,
    }  # fmt: skip


def test_what_a_reading_names_no_more_is_nothing_by_the_name_it_was_known_by() -> None:
    known_before = (("id:1", "a", "1"), ("id:2", "b", "2"), ("name:c", "c", None))
    rows = [
        {"date": DAY, "subject": subject, "currency": "USD", "channel": "paid_social",
         "campaign": campaign, "campaign_id": own, "campaign_type": None}
        for subject, campaign, own in known_before
    ]  # fmt: skip
    gone = list(vanished(rows, {known(CAMPAIGN)}, WHOSE))
    assert [(row.get("campaign_id"), row["campaign"]) for row in gone] == [("2", "b"), (None, "c")]
    assert all(row["amount"] == row["clicks"] == row["conversions"] == 0 for row in gone)
    assert all(row.items() >= META.items() and row["date"] == "2026-09-01" for row in gone)


def test_an_ad_of_a_campaign_is_not_the_campaign() -> None:
    assert {known(AD), known(CAMPAIGN)} == {(DAY, "3"), (DAY, "id:1")}
