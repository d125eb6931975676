"""Knobs of identity."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class IdentitySettings(Settings):
    """When conversions that changed are looked at again."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_IDENTITY_")

    restate_later_from_lag: int = Field(
        5_000, ge=0, description="records behind from which changes are gathered first"
    )
    restate_quiet_seconds: float = Field(
        3.0, ge=0, description="a tenant without a new mark for so long is looked at"
    )
    restate_within_seconds: float = Field(
        900.0, ge=0, description="a mark does not wait longer than this, however far behind"
    )
    restate_poll_seconds: float = Field(0.5, gt=0)
    restate_lease_seconds: float = Field(30.0, gt=0)
