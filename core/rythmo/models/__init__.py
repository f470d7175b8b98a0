"""Models that engines need: what there is, where it lies, how it is fetched. For users: docs/models.md."""

from rythmo.models.folders import find_model, get_command, models_folder, require_model

__all__ = ["find_model", "get_command", "models_folder", "require_model"]
