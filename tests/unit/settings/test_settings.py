"""The configuration: where values come from, and what is refused in which words."""

from pathlib import Path

import pytest

from bot.cli._errors import one_line
from core.errors import SettingsError
from core.kind import Kind
from core.settings import Settings, fields, load_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def load(config: Path, text: str, **environment: str) -> Settings:
    config.write_text(text, encoding="utf-8")
    return load_settings(config, environment)


def refused(config: Path, text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(config, text, **environment)
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)
    return one_line(caught.value)


def test_defaults(config: Path) -> None:
    settings = load(config, "")
    assert settings.database.url == "sqlite+aiosqlite:///data/tavern.db"
    assert settings.data_dir == Path("data")
    assert settings.enable_downloadable_tokenizers is True
    assert settings.key_file == Path("data/secret.key")
    assert settings.discord.api_url == "https://discord.com/api/v10"
    assert not settings.discord.token


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environment={}) == Settings()


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.yaml"):
        load_settings(tmp_path / "absent.yaml", {})


def test_the_environment_wins(config: Path) -> None:
    settings = load(
        config,
        "log: {level: info}\ndata_dir: here",
        TAVERN_LOG__LEVEL="debug",
        TAVERN_LOG__PROMPTS="on",
        TAVERN_DATA_DIR="there",
        TAVERN_LIMITS__CHARACTERS="7",
    )
    assert settings.log.level == "debug"
    assert settings.log.prompts is True
    assert settings.data_dir == Path("there")
    assert settings.limits.characters == 7


@pytest.mark.parametrize(
    "variable",
    ["TAVERN_ENABLEDOWNLOADABLETOKENIZERS", "TAVERN_enableDownloadableTokenizers"],
)
def test_capitals_do_not_matter_in_the_environment(config: Path, variable: str) -> None:
    assert load(config, "", **{variable: "false"}).enable_downloadable_tokenizers is False


def test_lists_and_tables_in_the_environment_are_yaml(config: Path) -> None:
    settings = load(
        config,
        "",
        TAVERN_NETWORK__PRIVATE_BACKENDS="[127.0.0.1:5001, gpu.lan:8080]",
        TAVERN_DISCORD__SHARDS="[0, 1]",
        TAVERN_CONNECTIONS='[{"name": "House", "backend": "openai", "kind": "chat"}]',
    )
    assert settings.network.private_backends == ("127.0.0.1:5001", "gpu.lan:8080")
    assert settings.discord.shards == (0, 1)
    assert settings.connections[0].kind is Kind.CHAT


def test_texts_in_the_environment_stay_as_they_are(config: Path) -> None:
    settings = load(config, "", TAVERN_DISCORD__TOKEN="0123", TAVERN_DISCORD__CDN_URL="yes")
    assert settings.discord.token.reveal() == "0123"
    assert settings.discord.cdn_url == "yes"


def test_an_empty_variable_counts_as_unset(config: Path) -> None:
    assert load(config, "log: {level: debug}", TAVERN_LOG__LEVEL="").log.level == "debug"


def test_a_section_without_keys_is_like_none(config: Path) -> None:
    assert load(config, "discord:\n", TAVERN_DISCORD__TOKEN="abc").discord.token


def test_variables_of_the_tests_and_of_say_are_no_keys(config: Path) -> None:
    load(config, "", TAVERN_FULL="1", TAVERN_KEY="k", TAVERN_RELEASE="1")
    load(config, "", TAVERN_SHARED="/x", TAVERN_TEST_POSTGRES="u")


def test_keys_of_connections_come_from_the_environment(config: Path) -> None:
    settings = load(
        config,
        "connections: [{name: House, backend: openai, key_env: TAVERN_HOUSE, default: true}]",
        TAVERN_HOUSE="sk-canary",
    )
    assert settings.connections[0].key.reveal() == "sk-canary"
    assert "canary" not in repr(settings)


def test_secrets_do_not_show(config: Path) -> None:
    settings = load(
        config,
        "discord: {token: canary-token}\n"
        "secrets: {key: canary-key}\n"
        "database: {url: 'postgresql+asyncpg://u:canary-word@host/db'}",
    )
    assert settings.discord.token.reveal() == "canary-token"
    assert "canary" not in repr(settings)
    assert "canary" not in str(settings)


def test_the_database_follows_the_data_folder(config: Path) -> None:
    assert load(config, "data_dir: elsewhere").database.url.endswith("/elsewhere/tavern.db")
    own = load(config, "data_dir: elsewhere\ndatabase: {url: 'sqlite+aiosqlite:///own.db'}")
    assert own.database.url == "sqlite+aiosqlite:///own.db"
    assert load(config, "", TAVERN_DATA_DIR="d").database.url == "sqlite+aiosqlite:///d/tavern.db"


def test_the_rehearsal_is_offered_once(config: Path) -> None:
    settings = load(config, "").with_rehearsal()
    assert [row.default for row in settings.connections] == [True]
    assert settings.with_rehearsal() == settings
    own = load(config, "connections: [{name: House, backend: ollama, default: true}]")
    assert [row.default for row in own.with_rehearsal().connections] == [True, False]


@pytest.mark.parametrize(
    ("text", "found", "near"),
    [
        ("discord: {tokn: x}", "discord.tokn", "discord.token"),
        ("databse: {}", "databse", "database"),
        ("enable_downloadable_tokenizers: true", "enable_downloadable", "enableDownloadable"),
        ("connections: [{nme: x, backend: y}]", "connections[0].nme", "connections[0].name"),
        ("limits: {charactrs: 1}", "limits.charactrs", "limits.characters"),
    ],
)
def test_unknown_keys_are_refused_with_the_nearest_known_one(
    config: Path, text: str, found: str, near: str
) -> None:
    message = refused(config, text)
    assert f"`{found}" in message
    assert "There is no such key" in message
    assert f"did you mean `{near}" in message


def test_unknown_variables_are_refused_too(config: Path) -> None:
    message = refused(config, "", TAVERN_DISCORD__TOKN="secret")
    assert "TAVERN_DISCORD__TOKN" in message
    assert "TAVERN_DISCORD__TOKEN" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("log: {level: loud}", "`log.level`"),
        ("discord: {shards: many}", "`discord.shards`"),
        ("discord: {shards: 0}", "`discord.shards`"),
        ("limits: {characters: -1}", "`limits.characters`"),
        ("limits: {cloud_total: 0}", "`limits.cloud_total`"),
        ("network: {private_backends: some}", "`network.private_backends`"),
        ("connections: [{name: x}]", "`connections[0].backend`. It is missing"),
        (
            "database: {url: 'mysql://x'}",
            "`database.url`. It has to begin with `sqlite+aiosqlite://`",
        ),
        ("discord: nothing", "`discord`"),
        (
            "metrics: {listen: '127.0.0.1:9090'}",
            "`metrics.listen`. This version",
        ),
    ],
)
def test_wrong_values_are_refused_with_their_path(config: Path, text: str, path: str) -> None:
    assert path in refused(config, text)


def test_a_wrong_value_is_never_repeated(config: Path) -> None:
    assert "canary" not in refused(config, "discord: {token: {canary: 1}, shards: canary}")
    assert "canary" not in refused(config, "discord: {token: canary\n  - :")


def test_two_connections_of_one_name_or_two_defaults(config: Path) -> None:
    two = "connections: [{{name: {0}, backend: y{1}}}, {{name: {2}, backend: y{1}}}]"
    assert "same name" in refused(config, two.format("A", "", "a"))
    assert "more than one" in refused(config, two.format("A", ", default: true", "B"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe\x00", "not_utf8"),
        (b"- a list", "no_key_lines"),
        (b"a: [1", "line="),
        (b"a: {b: c: d}", "not_yaml"),
    ],
)
def test_files_that_are_no_configuration(config: Path, data: bytes, words: str) -> None:
    config.write_bytes(data)
    with pytest.raises(SettingsError, match=words):
        load_settings(config, {})


def test_a_variable_cannot_open_what_is_no_section(config: Path) -> None:
    assert "at `log`. It must be a section" in refused(config, "log: 3", TAVERN_LOG__LEVEL="info")


def test_a_byte_order_mark_is_no_key(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbflog: {level: debug}")
    assert load_settings(config, {}).log.level == "debug"


def test_an_unknown_key_is_named_also_where_none_is_near(config: Path) -> None:
    assert refused(config, "foo: 1") == (
        "The configuration can't be used at `foo`. There is no such key."
    )


def test_a_fault_in_yaml_is_told_with_its_file_line_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = refused(Path("b.yaml"), "discord: [1\n")
    assert "`b.yaml` has a fault in line 2, column 1." in told
    assert "`b.yaml`" in refused(Path("b.yaml"), "- a list")


def test_a_fault_in_yaml_is_told_with_the_variable(config: Path) -> None:
    told = refused(config, "", TAVERN_DISCORD__SHARDS="[0,")
    assert "`TAVERN_DISCORD__SHARDS` has a fault in line 1, column 4." in told


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("discord: {adult_dms: maybe}", "on or off"),
        ("discord: {api_url: 5}", "text"),
        ("discord: {shards: many}", "`auto`, a whole number, a list"),
        ("discord: {shards: 0}", "`auto`, 1 or more, a list"),
        ("limits: {cloud_total: x}", "a number"),
        ("limits: {cloud_total: 0}", "a number above 0"),
        ("limits: {characters: 1.5}", "a whole number"),
        ("log: {level: loud}", "`debug`, `info`, `warning`, `error`"),
        ("data_dir: [1]", "text"),
        ("connections: 5", "a list"),
        ("connections: [{name: '', backend: x}]", "a text that isn't empty"),
        (f"connections: [{{name: {'x' * 81}, backend: x}}]", "a text of at most 80 characters"),
        ("connections: [{name: x, backend: y, kind: z}]", "`text`, `chat`"),
    ],
)
def test_a_wrong_value_is_told_what_its_key_takes(config: Path, text: str, takes: str) -> None:
    assert refused(config, text).endswith(f"It takes {takes}.")


@pytest.mark.parametrize("key", ["discord", "database", "limits"])
def test_a_value_in_place_of_a_section_names_no_class_of_the_code(config: Path, key: str) -> None:
    assert refused(config, f"{key}: 5") == (
        f"The configuration can't be used at `{key}`. It must be a section with keys of its own."
    )


def test_every_key_says_in_our_words_what_it_takes(config: Path) -> None:
    for path, _field in fields(Settings):
        for value in ("[[]]", "{a: 1}", "-1.5", "''", "words"):
            text = "".join(f"{{{name}: " for name in path) + value + "}" * len(path)
            try:
                load(config, text)
            except SettingsError as error:
                told = one_line(error)
                assert "doesn't fit" not in told
                assert "nput" not in told
                assert "should" not in told
