"""The settings that send what is meant for a vendor to its simulator."""

from typing import Final

from deploy.simulators import authority
from processors.platforms.grants import GRANTS
from processors.platforms.registry import CONNECTORS, SOURCES

SIMULATED: Final = (*CONNECTORS, *SOURCES)
FURTHER: Final = {"snapchat": ("ADS_URL",)}
"""Settings of a vendor whose API has more hosts than one; the simulator is all of them."""


def addresses(platform: str, url: str) -> dict[str, str]:
    """Variable to value, for a platform whose simulator answers at `url`."""
    prefix = f"ATTRIBUTARY_{platform.upper()}"
    found = {f"{prefix}_{name}": url for name in ("BASE_URL", *FURTHER.get(platform, ()))}
    if platform in GRANTS:
        # No demo asks a real vendor how a connection does.
        found[f"{prefix}_TOKEN_URL"] = url + authority.EXCHANGE
        found[f"{prefix}_AUTHORIZE_URL"] = url + authority.AUTHORIZE
        found[f"{prefix}_REVOKE_URL"] = url + authority.REVOKE
        found[f"{prefix}_API_URL"] = url + authority.API
    return found
