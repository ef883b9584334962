"""What stands in a request beside the words: messages by role, length, samplers, stop strings."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.samplers import clipped_line, shown, unused, unused_line
from core.backends.messages import Conversation, goes_on
from core.backends.sampling import clipped
from core.engine.replies import Preview
from core.engine.requests import batches_of, sent_stops
from core.options.table import REPLY_LENGTH
from core.samplers.table import ALL_SAMPLERS

LENGTHS = (
    "max_tokens", "max_completion_tokens", "max_length", "max_new_tokens", "n_predict",
    "num_predict", "maxOutputTokens",
)  # fmt: skip
"""What servers call the longest reply."""
INSIDE = ("options", "parameters", "params", "generationConfig")
ROLES = {"system": N_("system"), "user": N_("user"), "assistant": N_("assistant")}
STOPS = 700


def sent_lines(preview: Preview) -> list[str]:
    """One line for each thing that is sent beside the words, and for what is not."""
    model = preview.reply_input.model
    name = preview.reply_input.spec.name
    lines = [
        _("To {name}, model {model}", name=name, model=shortened(model, 80)) if model else name
    ]
    if preview.conversation is not None:
        lines.append(messages_line(preview.conversation))
    lines += [length_line(preview), *start_lines(preview), *sampler_lines(preview)]
    return [*lines, *stop_lines(preview)]


def messages_line(conversation: Conversation) -> str:
    """How many messages of which role there are, and what stands apart from them."""
    counts = Counter(one.role for one in conversation.messages)
    roles = ", ".join(f"{_(ROLES[role])} {number}" for role, number in counts.items())
    line = _("Messages: {number} ({roles})", number=len(conversation.messages), roles=roles)
    if conversation.system:
        apart = _("system, apart from them: {number}", number=len(conversation.system))
        return f"{line}, {apart}"
    return line


def length_line(preview: Preview) -> str:
    """The longest reply as it is sent, with the room that is added to think."""
    sent, wished = longest(preview.body), preview.reply_input.options[REPLY_LENGTH]
    if batches_of(preview.reply_input) is not None:
        text = N_("Reply: at most {number} tokens, in batches")
        return _(text, number=f"{preview.request.max_tokens:,}")
    if sent is None or sent == wished:
        return _("Reply: at most {number} tokens", number=f"{wished:,}")
    if sent < wished:
        text = N_("Reply: at most {number} tokens (less than the {wished} asked for)")
        return _(text, number=f"{sent:,}", wished=f"{wished:,}")
    text = N_("Reply: at most {number} tokens, {room} of them to think")
    return _(text, number=f"{sent:,}", room=f"{sent - wished:,}")


def longest(body: Mapping[str, Any]) -> int | None:
    """What the body says of the reply's length."""
    places: Sequence[Mapping[str, Any]] = [body, *(body.get(key) or {} for key in INSIDE)]
    found = (place.get(key) for place in places for key in LENGTHS)
    return next((number for number in found if isinstance(number, int)), None)


def start_lines(preview: Preview) -> list[str]:
    """Who writes the beginning of the reply."""
    request, reply_input = preview.request, preview.reply_input
    if not request.prefill:
        return []
    if goes_on(request, reply_input.spec.traits(reply_input.model)):
        return [_("The model goes on with the last message.")]
    return [_("This model always begins anew, so it's told in words where to go on.")]


def sampler_lines(preview: Preview) -> list[str]:
    """The samplers as they are sent, and those that are not."""
    reply_input, values = preview.reply_input, preview.request.samplers
    vain = unused(reply_input, values)
    sent = clipped(reply_input.spec, values)
    used = [id_ for id_ in values if id_ in ALL_SAMPLERS and id_ not in vain]
    told = ", ".join(f"`{id_}` {shortened(shown(sent[id_]), 40)}" for id_ in used)
    lines = [_("Samplers: {values}", values=told)] if told else []
    lines += [
        clipped_line(reply_input, id_, values[id_], sent[id_])
        for id_ in used
        if sent[id_] != values[id_]
    ]
    return [*lines, unused_line(reply_input, vain)] if vain else lines


def stop_lines(preview: Preview) -> list[str]:
    """The stop strings that the server is sent, and those at which the bot ends the reply."""
    stops = preview.request.stop
    sent = sent_stops(preview.reply_input, stops)
    kept = [stop for stop in stops if stop not in sent]
    lines = []
    if sent:
        lines.append(_("Stop strings: {stops}", stops=_listed(sent)))
    if kept:
        lines.append(_("Handled by the bot: {stops}", stops=_listed(kept)))
    return lines


def _listed(stops: Sequence[str]) -> str:
    text = ", ".join(json.dumps(stop, ensure_ascii=False) for stop in stops)
    return f"`{shortened(text.replace('`', chr(39)), STOPS)}`"
