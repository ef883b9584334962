"""One look at what answers in a place: faults found, or a reply that was timed."""

from dataclasses import dataclass

from core.doctor.finding import Finding
from core.doctor.model_trial import ModelTrial
from core.models_in_use.active_model import ActiveModel


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """`api_page`: whether the server's page of its API answers (None = it has none)."""

    active_model: ActiveModel
    findings: tuple[Finding, ...] = ()
    trial: ModelTrial | None = None
    api_page: bool | None = None
