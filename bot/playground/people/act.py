"""POST /playground/act: everything a person can do, for the page and for scripts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.playground.people import invoke, people
from bot.playground.people.options import Impossible
from bot.playground.rules import permissions
from bot.playground.rules.errors import Json, Refused
from bot.playground.simulation import Simulation
from bot.playground.world import render
from bot.playground.world.events import Event
from bot.playground.world.models import Channel, ChannelType, Upload

LOCALES = ("en-US", "ja", "pt-BR", "zh-CN")


class Act:
    """One action of one person, read from a request."""

    def __init__(self, simulation: Simulation, body: Json, uploads: Sequence[Upload]) -> None:
        self._simulation, self._body, self._uploads = simulation, body, uploads
        self._state = simulation.state

    async def perform(self) -> Json:
        """Does it. Raises Impossible with a sentence for what cannot be done."""
        action = self._body.get("action")
        known: dict[str, Callable[[], Json]] = {
            "send": self._send,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "command": self._command,
            "context": self._context,
            "click": self._click,
            "submit": self._submit,
            "thread": self._thread,
            "channel": self._channel_new,
            "delete_channel": self._channel_gone,
            "archive": self._archive,
            "dm": self._direct,
            "typing": self._typing,
            "locale": self._locale,
            "user": self._user_new,
            "permission": self._permission,
            "nsfw": self._nsfw,
            "intent": self._intent,
        }
        slow = {"autocomplete": self._autocomplete, "fault": self._fault}
        try:
            if action in slow:
                return await slow[action]()
            if action not in known:
                raise Impossible(f"There is no action {action!r}.")
            return known[action]()
        except Refused as refused:
            raise Impossible(_sentence(refused)) from refused
        except KeyError as missing:
            raise Impossible(f"The action {action!r} needs {missing}.") from missing

    # What the body names

    @property
    def _user_id(self) -> str:
        user_id = str(self._body["user"])
        if user_id not in self._state.users or self._state.users[user_id].bot:
            raise Impossible(f"There is no person {user_id}.")
        return user_id

    def _channel(self) -> Channel:
        return self._state.channel(str(self._body["channel"]))

    def _options(self, name: str) -> Mapping[str, Any]:
        given = self._body.get(name) or {}
        if not isinstance(given, dict):
            raise Impossible(f"{name} must be an object.")
        return given

    # Messages

    def _send(self) -> Json:
        channel = self._channel()
        body: Json = {"content": self._body.get("content") or ""}
        if self._body.get("reply_to"):
            body["message_reference"] = {"message_id": str(self._body["reply_to"])}
        if forwarded := self._body.get("forward"):
            body["message_reference"] = {
                "type": 1,
                "channel_id": str(forwarded["channel"]),
                "message_id": str(forwarded["message"]),
            }
        message = people.send(self._simulation, self._user_id, channel, body, self._uploads)
        return {"message": render.message(self._state, message, self._user_id)}

    def _edit(self) -> Json:
        channel, content = self._channel(), str(self._body["content"])
        message = people.edit(
            self._simulation, self._user_id, channel, str(self._body["message"]), content
        )
        return {"message": render.message(self._state, message, self._user_id)}

    def _delete(self) -> Json:
        channel, message_id = self._channel(), str(self._body["message"])
        people.delete(self._simulation, self._user_id, channel, message_id)
        return {}

    def _react(self) -> Json:
        channel, message_id = self._channel(), str(self._body["message"])
        emoji = str(self._body["emoji"])
        people.react(self._simulation, self._user_id, channel, message_id, emoji)
        return {}

    def _typing(self) -> Json:
        self._simulation.changes.typing(self._channel(), self._user_id)
        return {}

    # Interactions

    def _command(self) -> Json:
        interaction = invoke.command(
            self._simulation,
            self._user_id,
            self._channel(),
            str(self._body["name"]),
            self._options("options"),
            self._uploads,
        )
        return {"interaction": interaction.id}

    async def _autocomplete(self) -> Json:
        choices = await invoke.autocomplete(
            self._simulation,
            self._user_id,
            self._channel(),
            str(self._body["name"]),
            self._options("options"),
            str(self._body["focused"]),
        )
        return {"choices": choices}

    def _context(self) -> Json:
        target = str(self._body.get("message") or self._body["target"])
        interaction = invoke.context(
            self._simulation, self._user_id, self._channel(), str(self._body["name"]), target
        )
        return {"interaction": interaction.id}

    def _click(self) -> Json:
        interaction = invoke.click(
            self._simulation,
            self._user_id,
            self._channel(),
            str(self._body["message"]),
            str(self._body["custom_id"]),
            [str(each) for each in self._body.get("values") or []],
        )
        return {"interaction": interaction.id}

    def _submit(self) -> Json:
        interaction = invoke.submit(
            self._simulation,
            self._user_id,
            str(self._body["modal"]),
            self._options("values"),
            self._uploads,
        )
        return {"interaction": interaction.id}

    # Places

    def _thread(self) -> Json:
        message_id = self._body.get("message")
        thread = people.open_thread(
            self._simulation,
            self._user_id,
            self._channel(),
            str(self._body["name"]),
            str(message_id) if message_id else None,
            str(self._body.get("content") or ""),
        )
        return {"channel": render.channel(self._state, thread)}

    def _channel_new(self) -> Json:
        name = str(self._body["name"]).strip()
        guild_id = self._body.get("guild") or next(iter(self._state.guilds))
        kind = ChannelType(int(self._body.get("type") or 0))
        if not name or kind not in (
            ChannelType.TEXT,
            ChannelType.VOICE,
            ChannelType.CATEGORY,
            ChannelType.FORUM,
        ):
            raise Impossible("A channel needs a name and one of the types 0, 2, 4 and 15.")
        channel = self._state.add_channel(
            self._state.guild(str(guild_id)), name, kind, nsfw=bool(self._body.get("nsfw"))
        )
        self._simulation.changes.channel_created(channel)
        return {"channel": render.channel(self._state, channel)}

    def _channel_gone(self) -> Json:
        channel = self._channel()
        if channel.guild_id is None:
            raise Impossible("A direct conversation cannot be deleted.")
        self._simulation.changes.delete_channel(channel)
        return {}

    def _archive(self) -> Json:
        channel = self._channel()
        if channel.thread is None:
            raise Impossible("Only threads can be archived.")
        self._simulation.changes.archive(
            channel, bool(self._body.get("on", True)), locked=self._body.get("locked")
        )
        return {}

    def _direct(self) -> Json:
        known = len(self._state.channels)
        channel = self._state.direct_channel(self._user_id)
        if len(self._state.channels) > known:
            self._simulation.changes.channel_created(channel)
        return {"channel": render.channel(self._state, channel)}

    def _nsfw(self) -> Json:
        channel = self._channel()
        channel.nsfw = bool(self._body["on"])
        self._simulation.changes.channel_updated(channel)
        return {}

    # People and rights

    def _locale(self) -> Json:
        locale = str(self._body["locale"])
        if locale not in LOCALES:
            raise Impossible(f"The languages are: {', '.join(LOCALES)}.")
        self._state.users[self._user_id].locale = locale
        return {}

    def _user_new(self) -> Json:
        user = people.new_user(self._simulation, str(self._body["name"]))
        return {"user": render.user(user)}

    def _permission(self) -> Json:
        """Sets what a user or role may do in a channel; the bot where none is named."""
        channel = self._channel()
        target = str(self._body.get("role") or self._body.get("target") or self._state.bot.id)
        try:
            allow = permissions.named(self._body.get("allow") or 0)
            deny = permissions.named(self._body.get("deny") or 0)
        except KeyError as unknown:
            raise Impossible(f"There is no permission {unknown}.") from unknown
        kind = 1 if target in self._state.users else 0
        self._simulation.changes.overwrite(channel, target, kind, int(allow), int(deny))
        return {}

    def _intent(self) -> Json:
        name, intents = str(self._body["name"]), self._state.application.intents
        if name not in intents:
            raise Impossible(f"The intents are: {', '.join(intents)}.")
        intents[name] = bool(self._body["on"])
        self._simulation.bus.publish(Event("INTENTS", dict(intents), for_bot=False))
        return {"intents": dict(intents)}

    # Trouble

    async def _fault(self) -> Json:
        """Adds or clears rules, or troubles the gateway.

        {"add": {match, action, …}}, {"clear": id or true}, {"mix": {seed, chance}},
        {"gateway": "close", "code": 4000} and the other words of `_gateway`.
        """
        faults = self._simulation.faults
        if added := self._body.get("add"):
            try:
                faults.add(**added)
            except (TypeError, ValueError) as wrong:
                raise Impossible(f"This is no rule: {wrong}") from wrong
        if "clear" in self._body:
            cleared = self._body["clear"]
            faults.clear(None if cleared is True else int(cleared))
        if mix := self._body.get("mix"):
            faults.mix(int(mix.get("seed", 0)), float(mix.get("chance", 0.05)))
        if gateway := self._body.get("gateway"):
            await self._gateway(str(gateway))
        return {"faults": [each.describe() for each in faults.rules]}

    async def _gateway(self, trouble: str) -> None:
        gateway = self._simulation.gateway
        if trouble == "close":
            await gateway.close_all(int(self._body.get("code") or 4000))
        elif trouble == "abort":
            gateway.abort_all()
        elif trouble == "reconnect":
            gateway.reconnect_all()
        elif trouble == "invalid":
            gateway.invalidate_all(resumable=bool(self._body.get("resumable")))
        elif trouble in ("silent", "deaf", "outage"):
            setattr(gateway.mischief, trouble, bool(self._body.get("on", True)))
        else:
            words = "close, abort, reconnect, invalid, silent, deaf, outage"
            raise Impossible(f"The gateway knows: {words}.")


def _sentence(refused: Refused) -> str:
    """Discord's refusal as one line."""
    found: list[str] = []

    def gather(tree: Json) -> None:
        for name, branch in tree.items():
            if name == "_errors":
                found.extend(each["message"] for each in branch)
            else:
                gather(branch)

    gather(refused.body.get("errors") or {})
    return found[0] if found else str(refused.body["message"])
