"""Why something failed, as codes: an error names one, `bot.wording` has the sentence for it.

Values are stable names for logs. Facts that a sentence needs are given with the error.
"""

from enum import StrEnum, auto


class Reason(StrEnum):
    """One cause each; the class of the error says what failed because of it."""

    # Addresses that people type
    ADDRESS_MALFORMED = auto()
    """Empty, too long, or no address at all."""
    ADDRESS_SCHEME = auto()
    """Something other than http and https."""
    ADDRESS_WITH_SPACES = auto()
    """Spaces, control characters or backslashes."""
    ADDRESS_WITH_LOGIN = auto()
    """`user:password@`."""
    ADDRESS_WITH_QUERY = auto()
    """`?key=…` or `#…`; keys have their own command."""
    ADDRESS_AMBIGUOUS = auto()
    """A spelling that two programs could read differently."""
    ADDRESS_NOT_OPEN = auto()
    """A private address that only the operator may use."""
    ADDRESS_REFUSED = auto()
    """Not open or not answering; which of both stays hidden, or ports could be scanned."""
    ADDRESS_NOT_APPROVED = auto()
    """The name now leads to another kind of address than it was approved for."""
    KEY_UNENCRYPTED = auto()
    """A key would travel over plain http to the open internet."""

    # Connecting
    NO_SUCH_HOST = auto()
    SILENT = auto()
    """Nothing answers at the address."""
    TLS_FAILED = auto()

    # Files and texts that people bring
    TOO_LARGE = auto()
    """More bytes than allowed. Facts: largest."""
