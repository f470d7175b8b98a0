"""A long programme of known voices through the embedded engines: is everybody one person, every word once?

    python benchmarks/long_programme.py FOLDER [--order ANNA,GEORGE,GUARD,CLERK] [--write]

Sixteen minutes of dialogue by four voices of flite over the music of the example, in scenes of two or
three; the last in the order is away for two of the four chunks. No sentence comes twice, and somebody speaks
over every seam. It needs Debian's flite (as `examples/make_scene.py` does). `--write` adds the figures to
docs/benchmarks/long_programme.md.

The embedded engines mishear words. So the figure for seams is how words there fare against words elsewhere:
a seam that lost or doubled words would be worse than the rest.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
import soundfile

from rythmo.dubbing import pipeline
from rythmo.dubbing.job import Job
from rythmo.progress import Progress
from rythmo.script.model import Script, Word
from rythmo.settings import DeliverSettings, Settings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks" / "long_programme.md"
sys.path.insert(0, str(ROOT / "examples"))
from scene import voices  # noqa: E402 - the example's own modules, found from here on
from scene.story import RATE, Cue  # noqa: E402

voices.VOICES["CLERK"] = voices.Voice("cmu_us_kal", pitch=1.1)
SECONDS, CHUNKS = 960, 4
SEAMS = [SECONDS * n // CHUNKS for n in range(1, CHUNKS)]
AWAY = (SEAMS[0] - 4, SEAMS[2] + 4)
_NEAR = 4.0
"""Seconds on either side of an overlap that count as at the seam."""
_BED_DB = -9.0
_WHO = ("my mother", "the old man", "your brother", "the doctor", "a young woman", "the captain", "my friend")
_DID = ("found", "lost", "wanted to see", "forgot", "never liked", "asked me about", "talked about", "bought")
_WHAT = ("the small house", "a black horse", "the last train", "the letter", "two hundred dollars", "the key")
_WHERE = (
    "near the river",
    "in the morning",
    "last summer",
    "behind the church",
    "on the other side",
    "at home",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the truth, in samples."""

    who: str
    start: int
    words: tuple[voices.Word, ...]

    @property
    def end(self) -> int:
        """End of its last word."""
        return self.words[-1].end


def sentences(draw: random.Random) -> Iterator[str]:
    """Sentences, each of which comes once."""
    every = list(itertools.product(_WHO, _DID, _WHAT, _WHERE))
    draw.shuffle(every)
    for who, did, what, where in every:
        yield f"{who[0].upper()}{who[1:]} {did} {what} {where}."


def make(path: Path, order: Sequence[str]) -> list[Said]:
    """Write the programme, and give what is said in it."""
    draw = random.Random(" ".join(order))
    text, clock = sentences(draw), 1.0
    speech, said = np.zeros(SECONDS * RATE, np.float32), list[Said]()
    company, scene_ends = list(order), 20.0
    borders = [seam + 1.0 for seam in SEAMS]
    while clock < SECONDS - 8:
        here = order[:-1] if AWAY[0] < clock < AWAY[1] else order
        if clock > scene_ends or not set(company) <= set(here):
            company, scene_ends = draw.sample(list(here), draw.choice((2, 3))), clock + draw.uniform(25, 60)
            clock += 1.5
        others = [name for name in company if not said or name != said[-1].who]
        who = order[len(said)] if len(said) < len(order) else draw.choice(others)
        spoken = voices.speak(Cue(who, next(text), 0))
        length = len(spoken.samples) / RATE
        if borders and clock + length + 1.5 > borders[0]:
            # The last before a border lies over it, wherever in the sentence that falls.
            clock = max(clock, borders.pop(0) - draw.uniform(0.2, 0.8) * length)
        start = round(clock * RATE)
        speech[start : start + len(spoken.samples)] += spoken.samples
        said.append(Said(who, start, tuple(word.later(start) for word in spoken.words)))
        clock += length + draw.uniform(0.35, 1.4)
    soundfile.write(path, _mixed(speech), RATE, subtype="PCM_24")
    return said


def _mixed(speech: np.ndarray) -> np.ndarray:
    bed, _ = soundfile.read(ROOT / "examples" / "scene.truth" / "bed.flac", dtype="float32", always_2d=True)
    times = -(-len(speech) // len(bed))
    looped = np.concatenate([bed] * times)[: len(speech)] * np.float32(10 ** (_BED_DB / 20))
    return np.clip(looped + speech[:, None], -1, 1)


def identities(said: Sequence[Said], script: Script) -> dict[str, Counter[str]]:
    """For each true person, the seconds of their words under each of our labels ("-": under none)."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in said:
        for word in one.words:
            middle, length = (word.start + word.end) // 2, (word.end - word.start) / RATE
            label = next((line.speaker for line in script.lines if line.start <= middle < line.end), "-")
            found[one.who][label] += length
    return found


def words_at_seams(said: Sequence[Said], script: Script) -> dict[str, tuple[int, int, int, int]]:
    """(true words, wrong, lost, added) at the seams and elsewhere."""
    true = [word for one in said for word in one.words]
    heard = sorted((word for line in script.lines for word in line.words), key=lambda word: word.start)
    edges = [0.0, *(edge for seam in SEAMS for edge in (seam - _NEAR, seam + 2 + _NEAR)), float(SECONDS)]
    sums = {"at the seams": np.zeros(4, int), "elsewhere": np.zeros(4, int)}
    for place, (left, right) in enumerate(itertools.pairwise(_quiet(edges, true))):
        found = jiwer.process_words(_text(true, left, right), _text(heard, left, right) or " ")
        counts = (found.hits + found.substitutions + found.deletions, found.substitutions)
        sums["at the seams" if place % 2 else "elsewhere"] += (*counts, found.deletions, found.insertions)
    return {where: tuple(map(int, numbers)) for where, numbers in sums.items()}


def _quiet(edges: Sequence[float], true: Sequence[voices.Word]) -> list[int]:
    """The edges in samples, each moved to the middle of the nearest pause of a third of a second."""
    pauses = [(a.end + b.start) // 2 for a, b in itertools.pairwise(true) if b.start - a.end > RATE // 3]
    inner = [min(pauses, key=lambda pause: abs(pause - edge * RATE)) for edge in edges[1:-1]]
    return [0, *inner, SECONDS * RATE]


def _text(words: Sequence[voices.Word | Word], left: int, right: int) -> str:
    inside = (word.text for word in words if left <= (word.start + word.end) // 2 < right)
    return " ".join("".join(c for c in word.lower() if c.isalnum() or c == "'") for word in inside)


def doubled(script: Script) -> int:
    """Words that lie over another for more than half of the shorter one."""
    words = sorted((word for line in script.lines for word in line.words), key=lambda word: word.start)
    near = (
        pair for n, word in enumerate(words) for pair in ((word, other) for other in words[n + 1 : n + 4])
    )
    return sum(a.end - b.start > min(a.end - a.start, b.end - b.start) / 2 for a, b in near)


class Stopwatch:
    """When each stage was first and last heard of, in seconds from the start."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.spans: dict[str, tuple[float, float]] = {}

    def __call__(self, event: Progress) -> None:
        now = time.perf_counter() - self.begun
        self.spans[event.stage] = (self.spans.get(event.stage, (now, now))[0], now)


def report(folder: Path, order: Sequence[str], count: int) -> str:
    """Make, dub and measure; the result as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{'-'.join(order).lower()}.wav"
    said = make(source, order)
    watch, settings = Stopwatch(), Settings(deliver=DeliverSettings("otio,srt"))
    begun = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = pipeline.dub(Job(source, "es", "en", folder), settings, report=watch)
    wall = time.perf_counter() - watch.begun
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = sum(
        b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(begun, used, strict=True)
    )
    rows = [f"## {', '.join(order)}", "", *_figures(said, done.script)]
    rows += [
        "",
        f"Wall time {wall:.0f} s, processor {processor:.0f} s, for {SECONDS} s of programme. Stages:",
    ]
    rows += [", ".join(f"{name} {a:.0f}-{b:.0f} s" for name, (a, b) in watch.spans.items()) + "."]
    if count:
        told = Settings(deliver=settings.deliver, speakers=type(settings.speakers)(count))
        done = pipeline.dub(Job(source, "es", "en", folder), told)
        rows += ["", f"Told that there are {count}:", "", *_figures(said, done.script)]
    return "\n".join(rows)


def _figures(said: Sequence[Said], script: Script) -> list[str]:
    rows = ["| person | away | seconds by our label |", "|---|---|---|"]
    for who, labels in sorted(identities(said, script).items()):
        away = max(b.start - a.end for a, b in itertools.pairwise([s for s in said if s.who == who])) / RATE
        rows.append(
            f"| {who} | {away:.0f} s | {', '.join(f'{k} {v:.1f}' for k, v in labels.most_common())} |"
        )
    rows += ["", "| words | true | wrong | lost | added | word error |", "|---|---|---|---|---|---|"]
    for where, (true, wrong, lost, added) in words_at_seams(said, script).items():
        rate = (wrong + lost + added) / max(1, true)
        rows.append(f"| {where} | {true} | {wrong} | {lost} | {added} | {rate:.3f} |")
    return [*rows, "", f"Doubled words: {doubled(script)}. Lines: {len(script.lines)}."]


def main() -> None:
    """Parse the arguments and show the figures."""
    parser = argparse.ArgumentParser(description="A long programme of known voices.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--order", default="ANNA,GEORGE,GUARD,CLERK", help="names by their first entrance")
    parser.add_argument("--count", type=int, default=0, help="dub it a second time, told how many speak")
    parser.add_argument("--write", action="store_true", help="add the figures to the docs' page")
    parser.add_argument("--only-make", action="store_true", help="make the programme and its truth, no dub")
    arguments = parser.parse_args()
    order = arguments.order.split(",")
    if arguments.only_make:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        said = make(arguments.folder / "long.wav", order)
        truth = [[one.who, one.start, one.end, " ".join(word.text for word in one.words)] for one in said]
        (arguments.folder / "long.json").write_text(json.dumps(truth))
        return
    text = report(arguments.folder, order, arguments.count)
    print(text)
    if arguments.write:
        head = (
            f"# A long programme: measured\n\n{__doc__.strip()}\n" if not PAGE.exists() else PAGE.read_text()
        )
        PAGE.write_text(f"{head.rstrip()}\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
