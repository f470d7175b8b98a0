"""Recognition by Whisper through faster-whisper (CTranslate2) on this machine: batched, with word times.

The language is detected for each stretch of speech (spoken_language.py), and each stretch is decoded in its
own language. A text that repeats itself is decoded again with a rule against repeats. Text that Whisper
invents over music or silence is dropped.

Settings: `model` (a folder, or a name such as large-v3 or small), `device` (auto, cuda, cpu), `compute_type`,
`batch` (clips at once), `beam`, `threads` (0: the number of free cores). RYTHMO_WHISPER_MODEL names a folder
for all projects. Weights are never downloaded here.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rythmo import languages
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, Turn
from rythmo.engines.local.background import iterate_in_background
from rythmo.engines.local.data_dirs import models_folder
from rythmo.engines.local.devices import MODELS, keep_rising, measure_size, run_in_batches
from rythmo.engines.local.heap import trim_heap
from rythmo.engines.local.model_files import find_weights, hub_snapshot, require_folder, stamp_model
from rythmo.engines.remote.keys import missing_package
from rythmo.engines.speech.speech_clips import Stretch, language_stretches, pack_clips
from rythmo.engines.speech.spoken_language import HeardStretch, decide_languages, find_main_language
from rythmo.engines.speech.word_repair import TimedWord, count_looped
from rythmo.engines.speech.word_times import spread_words, to_words
from rythmo.errors import EngineFailedError, EngineMissingError, LanguageError
from rythmo.executors import count_cores, start_workers
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Word

_RATE = 16_000
_FILES = ("model.bin", "config.json", "tokenizer.json")
_VARIABLE = "RYTHMO_WHISPER_MODEL"
# The best model first; turbo has nearly the accuracy of large-v3 at several times its speed.
_NAMES = ("large-v3", "large-v3-turbo", "large-v2", "medium", "small", "base", "tiny")
_GET = "rythmo models get whisper-base"
# CTranslate2 gains little from more threads on one batch.
_MOST_THREADS = 8
# The least number of 10 ms frames that the encoder gets for language detection.
_LEAST_FRAMES = 100
# Whisper's codes that are not in ISO 639-1, or mean more than one language -> ours.
_OURS = {"no": "nb", "jw": "jv"}
_THEIRS = {"nb": "no", "jv": "jw"}
# The languages of the multilingual models (Cantonese only from large-v3 on).
_KNOWS = languages.parse_codes(
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha he hi hr ht hu "
    "hy id is it ja jv ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my nb ne nl nn no oc pa pl "
    "ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh"
)

INFO = EngineInfo(
    kind=Kind.TRANSCRIBER,
    name="faster-whisper",
    version="2",
    summary="Whisper on this machine, in a hundred languages, with word times and language detection.",
    licence="MIT (code and OpenAI's weights)",
    languages=_KNOWS,
    capabilities=frozenset({"words", "punctuation", "languages"}),
    rank=70,
    at_once=2,
)


class FasterWhisper:
    """A Transcriber that runs Whisper on this machine."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        self._device = _device(str(settings.get("device", "auto")))
        default = "float16" if self._device == "cuda" else "int8"
        self._compute = str(settings.get("compute_type", default))
        # On a processor a batch of 4 is no faster than one of 2, and takes 150 MB more.
        self._batch = max(1, int(settings.get("batch", 8 if self._device.startswith("cuda") else 2)))
        # On the example, beam 5 took 5.5 s with a word error rate of 3.6 %; beam 1 took 4.6 s with 3.6 to 5
        # %.
        self._beam = max(1, int(settings.get("beam", 5)))
        self._threads = int(settings.get("threads", 0))
        # On two cores, two clips at once with a thread each took 8.5 s, one with two threads 12.7 s.
        self._workers = 1 if self._device.startswith("cuda") else count_cores(INFO.at_once)
        made_of = f"{version('faster-whisper')} {stamp_model(folder)} {self._compute} beam {self._beam}"
        self.info = replace(INFO, version=f"{INFO.version} {made_of}")

    def transcribe(
        self,
        speech: Audio,
        *,
        language: str,
        turns: Sequence[Turn] = (),
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> tuple[Word, ...]:
        """Return words with positions in samples; `turns` replaces Whisper's own speech detection.

        Raises LanguageError for a language that the model doesn't support.
        """
        cancel.check()
        if speech.length == 0:
            return ()
        sound = speech.mono().at_rate(_RATE)
        tell = keep_rising(report)

        def run(batch: int) -> list[TimedWord]:
            with self._model() as model:
                expected = _known(model, language)
                stretches = _stretches(sound, turns, speech.rate)
                named = _name_languages(model, sound, stretches, expected, cancel)
                clips = pack_clips(named, sound)
                return list(self._decode_all(model, sound, clips, expected, batch, tell, cancel))

        timed = run_in_batches(self._batch, run)
        trim_heap()
        report(1.0)
        return to_words(timed, speech.rate, end=speech.length)

    def find_language(self, speech: Audio, *, turns: Sequence[Turn] = (), cancel: CancelToken = NEVER) -> str:
        """Return the main language of the speech; "" when there is no speech."""
        sound = speech.mono().at_rate(_RATE)
        with self._model() as model:
            stretches = _stretches(sound, turns, speech.rate)
            heard = _hear_all(model, sound, stretches, cancel)
        found = find_main_language(heard)
        return _OURS.get(found, found)

    def _decode_all(
        self,
        model: Any,
        sound: Audio,
        clips: Sequence[Stretch],
        expected: str,
        batch: int,
        report: Fraction01,
        cancel: CancelToken,
    ) -> Iterator[TimedWord]:
        """Yield the words of all clips, in order of start."""
        done = itertools.count(1)

        def decode(group: Sequence[Stretch]) -> list[TimedWord]:
            code, found = group[0].language, list[TimedWord]()
            language = "" if code == expected else _OURS.get(code, code)
            for segment in iterate_in_background(self._decode(model, sound, group, code, batch), cancel):
                found += [word._replace(language=language) for word in segment]
                report(min(1.0, next(done) / len(clips)))
            return found

        with start_workers(self._workers, cancel) as pool:
            parts = pool.run_all(decode, _group_clips(clips, batch, self._workers))
        yield from sorted((word for part in parts for word in part), key=lambda word: word.start_s)

    def _decode(
        self, model: Any, sound: Audio, clips: Sequence[Stretch], code: str, batch: int
    ) -> Iterator[list[TimedWord]]:
        """Yield the words of each clip. A clip whose text repeats itself is decoded again without repeats."""
        for clip, first in self._segments(model, sound, clips, code, batch):
            segment = first
            if count_looped(_words_of(first, code)) or first.compression_ratio > _CIRCLES:
                again = self._segments(model, sound, [clip], code, 1, no_repeat_ngram_size=4)
                segment = next((other for _, other in again), first)
            words = _words_of(segment, code)
            yield [] if _is_invented(segment, words) else words

    def _segments(
        self, model: Any, sound: Audio, clips: Sequence[Stretch], code: str, batch: int, **options: Any
    ) -> Iterator[tuple[Stretch, Any]]:
        """Yield each clip with its segment, as far as Whisper returns one."""
        from faster_whisper import BatchedInferencePipeline

        # A pipeline remembers where the words of its last clip ended: each thread has one of its own.
        segments, _ = BatchedInferencePipeline(model.model).transcribe(
            sound.samples[0],
            language=code,
            beam_size=self._beam,
            # Higher temperatures sample at random, and the same audio has to give the same words.
            temperature=0.0,
            word_timestamps=True,
            batch_size=batch,
            clip_timestamps=[{"start": clip.start / _RATE, "end": clip.end / _RATE} for clip in clips],
            **options,
        )
        for segment in segments:
            # Without timestamps in the text there is one segment per clip, identified by its first frame.
            clip = min(clips, key=lambda one: abs(one.start / _RATE - segment.seek / 100))
            yield clip, segment

    def _model(self) -> AbstractContextManager[Any]:
        key = (INFO.name, str(self._folder), self._device, self._compute)
        return MODELS.use(key, self._load, device=self._device, needs=measure_size(self._folder))

    def _load(self) -> Any:
        _wait_passively()
        from faster_whisper import BatchedInferencePipeline, WhisperModel

        model = WhisperModel(
            str(self._folder),
            device=self._device,
            compute_type=self._compute,
            cpu_threads=self._threads or max(1, count_free_cores() // self._workers),
            num_workers=self._workers,
            local_files_only=True,
        )
        if self._device == "cpu":
            _encode_clip_by_clip(model)
        return BatchedInferencePipeline(model)

    def close(self) -> None:
        """Do nothing: the model stays loaded for the next job until its memory is needed."""


def _encode_clip_by_clip(model: Any) -> None:
    """Let the model encode one clip of a batch after the other.

    Each clip of a batch takes the encoder 100 MB for as long as it lasts, and a processor gains nothing from
    encoding several at once. Only their decoding does.
    """
    import numpy as np
    from ctranslate2 import StorageView

    encode = model.encode

    def encode_each(features: Any) -> Any:
        if features.ndim < _BATCH_AXES:
            return encode(features)
        return StorageView.from_array(np.concatenate([np.array(encode(clip)) for clip in features]))

    model.encode = encode_each


def _group_clips(clips: Sequence[Stretch], batch: int, workers: int) -> list[list[Stretch]]:
    """Return groups of clips of one language, of at most `batch`, so that there is one for each worker."""
    groups = []
    for code in sorted({clip.language for clip in clips}):
        own = [clip for clip in clips if clip.language == code]
        size = min(batch, -(-len(own) // workers))
        groups += [own[first : first + size] for first in range(0, len(own), size)]
    return groups


_BATCH_AXES = 3
# The compression ratio above which a text repeats itself (OpenAI's own limit).
_CIRCLES = 2.4
# OpenAI's limits: a text is invented when speech is unlikely and the text is improbable too.
_NO_SPEECH, _UNSURE = 0.6, -1.0


def _is_invented(segment: Any, words: Sequence[TimedWord]) -> bool:
    """Return whether Whisper invented the text: over music and noise it writes common phrases."""
    unsure = segment.avg_logprob < _UNSURE
    return bool(unsure and (segment.no_speech_prob > _NO_SPEECH or count_looped(words)))


def _words_of(segment: Any, code: str) -> list[TimedWord]:
    if segment.words:
        return [TimedWord(w.word, float(w.start), float(w.end), float(w.probability)) for w in segment.words]
    return spread_words(
        segment.text, segment.start, segment.end, code, math.exp(min(0.0, segment.avg_logprob))
    )


def _stretches(sound: Audio, turns: Sequence[Turn], rate: int) -> list[tuple[int, int]]:
    """Return the stretches of speech in samples of `sound`, from the turns (at `rate`) or else from its
    VAD."""
    if turns:
        factor = sound.rate / rate
        local = [Turn(round(t.start * factor), round(t.end * factor), t.speaker) for t in turns]
    else:
        from faster_whisper.vad import get_speech_timestamps

        local = [Turn(one["start"], one["end"], "") for one in get_speech_timestamps(sound.samples[0])]
    return language_stretches(local, sound)


def _name_languages(
    model: Any, sound: Audio, stretches: Sequence[tuple[int, int]], expected: str, cancel: CancelToken
) -> list[Stretch]:
    if not model.model.model.is_multilingual:
        return [Stretch(start, end, expected) for start, end in stretches]
    found = decide_languages(_hear_all(model, sound, stretches, cancel), expected)
    return [Stretch(start, end, code) for (start, end), code in zip(stretches, found, strict=True)]


def _hear_all(
    model: Any, sound: Audio, stretches: Sequence[tuple[int, int]], cancel: CancelToken
) -> list[HeardStretch]:
    heard = []
    for start, end in stretches:
        cancel.check()
        heard.append(_hear_language(model, sound, start, end))
    return heard


def _hear_language(model: Any, sound: Audio, start: int, end: int) -> HeardStretch:
    """Return how likely the stretch is in each language, by Whisper's codes.

    The encoder gets the stretch alone, without the padding to 30 s that decoding needs. On all recordings
    tried the result was the same, for a tenth of the work.
    """
    whisper = model.model
    features = whisper.feature_extractor(sound.samples[0, start:end])[..., :-1]
    short = max(0, _LEAST_FRAMES - features.shape[-1])
    padded: NDArray[Any] = np.pad(features, [(0, 0), (0, short)])
    (likelihoods,) = whisper.model.detect_language(whisper.encode(padded))
    return HeardStretch((end - start) / sound.rate, {token[2:-2]: float(p) for token, p in likelihoods})


def _known(model: Any, language: str) -> str:
    code = _THEIRS.get(language, language)
    if not model.model.model.is_multilingual and code != "en":
        raise LanguageError(
            f"This Whisper model supports English only, not {languages.language_name(language)}.",
            hint=f"Get a multilingual one with: {_GET}",
        )
    return code


def count_free_cores() -> int:
    """Return the number of cores of this process that are not busy now, between 1 and 8."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, min(_MOST_THREADS, cores - round(busy)))


def _wait_passively() -> None:
    # OpenMP's threads spin while they wait. On a busy machine two threads were far slower than one (232 s for
    # 65 s of sound). The library reads this variable when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _device(wanted: str) -> str:
    _wait_passively()
    import ctranslate2

    has_cuda = ctranslate2.get_cuda_device_count() > 0
    if wanted == "auto":
        return "cuda" if has_cuda else "cpu"
    if wanted.startswith("cuda") and not has_cuda:
        raise EngineFailedError(
            "CTranslate2 finds no CUDA on this machine.", hint="Set `device` to auto or cpu."
        )
    # CTranslate2 has no Metal back end, so a Mac uses its CPU.
    return "cpu" if wanted == "mps" else wanted


def _repositories(name: str) -> tuple[str, ...]:
    owner = "mobiuslabsgmbh" if name == "large-v3-turbo" else "Systran"
    return (f"{owner}/faster-whisper-{name}",)


def _find(names: Sequence[str] = _NAMES) -> Path | None:
    folders = [f"faster-whisper-{name}" for name in names]
    return find_weights(folders, [repo for name in names for repo in _repositories(name)], _FILES, _VARIABLE)


def _folder(wanted: str) -> Path:
    # faster-whisper takes a folder that doesn't exist for a name on the hub, so check first.
    if "/" in wanted or Path(wanted).is_dir():
        return require_folder(Path(wanted), _FILES, "faster-whisper model")
    found = models_folder() / f"faster-whisper-{wanted}"
    snapshot = next((one for repo in _repositories(wanted) if (one := hub_snapshot(repo, _FILES))), None)
    if found.is_dir() or snapshot is None:
        return require_folder(found, _FILES, "faster-whisper model")
    return snapshot


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the package and a Whisper model in CTranslate2's format."""
    weights = () if _find() else (Missing("a Whisper model", _GET, setting="model"),)
    return (*missing_package("faster_whisper", "embedded"), *weights)


def create(settings: Mapping[str, Any]) -> FasterWhisper:
    """Start with the model in the settings, or the best installed one. Raises EngineMissingError."""
    wanted = settings.get("model")
    folder = _folder(str(wanted)) if wanted else _find()
    if folder is None:
        raise EngineMissingError("faster-whisper finds no model.", hint=f"Get one with: {_GET}")
    return FasterWhisper(folder, settings)


ENGINE = EngineSpec(
    INFO, create, missing, frozenset({"model", "device", "compute_type", "batch", "beam", "threads"})
)
