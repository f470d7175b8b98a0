"""Recognition by Whisper through faster-whisper (CTranslate2): batched, with word times, on this machine.

Settings: `model` (a folder, or a name such as large-v3 or small), `device` (auto, cuda, cpu), `compute_type`,
`batch` (pieces at once), `beam`, `threads`. RYTHMO_WHISPER_MODEL names a folder for everybody.
Weights are never fetched: what is not on the disk is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.background import iterate_in_background
from rythmo.engines.local.data_dirs import models_folder
from rythmo.engines.local.devices import MODELS, in_batches, rising, size_of
from rythmo.engines.local.model_files import find_weights, hub_snapshot, require_folder, stamp
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.speech.word_times import Timed, join_turns, spread, to_words
from rythmo.errors import EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, silent
from rythmo.script.model import Word

_RATE = 16_000
_FILES = ("model.bin", "config.json", "tokenizer.json")
_VARIABLE = "RYTHMO_WHISPER_MODEL"
# Best first; turbo gives nearly large-v3's accuracy at several times its speed.
_NAMES = ("large-v3", "large-v3-turbo", "large-v2", "medium", "small", "base", "tiny")
_GET = "hf download Systran/faster-whisper-large-v3"
# Whisper hears 30 s at a time: regions are joined up to a little less.
_LONGEST_S = 28.0

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="faster-whisper",
    version="1",
    summary="Whisper on this machine, fast and in a hundred languages, with word times.",
    licence="MIT (code and OpenAI's weights)",
    capabilities=frozenset({"words"}),
    rank=70,
)


class FasterWhisper:
    """A Transcriber that runs Whisper here."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        self._device = _device(str(settings.get("device", "auto")))
        default = "float16" if self._device == "cuda" else "int8"
        self._compute = str(settings.get("compute_type", default))
        self._batch = max(1, int(settings.get("batch", 8)))
        self._beam = max(1, int(settings.get("beam", 5)))
        self._threads = int(settings.get("threads", 0))
        made_of = f"{version('faster-whisper')} {stamp(folder)} {self._compute} beam {self._beam}"
        self.info = replace(INFO, version=made_of)

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = silent,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Words with sample positions; `turns` replaces Whisper's own search for speech."""
        if speech.length == 0:
            return ()
        sound = speech.mono().at_rate(_RATE).samples[0]
        stretches = join_turns(turns, speech, _LONGEST_S)
        clips = [{"start": start / speech.rate, "end": end / speech.rate} for start, end in stretches]

        tell = rising(report)

        def run(batch: int) -> list[Timed]:
            with self._model() as model:
                return list(self._heard(model, sound, language, clips, batch, tell, cancel))

        timed = in_batches(self._batch, run)
        report(1.0)
        return to_words(timed, speech.rate, end=speech.length)

    def _heard(
        self,
        model: Any,
        sound: np.ndarray[Any, Any],
        language: str,
        clips: list[dict[str, float]],
        batch: int,
        report: Fraction01,
        cancel: CancelToken,
    ) -> Iterator[Timed]:
        cancel.check()
        segments, _ = model.transcribe(
            sound,
            language=language,
            beam_size=self._beam,
            # Higher temperatures draw at random: the same sound must give the same words.
            temperature=0.0,
            word_timestamps=True,
            batch_size=batch,
            **({"clip_timestamps": clips} if clips else {"vad_filter": True}),
        )
        for segment in iterate_in_background(iter(segments), cancel):
            report(min(1.0, segment.end * _RATE / max(1, sound.size)))
            if segment.words:
                yield from (Timed(w.word, w.start, w.end, w.probability) for w in segment.words)
            else:
                yield from spread(segment.text, segment.start, segment.end, language)

    def _model(self) -> AbstractContextManager[Any]:
        key = (INFO.name, str(self._folder), self._device, self._compute)
        return MODELS.use(key, self._load, device=self._device, needs=size_of(self._folder))

    def _load(self) -> Any:
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        model = WhisperModel(
            str(self._folder),
            device=self._device,
            compute_type=self._compute,
            cpu_threads=self._threads,
            local_files_only=True,
        )
        return BatchedInferencePipeline(model)

    def close(self) -> None:
        """Nothing to do: the model stays for the next job until its memory is needed."""


def _device(wanted: str) -> str:
    import ctranslate2

    has_cuda = ctranslate2.get_cuda_device_count() > 0
    if wanted == "auto":
        return "cuda" if has_cuda else "cpu"
    if wanted.startswith("cuda") and not has_cuda:
        raise EngineFailedError("CTranslate2 finds no CUDA here.", hint="Set `device` to auto or cpu.")
    # CTranslate2 has no Metal back end: a Mac computes on its processor.
    return "cpu" if wanted == "mps" else wanted


def _repositories(name: str) -> tuple[str, ...]:
    owner = "mobiuslabsgmbh" if name == "large-v3-turbo" else "Systran"
    return (f"{owner}/faster-whisper-{name}",)


def _find(names: Sequence[str] = _NAMES) -> Path | None:
    folders = [f"faster-whisper-{name}" for name in names]
    return find_weights(folders, [repo for name in names for repo in _repositories(name)], _FILES, _VARIABLE)


def _folder(wanted: str) -> Path:
    # faster-whisper takes a folder that does not exist for a name on the hub: look first.
    if "/" in wanted or Path(wanted).is_dir():
        return require_folder(Path(wanted), _FILES, "faster-whisper model")
    found = models_folder() / f"faster-whisper-{wanted}"
    snapshot = next((one for repo in _repositories(wanted) if (one := hub_snapshot(repo, _FILES))), None)
    if found.is_dir() or snapshot is None:
        return require_folder(found, _FILES, "faster-whisper model")
    return snapshot


def missing() -> tuple[Missing, ...]:
    """The package, and any Whisper model in CTranslate2's format."""
    weights = () if _find() else (Missing("a Whisper model", _GET, setting="model"),)
    return (*missing_package("faster_whisper", "whisper"), *weights)


def create(settings: Mapping[str, Any]) -> FasterWhisper:
    """Start with the model named, or the best that is here. Raises EngineMissingError."""
    wanted = settings.get("model")
    folder = _folder(str(wanted)) if wanted else _find()
    if folder is None:
        raise EngineMissingError("faster-whisper finds no model.", hint=f"Get one with: {_GET}")
    return FasterWhisper(folder, settings)


ENGINE = EngineSpec(INFO, create, missing)
