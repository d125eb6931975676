"""How to reach server containers."""

from typing import Final

from pydantic import AliasChoices, Field
from pydantic_settings import SettingsConfigDict

from processors.domain.accounts import container_url
from processors.engine.settings import Settings
from processors.platforms.base import ACCOUNT_ID, Connection, ConnectionField
from processors.platforms.outward import Forbidden, OutwardSettings, checked


def _container(text: str) -> str:
    """The address of a container that may be called.

    Raises:
        ValueError: for a text that is none, or one that leads to our own network.
    """
    try:
        checked(container_url(text), OutwardSettings.load())
    except Forbidden as error:
        raise ValueError(str(error)) from None
    return text


CONNECTION: Final[Connection] = {
    "sgtm_container_url": ConnectionField(ACCOUNT_ID, _container),
    "sgtm_container_id": ConnectionField("container_id"),
    "sgtm_measurement_id": ConnectionField("measurement_id"),
    "sgtm_preview_header": ConnectionField("preview_header"),
}


class SgtmSettings(Settings):
    """A tenant's container is its own setting, `sgtm_container_url`, without which nothing is
    relayed. What is set here holds for every tenant: a deployment for one shop, or a test."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SGTM_")

    base_url: str = Field(
        "",
        validation_alias=AliasChoices("ATTRIBUTARY_SGTM_BASE_URL", "SGTM_CONTAINER_URL"),
        description="instead of every tenant's own container",
    )
    container_id: str = Field("", validation_alias="SGTM_CONTAINER_ID")
    preview_header: str = Field(
        "",
        validation_alias="SGTM_PREVIEW_HEADER",
        description="value of X-Gtm-Server-Preview: requests show in the container's preview",
    )
    timeout_seconds: float = Field(10.0, gt=0)
