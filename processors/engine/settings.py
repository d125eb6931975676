"""Settings: read once from the environment, frozen, complete or the process does not start.

Each component has one subclass of `Settings` with its own prefix; units stand in the names. A
secret is given as `NAME`, or as `NAME_FILE`, the path of a file that has it.
"""

from typing import Any, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from processors.engine.secret_files import SecretFiles

MASK: Final = "********"

Compression = Literal["auto", "none", "gzip", "snappy", "lz4", "zstd"]
"""Of what is produced. `auto`: zstd, and Snappy for small batches."""


class Incomplete(Exception):
    """The environment does not hold what a component needs; the message names each variable."""


class Settings(BaseSettings):
    """Base of every component's settings."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was given by name wins; then the environment, secrets by value or by file."""
        assert isinstance(env_settings, EnvSettingsSource)
        prefix = env_settings.env_prefix
        return init_settings, SecretFiles(settings_cls, prefix=prefix, refuse=Incomplete)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment; `overrides` (by field name) win.

        Raises:
            Incomplete: naming every variable that is missing or wrong, never its value.
        """
        try:
            return cls(**overrides)
        except ValidationError as error:
            lines = []
            for problem in error.errors(include_input=False, include_url=False):
                where = str(problem["loc"][0]) if problem["loc"] else cls.__name__
                lines.append(f"{cls.variable(where)}: {problem['msg']}")
            raise Incomplete("; ".join(lines)) from None

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field (given by its name or its alias)."""
        info = cls.model_fields.get(field)
        if info is None:
            return field
        if isinstance(info.validation_alias, str):
            return info.validation_alias
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    def show(self) -> dict[str, str]:
        """Variable -> value, secrets masked."""
        shown = {}
        for field in type(self).model_fields:
            value = getattr(self, field)
            shown[self.variable(field)] = MASK if isinstance(value, SecretStr) else str(value)
        return shown


class EngineSettings(Settings):
    """What every processor needs to run."""

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_ENGINE_")

    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=1)
    database_url: SecretStr = Field(validation_alias="DATABASE_URL", min_length=1)
    role: str | None = Field(
        "attributary_{processor}", description="which the login takes; {processor} is its name"
    )
    database_pool_max_connections: int = Field(8, ge=1)

    topic_prefix: str = ""
    replica: int = Field(0, ge=0, description="this process's number among its group's")
    health_host: str = "127.0.0.1"
    health_port: int = Field(0, ge=0, le=65535, description="0 picks a free port")
    log_level: str = "INFO"

    batch_max_records: int = Field(1000, ge=1)
    poll_timeout_ms: int = Field(500, ge=1)
    take_within_ms: int = Field(50, ge=1, le=50, description="how long agents gather a batch")
    rest_max_ms: int = Field(
        200,
        ge=0,
        description="between two batches that are not full, so that a batch has more; a replica"
        " that shares its topics rests so much longer as it has less of them",
    )
    session_timeout_ms: int = Field(10_000, ge=1000)
    heartbeat_interval_ms: int = Field(2_000, ge=100)
    rebalance_timeout_ms: int = Field(30_000, ge=1000)

    retry_first_seconds: float = Field(0.1, gt=0)
    retry_max_seconds: float = Field(5.0, gt=0)
    drain_seconds: float = Field(20.0, gt=0)
    lag_refresh_seconds: float = Field(5.0, gt=0)
    stuck_seconds: float = Field(60.0, gt=0)

    producer_linger_ms: int = Field(5, ge=0)
    producer_compression: Compression = "auto"
    producer_max_in_flight_records: int = Field(5_000, ge=1)

    dead_letter_limit_consecutive: int = Field(1_000, ge=1)
    dead_letter_limit_ratio: float = Field(0.5, gt=0, le=1)
    dead_letter_limit_window_records: int = Field(10_000, ge=1)

    def role_of(self, processor: str) -> str | None:
        """The role in the database with the rights of that processor."""
        return None if self.role is None else self.role.format(processor=processor)

    def instance_id(self, group: str) -> str:
        """The static member id: a restart takes its partitions back without a rebalance."""
        return f"{self.topic_prefix}{group}-{self.replica}"


class TraceSettings(Settings):
    """Whether there are traces, and of which share of events. Without an endpoint there are none.

    OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_SERVICE_NAME and
    OTEL_RESOURCE_ATTRIBUTES hold, too, as the standard has them.
    """

    model_config = SettingsConfigDict(env_prefix="ATTRIBUTARY_TRACE_")

    endpoint: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    traces_endpoint: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    disabled: bool = Field(False, validation_alias="OTEL_SDK_DISABLED")
    ratio: float = Field(0.01, ge=0, le=1, description="of requests that bring no trace")
    parents: Literal["none", "server", "all"] = Field(
        "server",
        description="whose traceparent decides: nobody's, that of server keys, everybody's, so that"
        " a browser may ask for load",
    )
    queue_spans: int = Field(8_192, ge=1, description="that wait; further ones are dropped")
    export_seconds: float = Field(2.0, gt=0, description="between two exports")
    timeout_seconds: float = Field(5.0, gt=0, description="for one export, tries again included")
    flush_seconds: float = Field(3.0, gt=0, description="at a stop")

    @property
    def url(self) -> str:
        """Where spans go; empty when there are none."""
        if self.disabled:
            return ""
        if self.traces_endpoint or not self.endpoint:
            return self.traces_endpoint
        return f"{self.endpoint.rstrip('/')}/v1/traces"
