"""Marketing parameters are read from any landing URL, their values left as they are."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain.urls import CLICK_IDS, MARKETING, MAX_VALUE, UTMS, host, marketing


def test_all_parameters_are_read_under_lower_case_names() -> None:
    url = "https://shop.example/p?" + "&".join(f"{name}=V-{name}" for name in MARKETING)
    assert marketing(url) == {name: f"V-{name}" for name in MARKETING}
    assert len(UTMS) == 5


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/products/x?fbclid=IwAR_aB-9", {"fbclid": "IwAR_aB-9"}),
        ("?gclid=Cj0K", {"gclid": "Cj0K"}),
        ("https://shop.example/?ScCid=Ab1", {"sccid": "Ab1"}),
        ("https://shop.example/?UTM_Source=Google", {"utm_source": "Google"}),
        ("/?utm_campaign=summer+sale%21", {"utm_campaign": "summer sale!"}),
        ("/?gclid=a+b%2Bc", {"gclid": "a+b+c"}),
        ("/?ref=one&ref=two", {"ref": "one"}),
        ("/?ref=&ref=two", {"ref": "two"}),
        ("/?utm_source=a&amp;utm_medium=b", {"utm_source": "a", "utm_medium": "b"}),
        ("/?utm%5Fsource=a", {"utm_source": "a"}),
        ("/?creator=mia#gclid=x&ref=y", {"creator": "mia"}),
        ("/#/route?gclid=x", {}),
        ("/?xgclid=1&gclids=2&prefix_ref=3", {}),
        ("/?gclid", {}),
        ("/?utm_term=a%00b", {"utm_term": "ab"}),
        ("/?utm_term=%ff", {"utm_term": "\ufffd"}),
        ("/products/x", {}),
        ("", {}),
    ],
)
def test_parameters_are_found_where_they_are(url: str, expected: dict[str, str]) -> None:
    assert marketing(url) == expected


def test_a_value_has_a_greatest_length() -> None:
    assert marketing(f"/?gclid={'a' * 5000}") == {"gclid": "a" * MAX_VALUE}


@given(st.dictionaries(st.sampled_from(CLICK_IDS), st.from_regex(r"[!-~]{1,80}", fullmatch=True)))
def test_click_ids_survive_encoding_with_their_case(ids: dict[str, str]) -> None:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in ids.items())
    assert marketing(f"https://shop.example/?{query}") == ids


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    marketing(text)
    marketing(f"/?{text}")
    host(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Example.com/path?x=1", "www.example.com"),
        ("https://example.com", "example.com"),
        ("https://example.com:8443/p", "example.com"),
        ("https://user:pw@example.com/p", "example.com"),
        ("https://example.com?q=a/b", "example.com"),
        ("https://example.com./p", "example.com"),
        ("//cdn.example.com/p", "cdn.example.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("www.example.com/search", "www.example.com"),
        ("example.com", "example.com"),
        ("https://localhost:3000/", "localhost"),
        ("/products/x.html", ""),
        ("products", ""),
        ("", ""),
    ],
)
def test_a_url_has_one_host(url: str, expected: str) -> None:
    assert host(url) == expected
