"""What is wrong between the bot and a model's server, and what would mend it."""

from core.doctor.doctor import Doctor
from core.doctor.finding import Fault, Finding, Fix
from core.doctor.surroundings import in_container

__all__ = ["Doctor", "Fault", "Finding", "Fix", "in_container"]
