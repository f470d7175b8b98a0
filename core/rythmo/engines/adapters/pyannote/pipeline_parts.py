"""The parts of a pyannote pipeline, found on this machine.

pyannote itself would download the parts that its configuration names by repository, and the PLDA of
community-1 for every pipeline that names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rythmo.engines.base import Missing
from rythmo.engines.local.data_dirs import models_folder
from rythmo.engines.local.model_files import has_files, hub_snapshot
from rythmo.errors import EngineMissingError

COMMUNITY = "pyannote/speaker-diarization-community-1"
_MODEL, _PLDA = ("pytorch_model.bin",), ("plda.npz", "xvec_transform.npz")
_PARTS = {"segmentation": _MODEL, "embedding": _MODEL, "plda": _PLDA}


@dataclass(frozen=True, slots=True)
class Parts:
    """A pipeline's configuration and the folder of each part; `plda` is None when it is not used."""

    config: Mapping[str, Any]
    segmentation: Path
    embedding: Path
    plda: Path | None

    def elsewhere(self, folder: Path) -> tuple[Path, ...]:
        """Return the parts that are not in the pipeline's own folder."""
        parts = (self.segmentation, self.embedding, self.plda)
        return tuple(part for part in parts if part is not None and folder not in part.parents)

    def as_config(self) -> dict[str, Any]:
        """Return the argument for `Pipeline.from_pretrained`, with nothing left to download."""
        pipeline = self.config["pipeline"]
        found = {
            # pyannote would guess the library from words in a plain path, but not from a mapping.
            "segmentation": {"checkpoint": str(self.segmentation)},
            "embedding": {"checkpoint": str(self.embedding)},
            "plda": {"checkpoint": str(self.plda)} if self.plda else _no_plda(),
        }
        params = {**(pipeline.get("params") or {}), **found}
        return {**self.config, "pipeline": {**pipeline, "params": params}}


def find_parts(folder: Path) -> Parts:
    """Return the parts of the pipeline in a folder. Raises EngineMissingError, which tells what to get."""
    config = _read(folder)
    found = {name: _look(folder, name, config) for name in _PARTS}
    lacking = missing_parts(folder)
    if lacking:
        raise EngineMissingError(
            f"The pyannote pipeline in {folder} lacks {', '.join(part.what for part in lacking)}.",
            hint=f"Get it with: {' && '.join(dict.fromkeys(part.command for part in lacking))}",
        )
    segmentation, embedding, plda = found.values()
    assert segmentation is not None and embedding is not None
    return Parts(config, segmentation, embedding, plda)


def missing_parts(folder: Path) -> tuple[Missing, ...]:
    """Return the parts that the pipeline names and that are not on this machine."""
    config = _read(folder)
    return tuple(
        Missing(f"its {name} model", f"hf download {_repository(config, name)}")
        for name in _PARTS
        if _look(folder, name, config) is None and (name != "plda" or _uses_plda(config))
    )


def _read(folder: Path) -> Mapping[str, Any]:
    import yaml  # type: ignore[import-untyped]  # PyYAML has no types of its own

    try:
        config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise EngineMissingError(
            f"{folder} is not a pyannote pipeline: {error}.", hint="Get the model again."
        ) from error
    if not isinstance(config, dict) or not isinstance(config.get("pipeline"), dict):
        raise EngineMissingError(f"{folder}/config.yaml describes no pipeline.", hint="Get the model again.")
    return config


def _named(config: Mapping[str, Any], name: str) -> str:
    value = (config["pipeline"].get("params") or {}).get(name)
    return str(value.get("checkpoint", "") if isinstance(value, Mapping) else value or "")


def _repository(config: Mapping[str, Any], name: str) -> str:
    named = _named(config, name).partition("@")[0]
    return named if "/" in named and not named.startswith(("$", "/", ".")) else COMMUNITY


def _look(folder: Path, name: str, config: Mapping[str, Any]) -> Path | None:
    files, named = _PARTS[name], _named(config, name)
    if named.startswith("$model/"):
        places = [folder / named.removeprefix("$model/")]
    elif named and not named.startswith(COMMUNITY):
        repository = _repository(config, name)
        cached = hub_snapshot(repository, files)
        # A relative path would lead into whatever folder the user is in.
        absolute = [Path(named)] if Path(named).is_absolute() else []
        places = [*absolute, models_folder() / repository.rpartition("/")[2], *([cached] if cached else [])]
    else:
        cached = hub_snapshot(COMMUNITY, (f"{name}/{files[0]}",))
        own = models_folder() / COMMUNITY.rpartition("/")[2] / name
        places = [folder / name, own, *([cached / name] if cached else [])]
    return next((place for place in places if has_files(place, files)), None)


def _uses_plda(config: Mapping[str, Any]) -> bool:
    params = config["pipeline"].get("params") or {}
    return bool(params.get("clustering", "VBxClustering") == "VBxClustering")


def _no_plda() -> Any:
    # The loader requires a PLDA even when the clustering never uses it, as in 3.1.
    from pyannote.audio.core.plda import PLDA

    return PLDA.__new__(PLDA)
