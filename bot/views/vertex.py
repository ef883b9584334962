"""The form that takes what Google Vertex AI needs."""

import json

from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.connection import answering
from bot.views.forms import Field, Form
from core.errors import InvalidOption
from core.kind import Kind
from core.reasons import Reason
from core.secret import Secret

GLOBAL = "global"


def vertex_form(url: str, model: str, name: str) -> Form:
    """Region, project and account; what is left empty stays as it is."""

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        account = values["account"].strip()
        secret = Secret(account_of(account, values["project"].strip())) if account else None
        connections = context.services.connections
        stored, dropped = await connections.save(
            context.actor,
            context.place,
            backend="vertex",
            url=url or address_of(values["region"]),
            model=model,
            kind=Kind.CHAT,
            name=name,
        )
        if secret is not None:
            stored = await connections.set_key(context.actor, context.place, stored, secret)
        text, view = await answering(context, stored, dropped=dropped and secret is None)
        await context.say(text, view=view)

    fields = [
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
    return Form("Google Vertex AI", fields, save, is_secret=True)


def address_of(region: str) -> str:
    """The address of a region; empty for the global one. Raises InvalidOption."""
    region = region.strip().lower()
    if region in ("", GLOBAL):
        return ""
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in region):
        raise InvalidOption(key="region", value=region, expected="europe-west4")
    return f"https://{region}-aiplatform.googleapis.com"


def account_of(typed: str, project: str) -> str:
    """The account's JSON with the project that was typed; an express key as it is.

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
    return json.dumps(account | ({"project_id": project} if project else {}))
