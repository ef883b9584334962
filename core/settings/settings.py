"""What the operator decides: `config.yaml` and the environment, read once at start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret
from core.settings.sources import explain, from_environment, from_file, refused

DEFAULT_FILE = Path("config.yaml")
REHEARSAL = "rehearsal"

Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]


def _secret(value: object) -> Secret:
    return value if isinstance(value, Secret) else Secret("" if value is None else str(value))


SecretText = Annotated[Secret, BeforeValidator(_secret)]


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, validate_default=True
    )


class DiscordSettings(_Section):
    """Which Discord to talk to, and as whom."""

    token: SecretText = Field(default=Secret(), repr=False)
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str = "wss://gateway.discord.gg/"
    cdn_url: str = "https://cdn.discordapp.com"
    shards: Literal["auto"] | Annotated[int, Field(ge=1)] | tuple[Count, ...] = "auto"
    adult_dms: bool = False
    """Whether characters marked for adults may speak in direct messages."""


class DatabaseSettings(_Section):
    """Where everything is kept."""

    url: str = Field(default="sqlite+aiosqlite:///data/tavern.db", repr=False)

    @field_validator("url")
    @classmethod
    def _known_driver(cls, url: str) -> str:
        if not url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise refused(Reason.DATABASE_DRIVER)
        return url


class SecretSettings(_Section):
    """The master key that seals stored keys; without one a key file is made."""

    key: SecretText = Field(default=Secret(), repr=False)
    key_file: Path | None = None


class NetworkSettings(_Section):
    """Which addresses the bot may reach for other people."""

    private_backends: Literal["everyone"] | tuple[str, ...] = ()


class OfferedConnection(_Section):
    """A connection that the operator offers to every server."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    backend: Annotated[str, Field(min_length=1)]
    url: str = ""
    model: str = ""
    kind: Kind | None = None
    key_env: str = ""
    default: bool = False
    _key: Secret = PrivateAttr(default_factory=Secret)

    @property
    def key(self) -> Secret:
        """The key found in the environment under `key_env`; empty where there is none."""
        return self._key


class LogSettings(_Section):
    """What is told to the terminal."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"
    prompts: bool = False


class MetricsSettings(_Section):
    """Figures for the operator's monitoring; nothing serves them yet."""

    listen: str = ""

    @field_validator("listen")
    @classmethod
    def _is_empty(cls, listen: str) -> str:
        if listen:
            raise refused(Reason.NO_METRICS)
        return listen


class LimitSettings(_Section):
    """How much one person, server or answer may take. Sizes in bytes, times in seconds."""

    turns_per_person: Count = 60
    turns_per_server: Count = 200
    imports_per_person: Count = 10
    characters: Count = 500
    library_bytes: Count = 200 * 2**20
    card_bytes: Count = 10 * 2**20
    message_characters: Annotated[int, Field(ge=1)] = 8_000
    attachment_characters: Count = 16_000
    answer_messages: Annotated[int, Field(ge=1)] = 10
    cloud_first_byte: Seconds = 120
    cloud_silence: Seconds = 60
    cloud_total: Seconds = 600
    local_first_byte: Seconds = 600
    local_silence: Seconds = 120
    local_total: Seconds = 1800
    horde_total: Seconds = 1200


class Settings(_Section):
    """The whole configuration. Attributes stand for the keys of `config.yaml`."""

    discord: DiscordSettings = DiscordSettings()
    database: DatabaseSettings = DatabaseSettings()
    data_dir: Path = Path("data")
    enable_downloadable_tokenizers: bool = Field(
        default=True, validation_alias="enableDownloadableTokenizers"
    )
    secrets: SecretSettings = SecretSettings()
    network: NetworkSettings = NetworkSettings()
    connections: tuple[OfferedConnection, ...] = ()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    limits: LimitSettings = LimitSettings()

    @model_validator(mode="before")
    @classmethod
    def _database_in_data_dir(cls, values: Any) -> Any:
        """A moved `data_dir` takes the database along unless that has an address of its own."""
        if not isinstance(values, Mapping) or not values.get("data_dir"):
            return values
        if values.get("database"):
            return values
        path = Path(str(values["data_dir"])) / "tavern.db"
        return {**values, "database": {"url": f"sqlite+aiosqlite:///{path.as_posix()}"}}

    @model_validator(mode="after")
    def _one_default(self) -> Self:
        names = [connection.name.casefold() for connection in self.connections]
        if len(set(names)) < len(names):
            raise refused(Reason.CONNECTIONS_SAME_NAME)
        if sum(connection.default for connection in self.connections) > 1:
            raise refused(Reason.CONNECTIONS_DEFAULTS)
        return self

    @property
    def key_file(self) -> Path:
        """Where the master key is kept if it is not given in the configuration."""
        return self.secrets.key_file or self.data_dir / "secret.key"

    def with_rehearsal(self) -> "Settings":
        """A copy that offers the rehearsal model, as default where there is no other."""
        if any(connection.backend == REHEARSAL for connection in self.connections):
            return self
        free = not any(connection.default for connection in self.connections)
        rehearsal = OfferedConnection(name=REHEARSAL, backend=REHEARSAL, default=free)
        return self.model_copy(update={"connections": (*self.connections, rehearsal)})


def load_settings(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Reads the file (without `path`: `config.yaml`, where there is one) and the environment.

    The environment wins. Raises SettingsError: one line with the key's path.
    """
    environment = os.environ if environment is None else environment
    given = from_file(path) if path else from_file(DEFAULT_FILE) if DEFAULT_FILE.exists() else {}
    merged = from_environment(Settings, given, environment)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise explain(Settings, error) from None
    for connection in settings.connections:
        connection._key = Secret(environment.get(connection.key_env, ""))
    return settings
