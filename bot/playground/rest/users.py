"""Users, the bot's own account, its application, its way to the gateway."""

from bot.playground.gateway import intents
from bot.playground.rest.call import Call, Route
from bot.playground.rules import permissions
from bot.playground.rules.errors import Json
from bot.playground.rules.schema import demand, record, snowflake, text
from bot.playground.world import render


async def me(call: Call) -> Json:
    return render.current_user(call.simulation.state.bot)


async def edit_me(call: Call) -> Json:
    state, body = call.simulation.state, call.json()
    demand(record({"username": text(32, 2), "avatar": text(15_000_000)}), body)
    if body.get("username"):
        state.bot.name = body["username"]
    if "avatar" in body:
        given = body["avatar"]
        state.bot.avatar = state.files.keep_avatar(state.bot.id, given) if given else None
    return render.current_user(state.bot)


async def someone(call: Call) -> Json:
    return render.user(call.simulation.state.user(call.ids["user_id"]))


async def own_guilds(call: Call) -> list[Json]:
    state = call.simulation.state
    listed: list[Json] = []
    for guild in state.guilds.values():
        if member := guild.members.get(state.bot.id):
            listed.append(
                {
                    "id": guild.id,
                    "name": guild.name,
                    "icon": None,
                    "banner": None,
                    "owner": False,
                    "permissions": str(int(permissions.of_guild(guild, member))),
                    "features": [],
                }
            )
    return listed


async def open_direct(call: Call) -> Json:
    demand(record({"recipient_id": snowflake}, ("recipient_id",)), call.json())
    state = call.simulation.state
    channel = state.direct_channel(str(call.json()["recipient_id"]))
    return render.channel(state, channel)


async def application(call: Call) -> Json:
    state = call.simulation.state
    own = state.application
    owner = state.users.get(own.owner_id or "") or state.bot
    flags = intents.application_flags(own.intents)
    return {
        "id": own.id,
        "name": own.name,
        "icon": None,
        "description": own.description,
        "type": None,
        "bot": render.user(state.bot),
        "summary": "",
        "verify_key": own.verify_key,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": render.user(owner),
        "bot_public": True,
        "bot_require_code_grant": False,
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


async def edit_application(call: Call) -> Json:
    demand(record({"description": text(400)}), call.json())
    if "description" in call.json():
        call.simulation.state.application.description = call.json()["description"]
    return await application(call)


async def gateway(call: Call) -> Json:
    return {"url": call.simulation.gateway.url}


async def gateway_bot(call: Call) -> Json:
    limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 16}
    return {
        "url": call.simulation.gateway.url,
        "shards": call.simulation.gateway.shards,
        "session_start_limit": limit,
    }


ROUTES = [
    Route("GET", "/users/@me", me),
    Route("PATCH", "/users/@me", edit_me),
    Route("GET", "/users/@me/guilds", own_guilds),
    Route("POST", "/users/@me/channels", open_direct),
    Route("GET", "/users/{user_id}", someone),
    Route("GET", "/applications/@me", application),
    Route("PATCH", "/applications/@me", edit_application),
    Route("GET", "/oauth2/applications/@me", application),
    Route("GET", "/gateway", gateway, open=True),
    Route("GET", "/gateway/bot", gateway_bot),
]
