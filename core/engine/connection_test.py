"""One look at what answers in a place: faults found, or a reply that was timed."""

from dataclasses import dataclass

from core.doctor import Doctor, Finding
from core.engine.model_trial import ModelTrial, try_out
from core.models_in_use.active_model import ActiveModel
from core.models_in_use.advice import Advice
from core.models_in_use.backend_pool import BackendPool


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """`api_page`: whether the server's page of its API answers (None = it has none)."""

    active_model: ActiveModel
    findings: tuple[Finding, ...] = ()
    trial: ModelTrial | None = None
    api_page: bool | None = None


async def check_up(
    backend_pool: BackendPool,
    doctor: Doctor,
    active_model: ActiveModel,
    advice: Advice,
    text: str,
    *,
    may_look: bool,
) -> ConnectionTest:
    """Examines, and where nothing grave is found, asks for a few words."""
    findings = await doctor.examine(active_model, may_look=may_look)
    trial = None
    if not any(finding.grave for finding in findings):
        trial = await try_out(backend_pool, active_model.connection, active_model.facts, text)
        if trial.error is not None:
            findings += await doctor.explain(active_model, trial.error, may_look=may_look)
    return ConnectionTest(
        active_model,
        (*findings, *doctor.remarks(active_model, advice)),
        trial if trial is not None and trial.error is None else None,
        await doctor.api_page(active_model),
    )
