"""Desktop, mobile or tablet, from the user agent's own words.

An iPad that asks for desktop sites calls itself a Macintosh and is counted as one. Televisions,
scripts and empty agents are none of the three.
"""

import re
from functools import lru_cache
from typing import Final, Literal

DeviceType = Literal["desktop", "mobile", "tablet"]

_MAX_AGENT: Final = 512
_TELEVISION: Final = re.compile(
    r"smart-?tv|appletv|apple tv|android tv|googletv|bravia|hbbtv|web0s|netcast|roku|crkey|"
    r"\baft[a-z]{1,4}\b|tizen.*\btv\b",
    re.IGNORECASE,
)
_TABLET: Final = re.compile(
    r"ipad|\btablet\b(?! pc)|playbook|kindle|silk(?!.*mobile)|android(?!.*mobi)", re.IGNORECASE
)
_MOBILE: Final = re.compile(
    r"mobi|iphone|ipod|android|windows phone|iemobile|blackberry|\bbb10\b|opera mini|symbian|"
    r"cfnetwork.*\bios\b",
    re.IGNORECASE,
)
_DESKTOP: Final = re.compile(r"windows nt|macintosh|mac os x|x11|cros|linux", re.IGNORECASE)


def device_type(user_agent: str) -> DeviceType | None:
    """The kind of device, or None when the agent does not say."""
    return _device_type(user_agent[:_MAX_AGENT])


@lru_cache(maxsize=8192)
def _device_type(agent: str) -> DeviceType | None:
    if _TELEVISION.search(agent):
        return None
    if _TABLET.search(agent):
        return "tablet"
    if _MOBILE.search(agent):
        return "mobile"
    return "desktop" if _DESKTOP.search(agent) else None
