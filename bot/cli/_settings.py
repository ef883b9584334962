"""The configuration that a command works with."""

import argparse
from pathlib import Path

from core.settings import Settings, load_settings


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The configuration named on the command line. Raises SettingsError."""
    return load_settings(Path(arguments.config) if arguments.config else None)
