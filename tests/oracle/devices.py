"""Desktop, mobile or tablet, for the plain user agents that tests send."""

import re


def device_type(user_agent: str | None) -> str | None:
    """The kind of device that the agent says it is."""
    agent = (user_agent or "").lower()
    android = "android" in agent
    if "ipad" in agent or re.search(r"\btablet\b", agent) or (android and "mobi" not in agent):
        return "tablet"
    if "iphone" in agent or "mobi" in agent or android:
        return "mobile"
    if any(word in agent for word in ("windows nt", "macintosh", "x11", "linux", "cros")):
        return "desktop"
    return None
