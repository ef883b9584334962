"""What the operator decides."""

from core.settings.settings import (
    DatabaseSettings,
    Discord,
    Limits,
    Log,
    Network,
    OfferedConnection,
    Settings,
    load_settings,
)

__all__ = [
    "DatabaseSettings",
    "Discord",
    "Limits",
    "Log",
    "Network",
    "OfferedConnection",
    "Settings",
    "load_settings",
]
