"""What is wrong between the bot and a model's server, and what would help."""

from core.doctor.doctor import Doctor, in_container
from core.doctor.finding import Fault, Finding, Fix

__all__ = ["Doctor", "Fault", "Finding", "Fix", "in_container"]
