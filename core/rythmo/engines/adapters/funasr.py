"""Recognition by FunASR on this machine: SenseVoice and Paraformer, which are strong in Chinese.

Settings: `model` (a folder), `device`. RYTHMO_FUNASR_MODEL names a folder for all projects. Weights are never
downloaded here. Paraformer times each word. SenseVoice doesn't, so that its words are spread over each
stretch of speech.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.background import in_background
from rythmo.engines.local.devices import (
    MODELS,
    load_torch,
    measure_size,
    mute_library,
    pick_device,
    run_in_batches,
)
from rythmo.engines.local.model_files import find_weights, require_folder, stamp_model
from rythmo.engines.local.safe_loading import NUMPY_VALUES, load_only_tensors
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.speech.word_repair import TimedWord
from rythmo.engines.speech.word_times import join_turns, pieces, split, spread_words, to_words
from rythmo.errors import EngineMissingError, EngineRefusedError
from rythmo.files import make_printable
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Word

_RATE = 16_000
_LONGEST_S = 20.0
_SHORTEST_S = 0.1
_AUDIBLE = 1e-3
_VARIABLE = "RYTHMO_FUNASR_MODEL"
_CONFIG = "config.yaml"
_FILES = (_CONFIG, "model.pt")
_KINDS = ("SenseVoiceSmall", "Paraformer", "BiCifParaformer", "SeacoParaformer", "ContextualParaformer")
_NAMES = ("SenseVoiceSmall", "paraformer-zh")
_GET = "hf download FunAudioLLM/SenseVoiceSmall"
_LOCK = threading.Lock()

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="funasr",
    version="1",
    summary="FunASR on this machine: SenseVoice or Paraformer, strong in Chinese.",
    licence="MIT (code), FunASR model licence (weights)",
    languages=frozenset({"zh", "yue", "en", "ja", "ko"}),
    rank=50,
)


class FunASR:
    """A Transcriber that runs FunASR on this machine."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        load_torch()
        self._folder = folder
        self._device = pick_device(str(settings.get("device", "auto")))
        self.info = replace(INFO, version=f"{version('funasr')} {stamp_model(folder)}")

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return words with positions in samples, recognised in stretches of `turns` or of the whole
        audio."""
        stretches = join_turns(turns, speech, _LONGEST_S) if turns else pieces(speech, (), _LONGEST_S)
        words: list[Word] = []
        for number, (start, end) in enumerate(stretches):
            cancel.check()
            report(number / len(stretches))
            part = speech.cut(start, end).mono().at_rate(_RATE).samples[0]
            if part.size < _SHORTEST_S * _RATE or float(np.abs(part).max()) < _AUDIBLE:
                continue
            timed = in_background(lambda sound=part: list(self._hear(sound, language)), cancel)  # type: ignore[misc]  # a default binds the loop's value
            words.extend(to_words(timed, speech.rate, offset=start, end=end))
        report(1.0)
        return tuple(words)

    def _hear(self, sound: NDArray[np.float32], language: str) -> Iterator[TimedWord]:
        from funasr.utils.postprocess_utils import rich_transcription_postprocess

        def run(_: int) -> Any:
            torch = load_torch()
            # Kaldi's features add random noise of one 16-bit step. With a fixed seed, the same audio gives
            # the same words. One call at a time, because torch has one random generator for the whole
            # process.
            with self._model() as model, _LOCK, torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                return model.generate(
                    input=sound.copy(), fs=_RATE, cache={}, language=language, use_itn=True, disable_pbar=True
                )

        for found in run_in_batches(2, run, free=lambda: MODELS.free(device=self._device)):
            # SenseVoice writes language, emotion and events as <|tags|> before the words.
            text = rich_transcription_postprocess(found.get("text", ""))
            yield from _timed(text, found.get("timestamp") or (), sound.size / _RATE, language)

    def _model(self) -> AbstractContextManager[Any]:
        key = (INFO.name, str(self._folder), self._device)
        return MODELS.use(key, self._load, device=self._device, needs=measure_size(self._folder))

    def _load(self) -> Any:
        _require_known(self._folder)
        with mute_library(), load_only_tensors(self._folder, NUMPY_VALUES):
            from funasr import AutoModel

            # Without disable_update, FunASR checks over the network for a newer version.
            return AutoModel(
                model=str(self._folder),
                device=self._device,
                disable_update=True,
                # A configuration could ask for it: FunASR would install and import what the folder names.
                trust_remote_code=False,
                disable_pbar=True,
                disable_log=True,
                log_level="ERROR",
            )

    def close(self) -> None:
        """Do nothing: the model stays loaded for the next job until its memory is needed."""


def _require_known(folder: Path) -> None:
    """Raise EngineRefusedError unless the folder is of a known kind of model.

    Some kinds import Python files out of their folder. FunASR takes the configuration that
    `configuration.json` names, or `config.yaml`.
    """
    import yaml  # type: ignore[import-untyped]  # funasr brings it, without its types

    about = folder / "configuration.json"
    try:
        named = json.loads(about.read_text("utf-8")) if about.is_file() else {}
        config = named.get("file_path_metas", {}).get("config", _CONFIG)
        kind = yaml.safe_load((folder / _CONFIG).read_text("utf-8")).get("model")
    except (OSError, ValueError, AttributeError, RecursionError, yaml.YAMLError) as error:
        raise EngineMissingError(f"{folder} is not a FunASR model.", hint=f"Get one with: {_GET}") from error
    if config != _CONFIG or kind not in _KINDS:
        raise EngineRefusedError(
            f"{folder} is not a FunASR model of a known kind ({make_printable(str(kind)[:80])}).",
            hint=f"Known are {', '.join(_KINDS)}. Get one with: {_GET}",
        )


def _timed(text: str, times: Sequence[Sequence[int]], seconds: float, language: str) -> list[TimedWord]:
    """Return words with the model's times (in ms) if there is one for each word, else spread over
    `seconds`."""
    parts = split(text, language)
    if not parts or len(parts) != len(times):
        return spread_words(text, 0.0, seconds, language)
    return [
        TimedWord(part, start / 1000, end / 1000) for part, (start, end) in zip(parts, times, strict=True)
    ]


def _find() -> Path | None:
    repositories = ("FunAudioLLM/SenseVoiceSmall", "funasr/paraformer-zh")
    return find_weights(_NAMES, repositories, _FILES, _VARIABLE)


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a model."""
    weights = () if _find() else (Missing("a FunASR model", _GET, setting="model"),)
    return (*missing_package("funasr", "funasr"), *weights)


def create(settings: Mapping[str, Any]) -> FunASR:
    """Start with the model in the settings, or an installed one. Raises EngineMissingError."""
    wanted = settings.get("model")
    folder = require_folder(Path(str(wanted)), _FILES, "FunASR model") if wanted else _find()
    if folder is None:
        raise EngineMissingError("FunASR finds no model.", hint=f"Get one with: {_GET}")
    return FunASR(folder, settings)


ENGINE = EngineSpec(INFO, create, missing, frozenset({"device", "model"}))
