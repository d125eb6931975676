"""Which referrers come from outside: a page of the shop itself refers nobody."""

from typing import Final

from processors.domain.sites import site_of_host
from processors.domain.urls import host

_WWW: Final = "www."


def external_host(referrer: str | None, *, url: str | None, own_host: str | None) -> str:
    """The referrer's host, or empty when there is none or it is the shop's own."""
    if not referrer:
        return ""
    referring = host(referrer)
    if not referring:
        return ""
    if url and _same_site(referring, host(url)):
        return ""
    if own_host and _same_site(referring, host(own_host)):
        return ""
    return referring


def _same_site(referring: str, own: str) -> bool:
    """Whether they are one host, or one is below the other."""
    if not own:
        return False
    base = own.removeprefix(_WWW)
    if referring == base or referring.endswith("." + base):
        return True
    # The shop below the brand's main site; but a shop on a network's subdomain is its guest.
    above = "." + referring.removeprefix(_WWW)
    return own.endswith(above) and site_of_host(referring) is None
