"""The vendors that a tenant may connect by signing in there."""

from typing import Final

from processors.platforms.google_ads import grant as google_ads
from processors.platforms.grant import Grant
from processors.platforms.klaviyo import settings as klaviyo
from processors.platforms.linkedin import settings as linkedin
from processors.platforms.meta import settings as meta
from processors.platforms.microsoft_ads import settings as microsoft_ads
from processors.platforms.pinterest import settings as pinterest
from processors.platforms.snapchat import settings as snapchat
from processors.platforms.tiktok import settings as tiktok

GRANTS: Final[dict[str, Grant]] = {
    "google_ads": google_ads.GRANT,
    "klaviyo": klaviyo.GRANT,
    "linkedin": linkedin.GRANT,
    "meta": meta.GRANT,
    "microsoft_ads": microsoft_ads.GRANT,
    "pinterest": pinterest.GRANT,
    "snapchat": snapchat.GRANT,
    "tiktok": tiktok.GRANT,
}
