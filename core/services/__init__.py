"""What commands may ask of the core: libraries, options and connections, with permissions."""

from core.services.services import Services

__all__ = ["Services"]
