"""How alerts are told: patience, and the mail server."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from processors.engine.settings import Settings

Security = Literal["starttls", "tls", "none"]


class AlertSettings(Settings):
    """How long we are patient with receivers, and with alerts of which nothing is read."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_ALERT_")

    timeout_seconds: float = Field(10.0, gt=0, description="of one webhook")
    retry_seconds: int = Field(
        300, ge=1, description="until the second try; doubled, up to 64 times"
    )
    give_up_seconds: int = Field(86_400, ge=1, description="after the change nobody is told of it")
    telling_seconds: float = Field(
        120.0, gt=0, description="of one run; receivers that hang do not hold up the next reading"
    )
    at_once: int = Field(8, ge=1)
    silent_seconds: int = Field(
        86_400, ge=1, description="an alert that stands ends when nothing is read for so long"
    )


class SmtpSettings(Settings):
    """The mail server; without a host no e-mail is sent, and each is told as not sent."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_SMTP_")

    host: str = ""
    port: int = Field(587, ge=1, le=65_535)
    security: Security = Field("starttls", description="none: for a relay on this machine")
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field("attributary@localhost", pattern=r"^[^\s@<>,]+@[^\s@<>,]+$")
    timeout_seconds: float = Field(20.0, gt=0)

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Self:
        if self.username and self.security == "none":
            raise ValueError("ATTRIBUTARY_SMTP_USERNAME needs security starttls or tls")
        return self
