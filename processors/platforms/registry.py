"""The platforms that we can send to: a row here and a folder beside it are a new one."""

from typing import Final

from processors.platforms.base import Connector
from processors.platforms.ga4.client import Ga4
from processors.platforms.meta.client import Meta
from processors.platforms.sgtm.client import Sgtm
from schemas.delivery import Platform

CONNECTORS: Final[dict[Platform, type[Connector]]] = {
    "meta": Meta,
    "ga4": Ga4,
    "sgtm": Sgtm,
}
