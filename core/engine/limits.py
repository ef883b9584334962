"""The operator's limits in the terms of the HTTP client."""

from core.backends.limits import HttpLimits, TimeLimits
from core.settings import Settings


def http_limits(settings: Settings) -> HttpLimits:
    """The operator's time limits."""
    given = settings.limits
    cloud = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.cloud_total)
    local = TimeLimits(given.local_first_byte, given.local_silence, given.local_total)
    horde = TimeLimits(given.cloud_first_byte, given.cloud_silence, given.horde_total)
    return HttpLimits(cloud=cloud, local=local, horde=horde)
