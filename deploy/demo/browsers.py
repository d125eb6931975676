"""What visitors browse with: user agents as browsers send them, addresses of the test networks."""

from random import Random
from typing import Final

_IPHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
_INSTAGRAM: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 Instagram 334.0.0.21.95"
)
_ANDROID: Final = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)
_IPAD: Final = (
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"
)
_WINDOWS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
_EDGE: Final = f"{_WINDOWS} Edg/126.0.0.0"
_MAC: Final = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4 Safari/605.1.15"
)
_FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"

_MOBILE: Final = {_IPHONE: 34, _ANDROID: 40, _INSTAGRAM: 14, _IPAD: 12}
_DESKTOP: Final = {_WINDOWS: 50, _MAC: 28, _EDGE: 14, _FIREFOX: 8}
_MOBILE_SHARE: Final = 0.62
_NETWORKS: Final = ("203.0.113", "198.51.100", "192.0.2")


def user_agent(rng: Random, *, mobile: bool | None = None) -> str:
    """A browser; a phone or tablet about as often as in a real shop, unless told."""
    on_the_go = rng.random() < _MOBILE_SHARE if mobile is None else mobile
    found = _MOBILE if on_the_go else _DESKTOP
    return rng.choices(list(found), list(found.values()))[0]


def address(rng: Random) -> str:
    """An address that belongs to nobody (RFC 5737)."""
    return f"{rng.choice(_NETWORKS)}.{rng.randint(1, 254)}"
