"""One look at what answers in a place: faults found, or a reply that was timed."""

from dataclasses import dataclass

from core.doctor import Doctor, Finding
from core.engine.advice import Advice
from core.engine.servers import Servers
from core.engine.standing import Standing
from core.engine.trial import Trial, try_out


@dataclass(frozen=True, slots=True)
class Checkup:
    """`api_page`: whether the server's page of its API answers (None = it has none)."""

    standing: Standing
    findings: tuple[Finding, ...] = ()
    trial: Trial | None = None
    api_page: bool | None = None


async def check_up(
    servers: Servers,
    doctor: Doctor,
    standing: Standing,
    advice: Advice,
    text: str,
    *,
    may_look: bool,
) -> Checkup:
    """Examines, and where nothing grave is found, asks for a few words."""
    findings = await doctor.examine(standing, may_look=may_look)
    trial = None
    if not any(finding.grave for finding in findings):
        trial = await try_out(servers, standing.connection, standing.facts, text)
        if trial.error is not None:
            findings += await doctor.explain(standing, trial.error, may_look=may_look)
    return Checkup(
        standing,
        (*findings, *doctor.remarks(standing, advice)),
        trial if trial is not None and trial.error is None else None,
        await doctor.api_page(standing),
    )
