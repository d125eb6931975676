"""Which pages a list of origins allows."""

import pytest

from processors.domain.origins import Origins, normalised

LIST = Origins(["https://shop.example", "*.shop.example", "http://localhost:3000"])


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example", True),
        ("https://www.shop.example", True),
        ("https://a.b.shop.example", True),
        ("http://localhost:3000", True),
        ("http://shop.example", False),
        ("http://www.shop.example", False),
        ("https://shop.example:8443", False),
        ("https://www.shop.example:8443", False),
        ("https://evilshop.example", False),
        ("https://.shop.example", False),
        ("https://evil.example/.shop.example", False),
        ("https://evil.example#.shop.example", False),
        ("https://user@www.shop.example", False),
        ("https://shop.example.evil.example", False),
        ("http://localhost", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_an_origin_that_the_list_names_is_allowed(origin: str, allowed: bool) -> None:
    assert LIST.names(origin) is allowed


def test_everybody_is_not_somebody_who_is_named() -> None:
    everybody = Origins(["*"])

    assert everybody.any
    assert not everybody.names("https://shop.example")
    assert not Origins([""]).any


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("Shop.Example", "https://shop.example"),
        ("https://shop.example:443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        (" *.shop.example ", "https://*.shop.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_pattern_is_stored_in_one_form(said: str, stored: str) -> None:
    assert normalised(said) == stored


@pytest.mark.parametrize(
    "said",
    ["", "*", "null", "*.com", "https://shop.example/path", "ftp://shop.example", "a*.example",
     "https://shop_1.example", "münchen.example", "https://"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"origin|every site"):
        normalised(said)
