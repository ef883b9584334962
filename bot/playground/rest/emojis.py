"""Emojis that belong to the application."""

from bot.playground.rest.call import Answer, Call, Route
from bot.playground.rules.errors import Json, refuse
from bot.playground.rules.schema import demand, record, text
from bot.playground.world import render


async def listed(call: Call) -> Json:
    return {"items": list(call.simulation.state.emojis.values())}


async def create(call: Call) -> Answer:
    state, body = call.simulation.state, call.json()
    demand(record({"name": text(32, 2), "image": text(400_000)}, ("name", "image")), body)
    emoji_id = state.snowflake()
    state.files.keep_avatar(f"emoji-{emoji_id}", body["image"])
    state.emojis[emoji_id] = {
        "id": emoji_id,
        "name": body["name"],
        "roles": [],
        "user": render.user(state.bot),
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }
    return Answer(state.emojis[emoji_id], 201)


def _found(call: Call) -> Json:
    if emoji := call.simulation.state.emojis.get(call.ids["emoji_id"]):
        return emoji
    raise refuse(10014)


async def one(call: Call) -> Json:
    return _found(call)


async def rename(call: Call) -> Json:
    demand(record({"name": text(32, 2)}, ("name",)), call.json())
    _found(call)["name"] = call.json()["name"]
    return _found(call)


async def delete(call: Call) -> None:
    del call.simulation.state.emojis[_found(call)["id"]]


ALL, ONE = (
    "/applications/{application_id}/emojis",
    "/applications/{application_id}/emojis/{emoji_id}",
)
ROUTES = [
    Route("GET", ALL, listed),
    Route("POST", ALL, create),
    Route("GET", ONE, one),
    Route("PATCH", ONE, rename),
    Route("DELETE", ONE, delete),
]
