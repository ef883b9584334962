"""The core's plain words for what exactly went wrong, as people are told them.

Words that are not listed (a server's own, a file's fault) are shown as they are.
"""

from collections.abc import Mapping

from bot.i18n import N_

_NO_ADDRESS = N_("it is no address of a server")
_ODD_SPELLING = N_("it is spelled in an unusual way")
_SILENT = N_("nothing answers")
_TOO_LARGE = N_("it is too large")

DETAILS: Mapping[str, str] = {
    "nothing answers": _SILENT,
    "no connection": _SILENT,
    "no such host": N_("there is no such host"),
    "the secure connection failed": N_("the secure connection failed"),
    "this class of address was not approved": N_("the bot may not connect to such an address"),
    "not an address": _NO_ADDRESS,
    "not a host name": _NO_ADDRESS,
    "no address, or one that is too long": _NO_ADDRESS,
    "no host or port 0": _NO_ADDRESS,
    "only http and https": N_("it has to begin with http:// or https://"),
    "a query in the address; keys have their own command": N_(
        "no key belongs in it, `/connect key` takes it"
    ),
    "a user name or password in the address": N_("it holds a user name or password"),
    "spaces, control characters or backslashes": N_("it holds spaces or backslashes"),
    "a zone id in the address": _ODD_SPELLING,
    "an unusual spelling of an address": _ODD_SPELLING,
    "unusual dots in the host name": _ODD_SPELLING,
    "the server's answer is not JSON": N_("it is no JSON"),
    "the server's answer is too large": _TOO_LARGE,
    "no text in the answer": N_("it holds no text"),
    "the server redirects, which is not followed": N_("it points to another address"),
    "the vendor's model failed": N_("the model failed"),
    "the model could not be loaded": N_("the model could not be loaded"),
    "nobody talks in this kind of channel": N_("nobody talks in this kind of channel"),
    "the product's own characters stay": N_("the characters that came with the bot stay"),
    "this address is not open to you": N_("this address is open to the bot's owner only"),
    "it has no visible letter": N_("it has no visible letter"),
}
