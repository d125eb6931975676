"""Consent opens a destination only when every flag that it needs is granted."""

import pytest

from processors.domain.consent import FLAGS, allows

ADS = ("meta", "google_ads", "tiktok", "snapchat", "pinterest", "linkedin", "microsoft_ads")
OTHER_ADS = ("affiliate", "mntn", "sgtm", "something_new")
NEEDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(ADS + OTHER_ADS, frozenset({"ad_storage", "ad_user_data"})),
    "ga4": frozenset({"analytics_storage"}),
    "klaviyo": frozenset({"ad_user_data"}),
    "whatsapp": frozenset({"ad_user_data"}),
}


@pytest.mark.parametrize("platform", NEEDS)
@pytest.mark.parametrize("flag", FLAGS)
def test_one_denied_flag_closes_those_that_need_it(platform: str, flag: str) -> None:
    allowed = allows(platform, {flag: "denied"}, when_absent="granted")
    assert allowed == (flag not in NEEDS[platform])


@pytest.mark.parametrize("platform", NEEDS)
def test_the_needed_flags_are_enough_where_absence_is_denial(platform: str) -> None:
    granted = dict.fromkeys(NEEDS[platform], "granted")
    assert allows(platform, granted, when_absent="denied")
    for flag in NEEDS[platform]:
        assert not allows(platform, {**granted, flag: None}, when_absent="denied")


@pytest.mark.parametrize("consent", [None, {}, {"ad_storage": None}, {"ad_storage": ""}])
def test_an_absent_flag_is_the_tenants_choice(consent: dict[str, str | None] | None) -> None:
    assert allows("meta", consent, when_absent="granted")
    assert not allows("meta", consent, when_absent="denied")


def test_an_unclear_flag_is_no_consent() -> None:
    assert allows("ga4", {"analytics_storage": "GRANTED"}, when_absent="denied")
    assert not allows("ga4", {"analytics_storage": "maybe"}, when_absent="granted")
