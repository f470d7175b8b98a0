"""Separation by Demucs 4.1 (Hybrid Transformer) on this machine.

Settings: `model` (htdemucs or htdemucs_ft), `repo` (a folder with the model's files), `device`.
The variable RYTHMO_DEMUCS_MODELS names such a folder for all projects; torch's own cache is searched too.
The bed is the mix minus the speech, so the two always sum to the mix.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Separation
from rythmo.engines.local.background import in_background
from rythmo.engines.local.data_dirs import models_folder
from rythmo.engines.local.devices import (
    MODELS,
    keep_rising,
    load_torch,
    measure_size,
    pick_device,
    run_in_batches,
)
from rythmo.engines.local.model_files import stamp_model
from rythmo.engines.local.safe_loading import NUMPY_VALUES, load_only_tensors
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.speech.alignment import measure_offset, shift_back
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio, Samples
from rythmo.models import get_command
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

_VARIABLE = "RYTHMO_DEMUCS_MODELS"
# The files of each model, from demucs/remote/ in the Demucs sources.
_FILES = {
    "htdemucs_ft": (
        "f7e0c4bc-ba3fe64a.th",
        "d12395a8-e57c48e6.th",
        "92cfc3b6-ef3bcb9c.th",
        "04573f0d-f3cf25b2.th",
    ),
    "htdemucs": ("955717e8-8726e21a.th",),
}
_CLASSES = (
    "demucs.htdemucs:HTDemucs",
    "demucs.hdemucs:HDemucs",
    "demucs.demucs:Demucs",
    "fractions:Fraction",
    *NUMPY_VALUES,
)
"""What the checkpoints hold besides tensors: the class of the model, and the arguments that make it."""
_DEFAULT = "htdemucs"
_GET = get_command("htdemucs")
_BLOCK_S = 240
_OVERLAP_S = 4
_MOST_OFFSET_S = 0.1

INFO = EngineInfo(
    kind=Kind.SEPARATOR,
    name="demucs",
    version="4",
    summary="Demucs: separates voices from music and effects, at the best quality available here.",
    licence="MIT (code and weights)",
    capabilities=frozenset({"sums"}),
    rank=70,
)


class Demucs:
    """A Separator that runs Demucs on this machine."""

    def __init__(self, name: str, repo: Path | None, settings: Mapping[str, Any]) -> None:
        load_torch()
        self._name = name
        self._repo = repo
        self._device = pick_device(str(settings.get("device", "auto")))
        # Files in torch's cache have a hash in their names; files in a folder of the user's may be anything.
        where = f" {stamp_model(repo)}" if repo else ""
        self.info = replace(INFO, version=f"{version('demucs')} {name}{where}")

    def separate(
        self, mix: Audio, *, report: Fraction01 = ignore_progress, cancel: CancelToken = NEVER
    ) -> Separation:
        """Split the mix into speech and bed, which sum to the mix. Both have its channels and length."""
        speech = np.zeros_like(mix.samples)
        # The model takes stereo: other layouts are split into pairs, and an odd channel is paired with
        # itself.
        pairs = [(first, min(first + 1, mix.channels - 1)) for first in range(0, mix.channels, 2)]
        for number, (left, right) in enumerate(pairs):
            cancel.check()
            part = Audio(np.stack([mix.samples[left], mix.samples[right]]), mix.rate)

            def tell(fraction: float, done: int = number) -> None:
                report((done + fraction) / len(pairs))

            found = in_background(lambda sound=part, say=tell: self._voice(sound, say, cancel), cancel)  # type: ignore[misc]  # defaults bind the loop's values
            speech[left], speech[right] = found[0], found[1]
        report(1.0)
        return Separation(Audio(speech, mix.rate), Audio(mix.samples - speech, mix.rate))

    def _voice(self, pair: Audio, report: Fraction01, cancel: CancelToken) -> Samples:
        if pair.length == 0 or not np.any(pair.samples):
            return pair.samples
        with self._model() as model:
            sound = pair.at_rate(int(model.samplerate)).samples
            voice = _blockwise(
                sound, int(model.samplerate), lambda part, tell: self._run(model, part, tell, cancel), report
            )
        if not np.isfinite(voice).all():
            raise EngineFailedError(
                f"{self._name} returned samples that are not numbers.",
                hint="Check that the audio of the material is not damaged.",
            )
        back = Audio(voice, int(model.samplerate)).at_rate(pair.rate).samples[:, : pair.length]
        result = np.zeros_like(pair.samples)
        result[:, : back.shape[1]] = back
        return result

    def _run(self, model: Any, sound: Samples, report: Fraction01, cancel: CancelToken) -> Samples:
        if not np.any(sound):
            return sound

        tell = keep_rising(report)

        def step(state: Mapping[str, Any]) -> None:
            cancel.check()
            done = state["model_idx_in_bag"] + state["segment_offset"] / max(1, state["audio_length"])
            tell(min(1.0, done / state["models"]))

        def run(_: int) -> Any:
            torch = load_torch()
            model.update_parameter(callback=step, callback_arg={})
            return model.separate_tensor(torch.from_numpy(sound.copy()), model.samplerate)[1]

        # There is no batch size to halve here; the second attempt runs after other models were unloaded.
        stems = run_in_batches(2, run, free=lambda: MODELS.free(device=self._device))
        voice: NDArray[np.float32] = stems["vocals"].cpu().numpy()
        offset = measure_offset(
            sound, sum(stems.values()).cpu().numpy(), round(_MOST_OFFSET_S * model.samplerate)
        )
        return shift_back(voice, offset, sound.shape[1])

    def _model(self) -> AbstractContextManager[Any]:
        key = (INFO.name, self._name, str(self._repo), self._device)
        needs = measure_size(self._repo) if self._repo else 0
        return MODELS.use(key, self._load, device=self._device, needs=needs)

    def _load(self) -> Any:
        from demucs.api import LoadModelError

        try:
            with load_only_tensors(self._repo or Path(self._name), _CLASSES):
                return self._separator()
        except LoadModelError as error:
            where = self._repo or "torch's cache"
            raise EngineMissingError(
                f"Demucs finds no model {self._name} in {where}.", hint=f"Get it: {_GET}"
            ) from error

    def _separator(self) -> Any:
        from demucs.api import Separator

        # Shifts are random; without them the same input always gives the same output.
        return Separator(model=self._name, repo=self._repo, device=self._device, shifts=0, overlap=0.25)

    def close(self) -> None:
        """Do nothing: the model stays loaded for the next job until its memory is needed."""


def _blockwise(sound: Samples, rate: int, run: Any, report: Fraction01) -> Samples:
    """Run over blocks with cross-faded overlaps, so that memory doesn't grow with the programme's length."""
    length, block, overlap = sound.shape[1], _BLOCK_S * rate, _OVERLAP_S * rate
    starts = [0, *range(block - overlap, length - overlap, block - overlap)] if length > block else [0]
    result = np.zeros_like(sound)
    for number, start in enumerate(starts):

        def tell(fraction: float, done: int = number) -> None:
            report((done + fraction) / len(starts))

        part = run(sound[:, start : start + block], tell)
        if number:
            fade = np.linspace(0, 1, overlap, endpoint=False, dtype=np.float32)[: part.shape[1]]
            part = part.copy()
            part[:, : fade.size] *= fade
            result[:, start : start + fade.size] *= 1 - fade
        result[:, start : start + part.shape[1]] += part
    return result


def _find() -> tuple[str, Path | None] | None:
    """Return (model, repo) of an installed model; a repo of None means torch's cache."""
    for folder in (os.environ.get(_VARIABLE), models_folder() / "demucs"):
        for name in _FILES:
            if folder and (Path(folder) / f"{name}.yaml").is_file():
                return name, Path(folder)
    return next(((name, None) for name in (_DEFAULT, "htdemucs_ft") if _is_cached(name)), None)


def _is_cached(name: str) -> bool:
    home = Path(os.environ.get("TORCH_HOME") or Path.home() / ".cache" / "torch")
    return name in _FILES and all((home / "hub" / "checkpoints" / file).is_file() for file in _FILES[name])


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a model."""
    weights = () if _find() else (Missing("the htdemucs model", _GET, setting="repo"),)
    return (*missing_package("demucs", "demucs"), *weights)


def create(settings: Mapping[str, Any]) -> Demucs:
    """Start with the model in the settings, or with one that is installed. Raises EngineMissingError."""
    name, repo = settings.get("model"), settings.get("repo")
    if repo and not Path(str(repo)).is_dir():
        raise EngineMissingError(f"{repo} is not a folder of Demucs models.", hint=f"Get one: {_GET}")
    if repo:
        return Demucs(str(name or _DEFAULT), Path(str(repo)), settings)
    found = (str(name), None) if name and _is_cached(str(name)) else _find()
    if found is None or (name and found[0] != name):
        raise EngineMissingError(f"Demucs finds no model {name or _DEFAULT}.", hint=f"Get it: {_GET}")
    return Demucs(found[0], found[1], settings)


ENGINE = EngineSpec(INFO, create, missing, frozenset({"device", "model", "repo"}))
