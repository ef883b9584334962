"""What the operator decides."""

from core.settings.settings import (
    DatabaseSettings,
    DiscordSettings,
    LimitSettings,
    LogSettings,
    NetworkSettings,
    OfferedConnection,
    Settings,
    load_settings,
)

__all__ = [
    "DatabaseSettings",
    "DiscordSettings",
    "LimitSettings",
    "LogSettings",
    "NetworkSettings",
    "OfferedConnection",
    "Settings",
    "load_settings",
]
