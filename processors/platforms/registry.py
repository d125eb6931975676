"""The platforms that we can send to. A new one, `acme`, is

1. `processors/platforms/acme/`: `settings.py` (`AcmeSettings`, prefix `ATTRIBUTARY_ACME_`, with a
   `base_url`; `CONNECTION`, whose names begin with `acme_`; where tenants sign in, a `GRANT`, with
   a row in `grants.py`), `convert.py` (pure: `refusal` and `request`), `answers.py` (`classify`),
   `client.py` (the `Connector`, with what it `retracts`; it sends by `answering.one_fate`, or
   `by_event` where answers tell events apart, with a token of `oauth.Tokens` where it must be
   refreshed; it is `base.Judging` where the vendor judges a request later), `direct.py` if it
   serves without the pipeline;
2. a row here and a word at the same place of `schemas.topics.DELIVERED_PLATFORMS`, its topic;
3. `deploy/simulators/acme.py` with `RULES` (see `deploy.simulators.server.Rules`), as strict as the
   vendor, and its refusals in `tests/contract/platforms/test_acme_simulator.py`; its `authority` is
   None where nobody signs in, else `authority_of("acme")`, with a row in `authority_dialects.py`;
   it knows the tokens that it sold, of which the rules must ask it;
4. the cases in `tests/contract/platforms/acme/`, whose files `conftest.py` there describes.

Its names of events are in `domain.event_names`, its need of consent in `domain.consent`; both know
every `schemas.delivery.Platform`, and so does all the rest: settings, routes, local stack, demo.
"""

from typing import Final

from processors.platforms.affiliate import settings as affiliate
from processors.platforms.base import Connection, Connector
from processors.platforms.fairing import settings as fairing
from processors.platforms.ga4.client import Ga4
from processors.platforms.google_ads.client import GoogleAds
from processors.platforms.klaviyo.client import Klaviyo
from processors.platforms.linkedin.client import LinkedIn
from processors.platforms.meta.client import Meta
from processors.platforms.microsoft_ads.client import MicrosoftAds
from processors.platforms.mntn import settings as mntn
from processors.platforms.pinterest.client import Pinterest
from processors.platforms.sgtm.client import Sgtm
from processors.platforms.shopify import settings as shopify
from processors.platforms.snapchat.client import Snapchat
from processors.platforms.tiktok.client import TikTok
from processors.platforms.whatsapp.client import WhatsApp
from schemas.delivery import Platform

CONNECTORS: Final[dict[Platform, type[Connector]]] = {
    "ga4": Ga4,
    "google_ads": GoogleAds,
    "klaviyo": Klaviyo,
    "linkedin": LinkedIn,
    "meta": Meta,
    "microsoft_ads": MicrosoftAds,
    "pinterest": Pinterest,
    "sgtm": Sgtm,
    "snapchat": Snapchat,
    "tiktok": TikTok,
    "whatsapp": WhatsApp,
}
SOURCES: Final[dict[str, Connection]] = {
    "affiliate": affiliate.CONNECTION,
    "shopify": shopify.CONNECTION,
    "fairing": fairing.CONNECTION,
    "mntn": mntn.CONNECTION,
}
"""What is only read: nothing may be routed there, so their connections are never enabled."""
CONNECTIONS: Final[dict[str, Connection]] = {
    **{platform: kind.connection for platform, kind in CONNECTORS.items()},
    **SOURCES,
}
"""What tenants say of their accounts, by platform."""
