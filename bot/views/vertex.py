"""Google Vertex AI's form: project, region, and a service account or express key."""

import json
from collections.abc import Mapping

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.connection import answering
from bot.views.connection_users import Reach, reach_of
from bot.views.forms import Field, Form
from core.errors import InvalidOption
from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret
from core.services.saved_connections import Saved

GLOBAL = "global"


def vertex_fields() -> list[Field]:
    """Region, project and account; what is left empty stays as it is."""
    return [
        Field("project", _("Project"), _("Leave empty to use the one in the JSON"), required=False),
        Field("region", _("Region"), "global, europe-west4, us-central1…", required=False),
        Field(
            "account",
            _("Service account (JSON) or express key"),
            _("Paste the whole file here"),
            long=True,
            required=False,
        ),
    ]


async def vertex_saved(
    context: CommandContext,
    values: Mapping[str, str],
    url: str = "",
    model: str = "",
    name: str = "",
) -> Saved:
    """Stores what was typed into the form; a region rules over the host of an address."""
    account = values["account"].strip()
    address, region = address_of(values["region"]), values["region"].strip().lower()
    is_googles = url.lower().rstrip("/").endswith("googleapis.com")
    if address and is_googles:
        url = address  # Google's own hosts name their region
    kept = {"project_id": values["project"].strip(), "region": "" if is_googles else region}
    secret = Secret(account_of(account, kept)) if account else None
    connections = context.services.connections
    saved = await connections.save(
        context.actor,
        context.place,
        backend="vertex",
        url=url or address,
        model=model,
        kind=Kind.CHAT,
        name=name,
    )
    if secret is not None:
        keyed = await connections.set_key(context.actor, context.place, saved.connection, secret)
        saved = saved._replace(connection=keyed, dropped=False)
    return saved


def vertex_form(url: str, model: str, name: str) -> Form:
    """The form of `/connect use backend:vertex`, with what was typed beside it."""

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        meant = name
        shared = await context.services.connections.named(context.place, name) if name else None
        if shared is not None and shared.id and not shared.belongs_to:
            reach = await reach_of(context, shared)
            if reach is None:
                return
            meant = name if reach is Reach.ALL else ""
        saved = await vertex_saved(context, values, url, model, meant)
        text, view = await answering(context, saved)
        await context.say(text, view=view)

    return Form("Google Vertex AI", vertex_fields(), save, is_secret=True)


def address_of(region: str) -> str:
    """The address of a region; empty for the global one. Raises InvalidOption."""
    region = region.strip().lower()
    if region in ("", GLOBAL):
        return ""
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in region):
        raise InvalidOption(key="region", value=region, expected="europe-west4")
    return f"https://{region}-aiplatform.googleapis.com"


def account_of(typed: str, more: Mapping[str, str]) -> str:
    """The account's JSON with what was typed beside it; an express key as it is.

    Raises InvalidOption for JSON that is no service account.
    """
    if not typed.startswith("{"):
        return typed
    try:
        account = json.loads(typed)
    except (ValueError, RecursionError):
        account = None
    if not isinstance(account, dict) or not {"client_email", "private_key"} <= account.keys():
        # What was typed is not repeated: it may be most of a key.
        raise InvalidOption(Reason.NO_SERVICE_ACCOUNT, key="account")
    return json.dumps(account | {name: text for name, text in more.items() if text})
