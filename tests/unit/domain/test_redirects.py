"""Where a redirect may lead."""

import pytest

from processors.domain.redirects import hosts, target

ALLOWED = ("shop.example", "*.brand.example", "localhost:3000", "xn--mnchen-3ya.example")


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://SHOP.example/a?b=c&d=%20e#f", "https://SHOP.example/a?b=c&d=%20e#f"),
        ("http://shop.example:80/", "http://shop.example:80/"),
        ("https://shop.example:443/", "https://shop.example:443/"),
        ("https://a.b.brand.example/", "https://a.b.brand.example/"),
        ("http://localhost:3000/x", "http://localhost:3000/x"),
        ("https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example/"),
        ("https://shop.example/größe?q=ä", "https://shop.example/gr%C3%B6%C3%9Fe?q=%C3%A4"),
        ("https://shop.example/?next=https://evil.example/", None),
        ("https://shop.example/@evil.example", None),
        ("https://shop.example//evil.example", None),
    ],
)
def test_an_address_on_an_allowed_host_is_kept_as_it_is(text: str, location: str | None) -> None:
    assert target(text, ALLOWED) == (location or text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example",
        "/a",
        "//shop.example",
        "///shop.example",
        "https:shop.example",
        "https:/shop.example",
        "https:///shop.example",
        "https:////evil.example",
        "https://",
        "javascript:alert(1)//shop.example",
        "data:text/html,shop.example",
        "ftp://shop.example/",
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://evilshop.example/",
        "https://shop.example@evil.example/",
        "https://shop.example:x@evil.example/",
        "https://evil.example@shop.example/",
        "https://shop.example:443@evil.example",
        "https://evil.example#@shop.example/",
        "https://evil.example?@shop.example/",
        "https://evil.example\\@shop.example/",
        "https://shop.example\\.evil.example/",
        "https:\\\\shop.example/",
        "https://shop.example%2eevil.example/",
        "https://shop.example%00.evil.example/",
        "https://shop.example\x00.evil.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://sh\top.example/",
        " https://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example:99999/",
        "https://shop.example:x/",
        "https://localhost/",
        "https://brand.example/",
        "https://evilbrand.example/",
        "https://.brand.example/",
        "https://[shop.example]/",
        "https://[::1]/",
        "https://münchen.example/",
        "https://shop。example/",
        "https://shop.example／evil.example/",
        "https://ｓhop.example/",
        "https://shop.example/" + "a" * 9_000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        target(text, ALLOWED)


def test_no_address_is_allowed_when_no_host_is() -> None:
    with pytest.raises(ValueError, match="not in redirect_hosts"):
        target("https://shop.example/", ())


def test_hosts_are_read_from_a_list() -> None:
    assert hosts(" Shop.example, *.brand.example,localhost:3000,, ") == (
        "shop.example",
        "*.brand.example",
        "localhost:3000",
    )
    assert hosts("") == ()


@pytest.mark.parametrize(
    "text",
    ["https://shop.example", "*", "*.example", "*.com", "shop.example/a", "a b", "ä.example"],
)
def test_what_cannot_be_a_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no host|top level"):
        hosts(text)
