"""The models that engines need: the catalogue, the folders, and downloads. For users: docs/models.md."""

from rythmo.models.folders import find_model, get_command, models_folder, require_model

__all__ = ["find_model", "get_command", "models_folder", "require_model"]
