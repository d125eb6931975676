"""A coarse hash of a device, to say how many records have one and never whose they are.

It is made of the user agent and the browser's low-entropy hints, the same for everybody with the
same model and version. So it is told as coverage, and joins nobody.
"""

import hashlib

_HEX_DIGITS = 32


def device_fingerprint(tenant: str, agent: str, platform: str = "", mobile: str = "") -> str:
    """The hash of agent and hints, another one for every tenant."""
    text = "\n".join((tenant, agent, platform, mobile))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_HEX_DIGITS]
