"""The operator's limits in the terms of the HTTP client."""

from core.backends.limits import Limits, TimeLimits
from core.settings import Settings


def http_limits(settings: Settings) -> Limits:
    """The operator's time limits."""
    given = settings.limits
    cloud = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.cloud_total)
    local = TimeLimits(given.local_first_byte, given.local_silence, given.local_total)
    horde = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.horde_total)
    return Limits(cloud=cloud, local=local, horde=horde)
