"""A robot is told by what it calls itself, or by two signs that people seldom give at once."""

import pytest

from processors.domain import robots
from processors.domain.fingerprints import device_fingerprint

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
BROWSER = {b"user-agent": CHROME.encode(), b"accept-language": b"de"}


@pytest.mark.parametrize(
    ("agent", "reasons"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ["declared"]),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", ["declared"]),
        ("AdsBot-Google (+http://www.google.com/adsbot.html)", ["declared"]),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", ["declared"]),
        ("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", ["declared"]),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; ClaudeBot/1.0)", ["declared"]),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0)", ["declared"]),
        ("Screaming Frog SEO Spider/19.0", ["declared"]),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0 Safari/537.36", ["headless"]),
        ("Mozilla/5.0 PhantomJS/2.1.1", ["headless"]),
        ("curl/8.5.0", ["script"]),
        ("python-requests/2.32", ["script"]),
        ("Go-http-client/2.0", ["script"]),
        (CHROME, []),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/126.0 Mobile Safari/537.36", []),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 [FBAN/FBIOS]", []),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Instagram 330.0", []),
        ("okhttp/4.12.0", []),
        ("", []),
    ],
)
def test_an_agent_says_whether_it_is_a_robot(agent: str, reasons: list[str]) -> None:
    assert list(robots.of_agent(agent)) == reasons


@pytest.mark.parametrize(
    ("headers", "signs"),
    [
        (BROWSER, []),
        ({**BROWSER, b"sec-purpose": b"prefetch;prerender"}, ["prefetch"]),
        ({**BROWSER, b"purpose": b"prefetch"}, ["prefetch"]),
        ({**BROWSER, b"x-moz": b"prefetch"}, ["prefetch"]),
        ({**BROWSER, b"x-purpose": b"preview"}, ["prefetch"]),
        ({**BROWSER, b"purpose": b"checkout"}, []),
        ({b"accept-language": b"de"}, ["no_agent"]),
        ({b"user-agent": b"x"}, ["no_language"]),
    ],
)
def test_headers_give_signs(headers: dict[bytes, bytes], signs: list[str]) -> None:
    assert list(robots.of_headers(headers)) == signs


@pytest.mark.parametrize("sign", robots.REASONS)
def test_only_a_strong_sign_stands_alone(sign: str) -> None:
    weak = sign in (robots.NO_AGENT, robots.NO_LANGUAGE, robots.PACE, robots.TIMES)
    assert robots.judged([sign]) == (() if weak else (sign,))


def test_two_weak_signs_make_a_robot_and_are_told_in_one_order() -> None:
    assert robots.judged([robots.TIMES, robots.NO_AGENT]) == ("no_agent", "times")
    assert robots.judged([robots.NO_AGENT, robots.TIMES]) == ("no_agent", "times")
    assert robots.judged([robots.PACE, robots.PACE]) == ()
    assert robots.judged([]) == ()


def test_a_fingerprint_differs_by_tenant_agent_and_hints_and_by_nothing_else() -> None:
    made = {
        device_fingerprint(tenant, agent, platform, mobile)
        for tenant in ("acme", "other")
        for agent in (CHROME, "x")
        for platform in ('"Windows"', "")
        for mobile in ("?0", "?1")
    }
    assert len(made) == 16
    assert device_fingerprint("acme", CHROME) == device_fingerprint("acme", CHROME)
    assert len(device_fingerprint("acme", "\ud800")) == 32
