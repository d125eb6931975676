"""Whether a hit was made by a robot: several signs, some of which say it alone.

A declared robot, a headless browser, a script and a prefetched page are nobody's visit. The other
signs (no language, no agent, a pace that nobody keeps, times that cannot be) also have honest
causes, so two of them must meet. The list of agents is of words that robots use of themselves, not
of products: what a new one calls itself is mostly among them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

DECLARED: Final = "declared"
HEADLESS: Final = "headless"
SCRIPT: Final = "script"
PREFETCH: Final = "prefetch"
WEBDRIVER: Final = "webdriver"
NO_AGENT: Final = "no_agent"
NO_LANGUAGE: Final = "no_language"
PACE: Final = "pace"
TIMES: Final = "times"

REASONS: Final = (
    DECLARED, HEADLESS, SCRIPT, PREFETCH, WEBDRIVER, NO_AGENT, NO_LANGUAGE, PACE, TIMES,
)  # fmt: skip
"""Every sign, in the order in which they are told."""

_ALONE: Final = frozenset({DECLARED, HEADLESS, SCRIPT, PREFETCH, WEBDRIVER})
_LONGEST_AGENT: Final = 512

# Phones of the brand Cubot, and Facebook's browser within its app (FB_IAB), are people.
_DECLARED: Final = re.compile(
    r"(?<!cu)bot(?![a-z])|(?<!cu)bots?[/;,) _-]|crawl|spider|slurp|scrap(?:er|y|ing)|"
    r"mediapartners-google|google-(?:read-aloud|inspectiontool|extended|site-verification)|"
    r"googleother|google favicon|google web preview|feedfetcher|apis-google|adsbot|"
    r"facebookexternalhit|facebookcatalog|meta-external(?:agent|fetcher)|whatsapp/|"
    r"bingpreview|yandex(?:images|metrika|accessibility|direct)|baiduspider|ia_archiver|"
    r"archive\.org|lighthouse|pagespeed|gtmetrix|pingdom|uptime|statuscake|site24x7|"
    r"datadogsynthetics|newrelicpinger|catchpoint|monitor(?:ing|is)|checkly|chatgpt-user|"
    r"claude-(?:web|user)|perplexity|cohere-ai|embedly|outbrain|quora link preview|skypeuripreview|"
    r"nuzzel|vkshare|w3c_validator|validator\.nu|link(?:check|preview)|"
    r"ahrefs|semrush|screaming frog|sitechecker|dataprovider|netcraft|censys|masscan|zgrab|nmap|"
    r"virustotal|proofpoint|barracuda|safelinks|bluecoat|mail\.ru_bot|petalbot|bytespider",
    re.IGNORECASE,
)
_HEADLESS: Final = re.compile(
    r"headless|phantomjs|slimerjs|selenium|webdriver|puppeteer|playwright|cypress|electron/.*test|"
    r"splash/|htmlunit|nightmare|zombie\.js",
    re.IGNORECASE,
)
_SCRIPT: Final = re.compile(
    r"^(?:curl|wget|libcurl|python|aiohttp|httpx|go-http-client|java/|apache-httpclient|"
    r"libwww|lwp|perl|ruby|php|guzzle|node|undici|axios|got \(|got/|node-fetch|"
    r"superagent|postman|insomnia|httpie|restsharp|winhttp|powershell|k6/|jmeter|locust|"
    r"reqwest|scrapy|mechanize|deno/|bun/)",
    re.IGNORECASE,
)

_HINTS: Final = (
    (b"sec-purpose", (b"prefetch", b"prerender")),
    (b"purpose", (b"prefetch", b"preview")),
    (b"x-purpose", (b"prefetch", b"preview")),
    (b"x-moz", (b"prefetch",)),
)


def of_agent(agent: str) -> tuple[str, ...]:
    """What the user agent says of itself."""
    text = agent[:_LONGEST_AGENT]
    found = [HEADLESS] if _HEADLESS.search(text) else []
    if _SCRIPT.search(text):
        found.append(SCRIPT)
    elif _DECLARED.search(text):
        found.append(DECLARED)
    return tuple(found)


def of_headers(headers: Mapping[bytes, bytes]) -> tuple[str, ...]:
    """What the headers of a browser's request say; every browser tells its languages."""
    found = [] if b"accept-language" in headers else [NO_LANGUAGE]
    if b"user-agent" not in headers:
        found.append(NO_AGENT)
    for name, words in _HINTS:
        if name in headers and any(word in headers[name].lower() for word in words):
            found.append(PREFETCH)
            break
    return tuple(found)


def judged(signs: Iterable[str]) -> tuple[str, ...]:
    """The signs in their order if they make a robot, else nothing: one that says it alone, or two
    of the others."""
    found = {*signs}
    if len(found) > 1 or not found.isdisjoint(_ALONE):
        return tuple(reason for reason in REASONS if reason in found)
    return ()
