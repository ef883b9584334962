"""The core's plain words for what exactly went wrong, as people are told them.

Words that are not listed (a server's own, a file's fault) are shown as they are.
"""

from collections.abc import Mapping

from bot.i18n import N_

_TOO_LARGE = N_("it is too large")

DETAILS: Mapping[str, str] = {
    "the server's answer is not JSON": N_("it is no JSON"),
    "the server's answer is too large": _TOO_LARGE,
    "no text in the answer": N_("it holds no text"),
    "the server redirects, which is not followed": N_("it points to another address"),
    "the vendor's model failed": N_("the model failed"),
    "the model could not be loaded": N_("the model could not be loaded"),
    "nobody talks in this kind of channel": N_("nobody talks in this kind of channel"),
    "the product's own characters stay": N_("the characters that came with the bot stay"),
    "it has no visible letter": N_("it has no visible letter"),
}
