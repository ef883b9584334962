"""Carries out what the doctor proposes."""

from core.chat.place import Actor
from core.doctor.finding import Fix
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.advice import use_proposal
from core.options.table import CONTEXT_SIZE, KIND
from core.secret import Secret
from core.services import Services


async def apply_fix(services: Services, actor: Actor, active_model: ActiveModel, fix: Fix) -> bool:
    """Makes the change. True where a key was dropped because the address changed.

    Raises NotAllowed and what saving a connection raises.
    """
    place, connection, options = active_model.place, active_model.connection, services.options
    dropped = False
    if fix.url or fix.backend:
        connection, dropped = await services.connections.save(
            actor,
            place,
            backend=fix.backend or connection.backend,
            url=fix.url or connection.url,
            name=connection.name,
        )
    if fix.trim_key:
        words = connection.key.reveal().strip().split(maxsplit=1)
        connection = await services.connections.set_key(actor, place, connection, Secret(words[-1]))
    if fix.kind is not None:
        await options.set(actor, place, KIND, fix.kind.value)
    if fix.model:
        await services.connections.set_model(actor, place, connection, fix.model)
    if fix.context_size is not None:
        await options.set(actor, place, CONTEXT_SIZE, fix.context_size)
    if fix.proposal is not None:
        await use_proposal(options, actor, place, fix.proposal)
    return dropped
