"""Diarization and speaker vectors by pyannote.audio 4 on this machine.

Settings: `model` (a pipeline's folder: community-1 or speaker-diarization-3.1), `embedding` (an embedding
model's folder; default: the pipeline's own), `device`, `batch`. RYTHMO_PYANNOTE_MODEL names a pipeline for
all projects. Weights are never downloaded here. pyannote's telemetry is switched off before it is imported.

A pipeline's configuration names classes of installed packages, and its checkpoints are pickles. Only folders
that the user chose, or put into the models folder or Hugging Face's cache, are loaded, and of the checkpoints
only tensors and the classes that published ones hold.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.adapters.pyannote.pipeline_parts import find_parts, missing_parts
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.background import in_background
from rythmo.engines.local.devices import (
    MODELS,
    keep_rising,
    load_torch,
    measure_size,
    pick_device,
    run_in_batches,
)
from rythmo.engines.local.model_files import find_weights, require_folder, stamp_model
from rythmo.engines.local.safe_loading import NUMPY_VALUES, load_only_tensors
from rythmo.engines.remote.keys import missing_package
from rythmo.errors import EngineMissingError
from rythmo.media.audio import Audio
from rythmo.models import get_command
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

_RATE = 16_000
_VARIABLE = "RYTHMO_PYANNOTE_MODEL"
_FILES = ("config.yaml",)
_NAMES = ("speaker-diarization-community-1", "speaker-diarization-3.1")
_GET = get_command("pyannote-community-1")
_WHAT = (
    "the community-1 pipeline (first accept its conditions at "
    "https://hf.co/pyannote/speaker-diarization-community-1)"
)
_CLASSES = (
    "pyannote.audio.core.task:Specifications",
    "pyannote.audio.core.task:Problem",
    "pyannote.audio.core.task:Resolution",
    "torch.torch_version:TorchVersion",
    "lightning.pytorch.callbacks.early_stopping:EarlyStopping",
    "lightning.pytorch.callbacks.model_checkpoint:ModelCheckpoint",
    "pytorch_lightning.callbacks.early_stopping:EarlyStopping",
    "pytorch_lightning.callbacks.model_checkpoint:ModelCheckpoint",
    "omegaconf.listconfig:ListConfig",
    "omegaconf.base:ContainerMetadata",
    "omegaconf.base:Metadata",
    "omegaconf.nodes:AnyNode",
    "collections:defaultdict",
    "typing:Any",
    *NUMPY_VALUES,
)
"""What the published checkpoints hold besides tensors: facts about their task and their training."""
_STEPS = {"segmentation": 0.45, "embeddings": 0.5}
_SHORTEST_S = 0.4
_AUDIBLE = 1e-3

INFO = EngineInfo(
    kind=Kind.DIARIZER,
    name="pyannote",
    version="1",
    summary="pyannote.audio: state-of-the-art diarization with overlapping speech.",
    licence="MIT (code), CC-BY-4.0 (community-1 weights; a free account is needed to get them)",
    capabilities=frozenset({"overlap", "speaker-count"}),
    rank=70,
)
EMBEDDER_INFO = replace(
    INFO,
    kind=Kind.EMBEDDER,
    summary="pyannote.audio's speaker vectors, to recognise a person in several recordings.",
    capabilities=frozenset(),
)


class PyannoteDiarizer:
    """A Diarizer that runs a pyannote pipeline on this machine."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        self._device = _torch_device(settings)
        self._batch = max(1, int(settings.get("batch", 32)))
        self._parts = find_parts(folder)
        places = (folder, *self._parts.elsewhere(folder))
        stamps = " + ".join(stamp_model(place) for place in places)
        self.info = replace(INFO, version=f"{version('pyannote.audio')} {stamps}")

    def diarize(
        self,
        speech: Audio,
        *,
        speakers: int | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Turn, ...]:
        """Return turns in samples of `speech`, including overlaps; a given number of speakers is
        respected."""
        sound = speech.mono().at_rate(_RATE)
        if sound.length == 0 or float(np.abs(sound.samples).max()) < _AUDIBLE:
            report(1.0)
            return ()
        found = in_background(lambda: self._run(sound, speakers, report, cancel), cancel)
        report(1.0)
        turns = (_turn(segment, label, speech) for segment, _, label in found.itertracks(yield_label=True))
        return tuple(
            sorted((one for one in turns if one.end > one.start), key=lambda one: (one.start, one.speaker))
        )

    def _run(self, sound: Audio, speakers: int | None, report: Fraction01, cancel: CancelToken) -> Any:
        torch = load_torch()
        hook = _hook(keep_rising(report), cancel)
        given = {"waveform": torch.from_numpy(sound.samples.copy()), "sample_rate": sound.rate}

        def run(batch: int) -> Any:
            with self._pipeline() as pipeline, _quiet():
                pipeline.segmentation_batch_size = batch
                pipeline.embedding_batch_size = batch
                return pipeline(given, num_speakers=speakers, hook=hook)

        return run_in_batches(self._batch, run).speaker_diarization

    def _pipeline(self) -> AbstractContextManager[Any]:
        key = ("pyannote pipeline", str(self._folder), self._device)
        return MODELS.use(key, self._load, device=self._device, needs=measure_size(self._folder))

    def _load(self) -> Any:
        torch = _import_pyannote()
        from pyannote.audio import Pipeline

        with _quiet(), load_only_tensors(self._folder, _CLASSES):
            pipeline = Pipeline.from_pretrained(self._parts.as_config())
        if pipeline is None:
            raise EngineMissingError(f"pyannote cannot load {self._folder}.", hint=_GET)
        return pipeline.to(torch.device(self._device))

    def close(self) -> None:
        """Do nothing: the model stays loaded for the next job until its memory is needed."""


class PyannoteEmbedder:
    """A SpeakerEmbedder that runs pyannote's embedding model on this machine."""

    # The thresholds of the system that this project starts from, for means of a speaker's long segments.

    same_in_chunk, same_speaker = 0.78, 0.80

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        self._device = _torch_device(settings)
        self.info = replace(EMBEDDER_INFO, version=f"{version('pyannote.audio')} {stamp_model(folder)}")

    def embed(self, speech: Sequence[Audio], *, cancel: CancelToken = NEVER) -> NDArray[np.float32]:
        """Return unit vectors of shape (n, dimensions); zeros for less than 0.4 s or silence."""
        with self._model() as model:
            rows = [self._one(model, audio, cancel) for audio in speech]
        size = next((row.size for row in rows if row is not None), int(model.dimension))
        zeros = np.zeros(size, np.float32)
        return (
            np.stack([zeros if row is None else row for row in rows])
            if rows
            else np.zeros((0, size), np.float32)
        )

    def _one(self, model: Any, audio: Audio, cancel: CancelToken) -> NDArray[np.float32] | None:
        cancel.check()
        sound = audio.mono().at_rate(int(model.sample_rate)).samples
        shortest = max(int(model.min_num_samples), round(_SHORTEST_S * model.sample_rate))
        if sound.shape[1] < shortest or float(np.abs(sound).max()) < _AUDIBLE:
            return None
        torch = load_torch()

        def run(_: int) -> Any:
            return in_background(lambda: model(torch.from_numpy(sound.copy())[None]), cancel)

        # There is no batch size to halve here; the second attempt runs after other models were unloaded.
        vector = np.asarray(run_in_batches(2, run, free=lambda: MODELS.free(device=self._device)))[0]
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            return None
        unit: NDArray[np.float32] = (vector / length).astype(np.float32)
        return unit

    def _model(self) -> AbstractContextManager[Any]:
        key = ("pyannote embedding", str(self._folder), self._device)
        return MODELS.use(key, self._load, device=self._device, needs=measure_size(self._folder))

    def _load(self) -> Any:
        torch = _import_pyannote()
        from pyannote.audio.pipelines.speaker_verification import PretrainedSpeakerEmbedding

        with _quiet(), load_only_tensors(self._folder, _CLASSES):
            # pyannote would guess the library from words in a plain path, but not from a mapping.
            return PretrainedSpeakerEmbedding(
                {"checkpoint": str(self._folder)}, device=torch.device(self._device)
            )

    def close(self) -> None:
        """Do nothing: the model stays loaded for the next job until its memory is needed."""


def _hook(report: Fraction01, cancel: CancelToken) -> Any:
    def hook(step: str, *_: Any, completed: int | None = None, total: int | None = None, **__: Any) -> None:
        cancel.check()
        before = {"segmentation": 0.0, "embeddings": _STEPS["segmentation"]}.get(step)
        if before is not None and completed is not None and total:
            # pyannote counts whole batches, also for the last one, which may be smaller.
            report(before + _STEPS[step] * min(1.0, float(completed) / total))

    return hook


def _turn(segment: Any, label: str, speech: Audio) -> Turn:
    start, end = round(segment.start * speech.rate), round(segment.end * speech.rate)
    return Turn(min(max(0, start), speech.length), min(end, speech.length), str(label))


def _import_pyannote() -> Any:
    # pyannote reads this at import; without it, every pipeline reports its use to a server.
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    torch = load_torch()
    with _quiet():
        import pyannote.audio  # noqa: F401 - imported here to silence its warnings
    return torch


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings of pyannote and lightning about codecs, versions and reproducibility."""
    logger = logging.getLogger("lightning.pytorch.utilities.migration.utils")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def _torch_device(settings: Mapping[str, Any]) -> str:
    load_torch()
    return pick_device(str(settings.get("device", "auto")))


def _find() -> Path | None:
    return find_weights(_NAMES, [f"pyannote/{name}" for name in _NAMES], _FILES, _VARIABLE)


def _pipeline_folder(settings: Mapping[str, Any]) -> Path:
    wanted = settings.get("model")
    folder = require_folder(Path(str(wanted)), _FILES, "pyannote pipeline") if wanted else _find()
    if folder is None:
        raise EngineMissingError("pyannote finds no pipeline.", hint=f"Get it: {_GET}")
    return folder


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a pipeline."""
    package = missing_package("pyannote.audio", "pyannote")
    folder = _find()
    if folder is None:
        return (*package, Missing(_WHAT, _GET, setting="model"))
    return package or missing_parts(folder)


def create(settings: Mapping[str, Any]) -> PyannoteDiarizer:
    """Start with the pipeline in the settings, or an installed one. Raises EngineMissingError."""
    return PyannoteDiarizer(_pipeline_folder(settings), settings)


def create_embedder(settings: Mapping[str, Any]) -> PyannoteEmbedder:
    """Start with the embedding model in the settings, or the pipeline's own. Raises EngineMissingError."""
    wanted = settings.get("embedding")
    folder = Path(str(wanted)) if wanted else find_parts(_pipeline_folder(settings)).embedding
    return PyannoteEmbedder(
        require_folder(folder, ("pytorch_model.bin",), "pyannote embedding model"), settings
    )


ENGINE = EngineSpec(INFO, create, missing, frozenset({"model", "device", "batch"}))
EMBEDDER = EngineSpec(EMBEDDER_INFO, create_embedder, missing, frozenset({"model", "device", "embedding"}))
