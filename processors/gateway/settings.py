"""The gateway's own knobs, read once from the environment."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from processors.domain.origins import Origins
from processors.engine.settings import Settings


class GatewaySettings(Settings):
    """Where to listen, where to produce, and how much to take."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_GATEWAY_")

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)
    database_url: SecretStr = Field(validation_alias="DATABASE_URL", min_length=1)
    seal_key: SecretStr = Field(validation_alias="ATTRIBUTARY_SEAL_KEY", min_length=1)
    vault_key: SecretStr = Field(validation_alias="ATTRIBUTARY_VAULT_KEY", min_length=1)
    role: str | None = "attributary_gateway"
    topic_prefix: str = Field("", validation_alias="ATTRIBUTARY_ENGINE_TOPIC_PREFIX")

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    log_level: str = "INFO"
    log_events: bool = Field(False, description="a line for every request that is taken")
    forwarded_allow_ips: str = Field("", description="proxies whose X-Forwarded-For counts")
    cors_allow_origin: str = Field(
        "*",
        description="origins (https://shop.example, *.shop.example), comma-separated, for keys"
        " without origins of their own; * is everybody, without cookies; empty is nobody",
    )
    hsts_seconds: int = Field(0, ge=0, description="where every host is behind TLS; 0 is off")

    key_events_per_second: float = Field(
        0.0, ge=0, description="of a key without a rate of its own, in each gateway; 0: no limit"
    )
    key_burst_events: int = Field(0, ge=0, description="at once; 0: ten seconds of the rate")
    login_seconds: int = Field(43_200, ge=60, description="how long a login's token is good for")
    connect_redirect_url: str = Field(
        "",
        description="the page to which platforms send a browser back after a sign-in, registered"
        " there; {platform} in it is the platform",
    )

    page_seconds: float = Field(
        15.0, gt=0, le=30, description="how long a question of an analyst's page may take"
    )

    max_event_bytes: int = Field(1_048_576, ge=1)
    max_batch_bytes: int = Field(5_242_880, ge=1)
    max_batch_items: int = Field(1_000, ge=1)
    max_in_flight_requests: int = Field(2_000, ge=1)
    max_in_flight_bytes: int = Field(134_217_728, ge=1)
    body_timeout_seconds: float = Field(10.0, gt=0)

    max_connections: int = Field(10_000, ge=1)
    max_url_bytes: int = Field(16_384, ge=1)
    max_head_bytes: int = Field(65_536, ge=1)
    max_head_fields: int = Field(100, ge=1)
    head_timeout_seconds: float = Field(10.0, gt=0)
    keep_alive_seconds: int = Field(75, ge=1)
    pace_per_minute: int = Field(
        300, ge=0, description="requests of one visitor; more are a sign of a robot; 0: none are"
    )

    upload_max_bytes: int = Field(1_073_741_824, ge=1)
    upload_max_rows: int = Field(1_000_000, ge=1)
    max_uploads: int = Field(2, ge=1, description="at once; their bodies lie beside the spool")

    quarantine_items_per_second: float = Field(2.0, gt=0, description="a tenant and kind")
    quarantine_burst_items: int = Field(200, ge=1)
    quarantine_item_bytes: int = Field(32_768, ge=0, description="larger ones are only told of")

    produce_timeout_seconds: float = Field(3.0, gt=0)
    hot_key_records_per_second: int = Field(500, ge=1, description="beyond: any partition")
    produce_batch_bytes: int = Field(524_288, ge=1024)

    spool_dir: Path = Path("spool")
    spool_max_bytes: int = Field(1_073_741_824, ge=1)
    spool_segment_bytes: int = Field(8_388_608, ge=1024)
    spool_retry_seconds: float = Field(0.5, gt=0)

    person_keys_seconds: float = Field(
        1.0, gt=0, description="how long an event waits for Postgres to know a new person's key"
    )
    control_refresh_seconds: float = Field(3.0, gt=0)
    ready_delay_seconds: float = Field(0.5, ge=0, description="not ready, but still serving")
    drain_seconds: float = Field(20.0, gt=0)

    @field_validator("cors_allow_origin")
    @classmethod
    def _origins(cls, value: str) -> str:
        Origins(value.split(","))
        return value
