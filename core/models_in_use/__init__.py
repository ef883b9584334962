"""The servers and models that connections lead to, and what is known of them."""

from core.models_in_use.models import ModelsInUse

__all__ = ["ModelsInUse"]
