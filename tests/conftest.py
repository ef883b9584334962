"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# No test asserts a duration: on a busy machine every one of them is slow at times.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
