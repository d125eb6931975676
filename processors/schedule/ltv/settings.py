"""How far customers are predicted, and how often anew."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings


class LtvSettings(Settings):
    """Predictions of what customers are still worth."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_LTV_")

    horizon_days: int = Field(365, ge=1, le=3_650, description="that are predicted")
    refit_days: int = Field(7, ge=1, description="between two models of a tenant")
    holdout_days: int = Field(91, ge=14, description="at most, that a model is judged by")
    chunk_orders: int = Field(100_000, ge=1, description="of a range of people")
    fine_orders: int = Field(
        200_000, ge=1, description="with more, times are counted in weeks instead of days"
    )
