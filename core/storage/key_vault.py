"""Keys at rest: sealed for one purpose, opened for that purpose only."""

import json
import logging
import os
import secrets as chance
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import KeyMissing, SettingsError, WrongKey
from core.reasons import Reason
from core.secret import Secret
from core.settings import Settings

MEMORY = "memory:"
"""Marks a stored value whose key was never written and goes with the process."""

log = logging.getLogger(__name__)


class KeyVault:
    """Seals and opens. Without a master key, keys live in this object only."""

    def __init__(self, master: MultiFernet | None) -> None:
        self._master = master
        self._kept: dict[str, tuple[str, Secret]] = {}

    @classmethod
    def load(cls, settings: Settings) -> "KeyVault":
        """The master key of the configuration, else of the key file, which is made if need be.

        Reads and writes files. Raises SettingsError when there is a key but it is none.
        """
        if settings.secrets.key:
            return cls(_master(settings.secrets.key.reveal(), "secrets.key"))
        path = settings.key_file
        try:
            text = _read_or_make(path)
        except OSError as error:
            log.warning(
                "the key file %s cannot be used (%s): keys are kept until the bot stops",
                path,
                error.strerror,
            )
            return cls(None)
        return cls(_master(text, str(path)))

    @property
    def persistent(self) -> bool:
        """Whether what is sealed can be opened after a restart."""
        return self._master is not None

    def seal(self, secret: Secret, purpose: str) -> str:
        """A text to store. `purpose` says what it may be used for, e.g. the address it is for."""
        if self._master is None:
            name = MEMORY + chance.token_urlsafe(16)
            self._kept[name] = (purpose, secret)
            return name
        sealed = json.dumps({"for": purpose, "value": secret.reveal()})
        return self._master.encrypt(sealed.encode()).decode()

    def open(self, sealed: str, purpose: str) -> Secret:
        """The value. Raises WrongKey for another master key or purpose, KeyMissing when it is
        gone with an earlier process.
        """
        if sealed.startswith(MEMORY):
            if sealed not in self._kept:
                raise KeyMissing(Reason.KEY_NOT_KEPT)
            bound, secret = self._kept[sealed]
        else:
            bound, secret = self._decrypted(sealed)
        if bound != purpose:
            raise WrongKey(Reason.KEY_FOR_ANOTHER)
        return secret

    def sealed_again(self, sealed: str) -> str:
        """The same value under the newest master key, for rotation."""
        if self._master is None or sealed.startswith(MEMORY):
            return sealed
        try:
            return self._master.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey() from None

    def _decrypted(self, sealed: str) -> tuple[str, Secret]:
        if self._master is None:
            raise KeyMissing()
        try:
            document = json.loads(self._master.decrypt(sealed.encode()))
        except InvalidToken:
            raise WrongKey() from None
        return document["for"], Secret(document["value"])


def _master(text: str, source: str) -> MultiFernet:
    """One or more Fernet keys, parted by white space or commas; the first one seals."""
    try:
        keys = [Fernet(key) for key in text.replace(",", " ").split()]
    except ValueError:
        keys = []
    if not keys:
        raise SettingsError(Reason.NO_MASTER_KEY, key=source)
    return MultiFernet(keys)


def _read_or_make(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Fernet.generate_key()
    # Exclusive: of two first starts one makes the key, the other reads it.
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii", errors="replace")
    with os.fdopen(handle, "wb") as file:
        file.write(key + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return key.decode()
