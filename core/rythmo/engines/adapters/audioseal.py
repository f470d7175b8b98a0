"""Watermark "audioseal": Meta's AudioSeal, which hides 16 bits and finds them again.

Settings: `model` (a folder with generator_base.pth and detector_base.pth), `message` (0 to 65535), `device`.
RYTHMO_AUDIOSEAL_MODEL names such a folder for all projects; Hugging Face's cache is searched too.
The networks run at 16 kHz. Only what they add is resampled, so the sound above stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, MarkScore, Missing
from rythmo.engines.local.devices import (
    MODELS,
    load_torch,
    measure_size,
    mute_library,
    pick_device,
    run_in_batches,
)
from rythmo.engines.local.model_files import find_weights, require_folder, stamp_model
from rythmo.engines.local.safe_loading import load_only_tensors
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.speech.low_rate_mark import Mono, add_mark, lower_voices
from rythmo.errors import EngineMissingError, UsageError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken

_VARIABLE = "RYTHMO_AUDIOSEAL_MODEL"
_REPOSITORY = "facebook/audioseal"
_FILES = ("generator_base.pth", "detector_base.pth")
_BITS = 16
_RATE = 16_000
_SHORTEST = 1_600
# Half of the moments of a window: a mark is found to the sample.
_FOUND = 0.5
_GET = f"hf download {_REPOSITORY}"
_CLASSES = (
    "omegaconf.dictconfig:DictConfig",
    "omegaconf.listconfig:ListConfig",
    "omegaconf.base:ContainerMetadata",
    "omegaconf.base:Metadata",
    "omegaconf.nodes:AnyNode",
    "collections:defaultdict",
    "typing:Any",
)
"""What the checkpoints may hold besides tensors: the configuration that they were trained with."""

INFO = EngineInfo(
    kind=Kind.WATERMARK,
    name="audioseal",
    version="0.2",
    summary="Meta's AudioSeal: an inaudible mark of 16 bits, found to the moment.",
    licence="MIT (code and weights)",
    rank=10,
)


class AudioSealWatermark:
    """A Watermark with a message of 16 bits."""

    window_seconds = 2.0

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        load_torch()
        self._folder = require_folder(folder, _FILES, "folder of AudioSeal's models")
        self._message = _read_message(settings.get("message", 0))
        self._device = pick_device(str(settings.get("device", "auto")))
        self.info = replace(INFO, version=f"{version('audioseal')} {stamp_model(folder)}")

    def mark(self, sound: Audio, *, cancel: CancelToken = NEVER) -> Audio:
        """Return the sound with the message, each channel by itself. Below 0.1 s it stays as it is."""
        with self._model("generator") as generator:
            return add_mark(sound, _RATE, lambda samples: self._find_signal(generator, samples), cancel)

    def _find_signal(self, generator: Any, samples: Mono) -> Mono:
        if samples.size < _SHORTEST or not samples.any():
            return np.zeros_like(samples)
        torch = load_torch()
        bits = [(self._message >> bit) & 1 for bit in range(_BITS)]
        message = torch.tensor([bits], device=self._device)

        def run(_: int) -> Mono:
            with torch.no_grad():
                wave = torch.from_numpy(samples.copy())[None, None].to(self._device)
                made = generator.get_watermark(wave, message=message)
            return np.array(made[0, 0].cpu().numpy(), np.float32)

        return run_in_batches(1, run, free=lambda: MODELS.free(device=self._device))

    def find(self, sound: Audio, *, cancel: CancelToken = NEVER) -> MarkScore:
        """Return the share of moments that are marked in the best of the channels and their mean."""
        best = MarkScore(0.0, found=False)
        with self._model("detector") as detector:
            for low in lower_voices(sound, _RATE, cancel):
                score = self._score(detector, low)
                best = score if score.score > best.score else best
        return best

    def _score(self, detector: Any, samples: Mono) -> MarkScore:
        if samples.size < _SHORTEST or not samples.any():
            return MarkScore(0.0, found=False)
        torch = load_torch()
        with torch.no_grad():
            wave = torch.from_numpy(samples.copy())[None, None].to(self._device)
            share, bits = detector.detect_watermark(wave)
        score = float(share[0])
        message = sum(int(bit) << place for place, bit in enumerate(bits[0].tolist()))
        return MarkScore(score, score >= _FOUND, str(message) if score >= _FOUND else "")

    def _model(self, part: str) -> AbstractContextManager[Any]:
        key = (INFO.name, part, str(self._folder), self._device)
        needs = measure_size(self._folder)
        return MODELS.use(key, lambda: self._load(part), device=self._device, needs=needs)

    def _load(self, part: str) -> Any:
        """Build a network from the library's own description, and fill in the weights of the file."""
        torch = load_torch()
        with mute_library(), load_only_tensors(self._folder, _CLASSES):
            from audioseal import builder, loader

            card, kind, make = {
                "generator": ("audioseal_wm_16bits", builder.AudioSealWMConfig, builder.create_generator),
                "detector": (
                    "audioseal_detector_16bits",
                    builder.AudioSealDetectorConfig,
                    builder.create_detector,
                ),
            }[part]
            described = loader.OmegaConf.to_container(loader.load_local_model_config(card))
            described.pop("checkpoint")
            config = loader.AudioSeal.parse_config(described, config_type=kind, nbits=_BITS)
            network = make(config)
            kept = torch.load(self._folder / f"{part}_base.pth", map_location="cpu", weights_only=True)
            weights = loader.convert_state_dict_for_scriptable_model(kept.get("model", kept))
            loader.load_state_dict(network, weights)
        return network.eval().to(self._device)

    def close(self) -> None:
        """Do nothing: the models stay loaded for the next job until their memory is needed."""


def _read_message(value: Any) -> int:
    if isinstance(value, int) and 0 <= value < 1 << _BITS:
        return value
    raise UsageError(f"audioseal has no message {value!r}.", hint="It is a number from 0 to 65535.")


def _find_folder() -> Path | None:
    return find_weights(("audioseal",), (_REPOSITORY,), _FILES, _VARIABLE)


def create(settings: Mapping[str, Any]) -> AudioSealWatermark:
    """Start the engine. Raises EngineMissingError without its models."""
    folder = Path(settings["model"]) if settings.get("model") else _find_folder()
    if folder is None:
        raise EngineMissingError("AudioSeal's models were not found.", hint=f"Get them: {_GET}")
    return AudioSealWatermark(folder, settings)


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the library and its models."""
    models = () if _find_folder() else (Missing("AudioSeal's models", _GET, setting="model"),)
    return (*missing_package("audioseal", "audioseal"), *models)


ENGINE = EngineSpec(INFO, create, missing, frozenset({"model", "message", "device"}))
