"""What the operator decides: `config.yaml` and the environment over it, read once at start."""

import difflib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
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
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from core.errors import SettingsError
from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret
from core.validation import ValueType, expected

PREFIX = "TAVERN_"
RESERVED = frozenset({"KEY", "FULL", "RELEASE", "SHARED", "TEST_POSTGRES"})
"""Variables with our prefix that are no configuration: `say`'s key and switches of the tests."""

Key = tuple[str, ...]


def from_file(path: Path) -> dict[str, Any]:
    """The file's mapping. Raises SettingsError when it cannot be read as one."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(Reason.FILE_UNREADABLE, error.strerror or "", path=path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(Reason.NOT_UTF8, file=path) from error
    except yaml.YAMLError as error:
        raise SettingsError(Reason.NOT_YAML, **_where(error), file=path) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SettingsError(Reason.NO_KEY_LINES, file=path)
    return document


def _where(error: yaml.YAMLError) -> dict[str, object]:
    # Only the place: the parser's own message quotes the line, which may hold the token.
    mark = getattr(error, "problem_mark", None)
    return {"line": mark.line + 1, "column": mark.column + 1} if mark else {}


def refused(reason: Reason, below: str = "") -> PydanticCustomError:
    """What a check of a setting raises; `explain` finds the reason in its type.

    `below`: the place within the setting.
    """
    return PydanticCustomError(reason.value, "refused", {"below": below})


def fields(model: type[BaseModel], above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every key of the configuration with its field, sections opened."""
    for key, field in _own_fields(model):
        path = (*above, key)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, path)
        else:
            yield path, field


def _own_fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield str(field.validation_alias or name), field


def from_environment(
    model: type[BaseModel], given: Mapping[str, Any], environment: Mapping[str, str]
) -> dict[str, Any]:
    """`given` with the values of `TAVERN_…` variables put over it; empty ones count as unset."""
    known = {"__".join(path).upper(): (path, field) for path, field in fields(model)}
    merged = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    unknown = []
    for variable, value in environment.items():
        name = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or name in RESERVED or not value:
            continue
        if name in known:
            path, field = known[name]
            _put(merged, path, _parsed(variable, field, value))
        else:
            unknown.append(variable)
    for variable in sorted(set(unknown) - _key_variables(merged)):
        raise _unknown(variable, [PREFIX + name for name in known])
    return merged


def _key_variables(merged: Mapping[str, Any]) -> set[str]:
    """Variables that hold keys of the connections on offer."""
    connections = merged.get("connections")
    listed = connections if isinstance(connections, list) else []
    return {str(entry.get("key_env")) for entry in listed if isinstance(entry, Mapping)}


def _put(merged: dict[str, Any], path: Key, value: object) -> None:
    for name in path[:-1]:
        if merged.get(name) is None:
            merged[name] = {}
        if not isinstance(merged[name], dict):
            raise SettingsError(Reason.NOT_A_SECTION, key=name)
        merged = merged[name]
    merged[path[-1]] = value


def _parsed(variable: str, field: FieldInfo, value: str) -> object:
    """Texts as they are (a token may look like a number), everything else as YAML."""
    kinds = {field.annotation, *get_args(field.annotation)}
    if kinds <= {str, Secret, Path, type(None)}:
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise SettingsError(Reason.NOT_YAML, **_where(error), key=variable) from None


def _unknown(name: str, known: Collection[str]) -> SettingsError:
    folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return SettingsError(Reason.SETTING_UNKNOWN, key=name, near=folded[near[0]] if near else "")


def explain(model: type[BaseModel], error: ValidationError) -> SettingsError:
    """The first fault with its path; the others are its `further` ones.

    Values are left out: one may be the token.
    """
    faults = error.errors(include_input=False, include_url=False)
    # A value that may have several forms gives one fault for each of them.
    by_path: dict[str, list[ErrorDetails]] = {}
    for fault in faults:
        by_path.setdefault(_known_path(model, fault["loc"])[0], []).append(fault)
    unknown = [[fault] for fault in faults if fault["type"] == "extra_forbidden"]
    others = [
        left
        for same in by_path.values()
        if (left := [fault for fault in same if fault["type"] != "extra_forbidden"])
    ]
    first, *further = [_fault(model, same) for same in (*unknown, *others)]
    first.further = tuple(further)
    return first


def _fault(model: type[BaseModel], faults: list[ErrorDetails]) -> SettingsError:
    """Faults of one key as one error."""
    # A misspelt key often leaves the one that was meant missing: the spelling explains both.
    faults.sort(key=lambda fault: fault["type"] != "extra_forbidden")
    path, section = _known_path(model, faults[0]["loc"])
    if faults[0]["type"] == "extra_forbidden":
        known = [f"{path}.{key}".strip(".") for key, _field in _own_fields(section)]
        return _unknown(f"{path}.{faults[0]['loc'][-1]}".strip("."), known)
    if faults[0]["type"] == "missing":
        return SettingsError(Reason.SETTING_MISSING, key=path)
    # A value that may have several forms gives one fault for each of them.
    same = [fault for fault in faults if _known_path(model, fault["loc"])[0] == path]
    if faults[0]["type"] in list(Reason):
        below = faults[0].get("ctx", {}).get("below", "")
        return SettingsError(Reason(faults[0]["type"]), key=f"{path}{below}")
    forms = expected(same)
    if forms == (ValueType.GROUP,):
        return SettingsError(Reason.NOT_A_SECTION, key=path)
    return SettingsError(Reason.SETTING_INVALID, key=path, expected=forms)


def _known_path(
    model: type[BaseModel], location: tuple[str | int, ...]
) -> tuple[str, type[BaseModel]]:
    """The part of a fault's location that names keys, and the section it ends in.

    What follows names the forms that pydantic tried.
    """
    shown = ""
    for step in location:
        if isinstance(step, int):
            shown += f"[{step}]"
            continue
        field = dict(_own_fields(model)).get(step)
        if field is None:
            break
        shown += f".{step}" if shown else step
        # A section, or the entries of a list.
        kinds = (field.annotation, *get_args(field.annotation))
        sections = (k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel))
        model = next(sections, model)
    return shown, model


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

    @field_validator("connections")
    @classmethod
    def _told_apart(cls, rows: tuple[OfferedConnection, ...]) -> tuple[OfferedConnection, ...]:
        # Checked with its own field, so that faults of other settings are told as well.
        names = [row.name.casefold() for row in rows]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise refused(Reason.CONNECTIONS_SAME_NAME, f"[{number}].name")
        defaults = [number for number, row in enumerate(rows) if row.default]
        if len(defaults) > 1:
            raise refused(Reason.CONNECTIONS_DEFAULTS, f"[{defaults[1]}].default")
        return rows

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
