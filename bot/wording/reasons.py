"""One sentence for every reason, in English, to be translated."""

from collections.abc import Mapping

from bot.i18n import N_
from core.reasons import Reason

REASONS: Mapping[Reason, str] = {
    # Addresses
    Reason.ADDRESS_MALFORMED: N_("Type it like `http://127.0.0.1:5001`."),
    Reason.ADDRESS_SCHEME: N_("It has to begin with `http://` or `https://`."),
    Reason.ADDRESS_WITH_SPACES: N_("Remove spaces and backslashes from it."),
    Reason.ADDRESS_WITH_LOGIN: N_("Leave out the user name and password."),
    Reason.ADDRESS_WITH_QUERY: N_(
        "Leave out everything after `?` or `#`; a key goes into `/connect key`."
    ),
    Reason.ADDRESS_AMBIGUOUS: N_(
        "It is spelled in an unusual way; write it plainly, like `http://127.0.0.1:5001`."
    ),
    Reason.ADDRESS_NOT_OPEN: N_("Only the owner of this bot may connect to that address."),
    Reason.ADDRESS_NOT_APPROVED: N_("The bot may not connect to that kind of address."),
    Reason.ADDRESS_REFUSED: N_(
        "That address does not answer, or only the owner of this bot may connect to it."
    ),
    Reason.KEY_UNENCRYPTED: N_(
        "That address is not encrypted, so others could read the key on its way. "
        "Use one with `https://`."
    ),
    # Connecting
    Reason.NO_SUCH_HOST: N_("There is no such host; check the address for typos."),
    Reason.SILENT: N_("Nothing answers at its address; check that it is running."),
    Reason.TLS_FAILED: N_(
        "The secure connection failed; check whether the address needs `http://` instead."
    ),
    # Files
    Reason.TOO_LARGE: N_("It is larger than {largest}; bring a smaller file."),
}
