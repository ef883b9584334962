"""Entering an address or a key, and taking what would help."""

from dataclasses import dataclass, replace

from bot.i18n import _
from bot.views.connection import (
    address_form,
    key_form,
    missing_row,
    store_key,
)
from bot.views.connection_page import (
    PAGE,
    PATIENCE,
    connection_page,
    fix_buttons,
)
from bot.views.connection_presses import show_tried
from bot.views.connection_users import to_change
from bot.views.findings import finding_text
from bot.views.private_page import (
    Item,
    Page,
    PagePress,
    button,
    closing_note,
    keep,
    kept,
    on,
)
from core.doctor.finding import Finding, Fix, apply_fix
from core.kind import Kind
from core.policy.permissions import Action, demand


@on(PAGE, "address")
async def _address(press: PagePress) -> None:
    """The form for the address; no look into the database before it."""
    demand(press.context.actor, Action.MANAGE_CONNECTIONS, press.context.place)
    await press.open(address_form())


@on(PAGE, "addressed")
async def _addressed(press: PagePress) -> None:
    """Tried before it is stored."""
    context, typed = press.context, press.fields["url"].strip()
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    await press.wait()
    kind = press.fields.get("kind", "")
    wish = _Address(typed, Kind(kind) if kind in tuple(Kind) else None)
    connection = await context.connection()
    draft = await context.services.connections.drafted(
        context.actor, context.place, backend=connection.backend, url=typed, kind=wish.kind
    )
    findings = await context.engine.doctor.try_draft(context.place, context.actor, draft.connection)
    wrong = [one for one in findings if one.grave and not _is_about_key(one)]
    if not wrong:
        await _store_address(press, wish)
        return
    text = "\n".join(f"⚠ {finding_text(one)}" for one in wrong)
    row: list[Item] = [*fix_buttons([one.fix for one in wrong if one.fix is not None])]
    row.append(button(PAGE, "again", _("Open the form again"), keep(typed)))
    row.append(button(PAGE, "anyway", _("Save anyway"), keep(wish)))
    page = await connection_page(context)
    await press.show(Page(f"{text}\n{page.text}", [row, *page.rows] if press.is_page else [row]))


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    kind: Kind | None


def _is_about_key(finding: Finding) -> bool:
    """A key is entered later; the address is right where one is asked for."""
    return finding.fix is not None and (finding.fix.new_key or bool(finding.fix.model))


@on(PAGE, "again")
async def _again(press: PagePress) -> None:
    await press.open(address_form(kept(press.argument) or ""))


@on(PAGE, "anyway")
async def _anyway(press: PagePress) -> None:
    wish = kept(press.argument)
    await press.wait()
    if wish is None:
        await press.show(await connection_page(press.context, closing_note()))
        return
    await _store_address(press, wish)


async def _store_address(press: PagePress, wish: _Address) -> None:
    context = press.context
    connection = await to_change(context, await context.connection())
    if connection is None:
        await press.show(await connection_page(context))
        return
    services, actor, place = context.services.connections, context.actor, context.place
    if connection.id:
        saved = await services.set_address(actor, place, connection, wish.url, wish.kind)
    else:  # what the bot's owner offers stays as it is
        saved = await services.save(
            actor, place, backend=connection.backend, url=wish.url, kind=wish.kind
        )
    context.engine.models.pool.forget(saved.connection)
    notice = ""
    if saved.dropped:
        notice = _("The address changed, so the old key was removed. Enter it again.")
    await show_tried(press, notice)


@on(PAGE, "key")
async def _key(press: PagePress) -> None:
    """The form for the key; no look into the database before it."""
    demand(press.context.actor, Action.MANAGE_CONNECTIONS, press.context.place)
    form = key_form(None, in_server=press.context.place.guild_id is not None)
    await press.open(form)


@on(PAGE, "keyed")
async def _keyed(press: PagePress) -> None:
    await press.wait()
    text = await store_key(press.context, press.argument or None, press.fields)
    if press.interaction.message is None:
        stored = await press.context.connection(press.argument or None)
        in_use = await press.context.engine.models.connection(press.context.place)
        rows: list[list[Item]] = []
        if in_use is not None and in_use.name == stored.name:
            active_model = await press.context.engine.models.active(press.context.place)
            rows = [missing_row(press.context.engine, stored, active_model.facts)]
        await press.interaction.edit_original_response(
            content=text, view=Page("", rows).below() if any(rows) else None
        )
        return
    await show_tried(press, text)


@on(PAGE, "fix")
async def _fix(press: PagePress) -> None:
    context, fix = press.context, kept(press.argument)
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    if isinstance(fix, Fix) and (fix.new_key or fix.new_address):
        await (_key(press) if fix.new_key else press.open(address_form()))
        return
    await press.wait()
    if not isinstance(fix, Fix):
        await press.show(await connection_page(context, closing_note()))
        return
    if await context.engine.models.connection(context.place) is None:
        await context.services.connections.save(
            context.actor, context.place, backend=fix.backend, url=fix.url
        )
        await show_tried(press)
        return
    active_model = await context.engine.models.active(context.place, patience=PATIENCE)
    worse = await context.engine.doctor.try_fix(context.place, context.actor, active_model, fix)
    if worse:
        kept_text = _("Nothing was changed, since that address doesn't work either.")
        text = "\n".join([kept_text, *(f"⚠ {finding_text(one)}" for one in worse)])
        await press.show(await connection_page(context, text))
        return
    if fix.changes_connection:
        changed = await to_change(context, active_model.connection)
        if changed is None:
            await press.show(await connection_page(context))
            return
        active_model = replace(active_model, connection=changed)
    await apply_fix(context.services, context.actor, active_model, fix)
    await show_tried(press)
