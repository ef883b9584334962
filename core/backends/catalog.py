"""The rows of all backends, read from a folder, and backends made from them."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml
from pydantic import ValidationError

import core.backends as package
from core.backends.backend import Backend
from core.backends.http import Http
from core.backends.rehearsal.rehearsal import Rehearsal, Script
from core.backends.spec import Spec
from core.backends.wrap.retry import Retrying
from core.errors import InvalidOption, NotFound, SettingsError
from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret


class Catalog:
    """All rows by id. `load` reads our own and those of the operator, which win."""

    def __init__(self, rows: Mapping[str, Spec]) -> None:
        self.rows = dict(sorted(rows.items()))
        self.script = Script()
        """What the rehearsal model is made to say; tests write into it."""

    @classmethod
    def load(cls, folder: Path | None = None) -> "Catalog":
        """Reads the rows. Raises SettingsError for an operator's row that cannot be used."""
        own = _read(folder) if folder is not None and folder.is_dir() else ()
        return cls({**_ours(), **{spec.id: spec for spec in own}})

    def __iter__(self) -> Iterator[Spec]:
        return iter(self.rows.values())

    def get(self, id_: str) -> Spec:
        """The row of an id, a name or an alias, however it is spelt.

        Raises NotFound with the nearest known id; `retired` where it once existed.
        """
        if id_ in self.rows:
            return self.rows[id_]
        wanted = _letters(id_)
        for spec in self:
            if wanted in map(_letters, (spec.id, spec.name, *spec.aliases)):
                return spec
            for gone in spec.replaces:
                if wanted == _letters(gone):
                    raise NotFound(what="backend", name=id_, near=spec.id, retired=gone)
        close = get_close_matches(wanted, self.rows, n=1)
        raise NotFound(what="backend", name=id_, near="".join(close))

    def create(self, spec: Spec, kind: Kind, http: Http, url: str, key: Secret) -> Backend:
        """A backend that retries; `url` as stored (`stored_url`), empty for the row's own.

        `http` must reach the class of addresses that was approved for `url`
        (`http.reaching(approved.reach)`). Raises InvalidOption for a kind the row lacks.
        """
        protocol = spec.kinds.get(kind)
        if protocol is None:
            raise InvalidOption(key="kind", value=kind, expected=tuple(spec.kinds))
        backend = protocols()[protocol](spec, http, url or spec.endpoint.url, key)
        if isinstance(backend, Rehearsal):
            backend.script = self.script
        return Retrying(backend, pause=spec.endpoint.pause)


@cache
def protocols() -> Mapping[str, type[Backend]]:
    """All protocol classes: each module of the package is a chance to register one."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return Backend.registered


@cache
def _ours() -> Mapping[str, Spec]:
    return {spec.id: spec for spec in _read(files(package) / "catalog")}


def _read(folder: Traversable | Path) -> Iterator[Spec]:
    for file in sorted(folder.iterdir(), key=lambda found: found.name):
        if not file.name.endswith((".yaml", ".yml")):
            continue
        try:
            spec = Spec.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError, OSError, UnicodeDecodeError) as error:
            said = str(error).partition("\n")[0]
            if isinstance(error, ValidationError):
                first = error.errors()[0]
                said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise SettingsError(Reason.CATALOG_ROW, said, key=file.name) from error
        unknown = set(spec.kinds.values()) - protocols().keys()
        if unknown:
            raise SettingsError(Reason.CATALOG_ROW, sorted(unknown)[0], key=file.name)
        yield spec


def _letters(name: str) -> str:
    """The name as it is compared: “LM Studio”, “lm-studio” and “lmstudio” are one."""
    return "".join(mark for mark in name.casefold() if mark.isalnum())
