"""How long each timeline format takes to write and read: `python benchmarks/timelines.py [500 5000 20000]`.

Prints processor seconds, which a busy machine changes least; the takes are real WAV files of a few samples.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from rythmo.media.bwf import Bext, BwfWriter
from rythmo_bridge.formats.registry import Format, formats
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.subtitles.cues import Cue, Subtitles
from rythmo_bridge.timeline import DialogueEntry, Item, Kind, Marker, Media, Role, Timeline, Track

RATE = Fraction(24000, 1001)
SPACING = 60_013
LENGTH = 48_001
SPEAKERS = 8


def make(lines: int, folder: Path) -> Timeline:
    """A film of that many lines, spoken by eight, with a marker at every tenth."""
    media: dict[str, Media] = {}
    items: list[list[Item]] = [[] for _ in range(SPEAKERS)]
    for number in range(lines):
        name = f"S{number % SPEAKERS + 1}_{number:05}_t01"
        path = folder / f"{name}.wav"
        with BwfWriter(path, 48_000, 1, Bext(time_reference=number * SPACING), length=48) as out:
            out.write(np.ones((1, 48), np.int32))
        media[name] = Media(name, path.name, path, LENGTH, number * SPACING, 1, 48_000)
        texts = {"text": f"Line {number}", "translation": f"Línea {number}"}
        items[number % SPEAKERS].append(
            Item(name, number * SPACING, LENGTH, name, line=name[:-4], metadata=texts)
        )
    tracks = [
        Track(f"DX {n}", Kind.AUDIO, Role.DIALOGUE, speaker=f"S{n}", items=tuple(own))
        for n, own in enumerate(items, start=1)
    ]
    starts = [number * SPACING for number in range(lines)]
    return Timeline(
        "Benchmark",
        RATE,
        lines * SPACING,
        tracks=tuple(tracks),
        media=media,
        language="es",
        subtitles=(Subtitles("es", tuple(Cue(s, s + LENGTH, "Una línea,\nen dos.") for s in starts)),),
        dialogue=tuple(DialogueEntry(str(s), "S1", s, s + LENGTH, "a line", "una línea") for s in starts),
        markers=tuple(Marker(s, "note", "too long") for s in starts[::10]),
    )


def framed(delivery: Timeline) -> Timeline:
    """On frames, without rendering: the rendering of takes is the disk's time, not the format's."""
    without_files = {name: Media(**_facts(media)) for name, media in delivery.media.items()}
    return on_frames(Timeline(**{**_facts(delivery), "media": without_files}), Path("unused"))


def _facts(value: object) -> dict[str, object]:
    found = {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass
    if isinstance(value, Media):
        found["sample_rate"] = 44_100
    return found


def measure(form: Format, delivery: Timeline, folder: Path) -> tuple[float, float | None]:
    """Seconds to write and to read; None where the format is not read."""
    target = folder / f"out{form.suffix}"
    begun = time.process_time()
    assert form.write is not None
    made = form.write(delivery, target)
    written = time.process_time() - begun
    if form.read is None or not made:
        return written, None
    begun = time.process_time()
    form.read(made[0])
    return written, time.process_time() - begun


def main() -> None:
    """Measure every timeline format at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[500, 5000, 20000])
    parser.add_argument("--formats", default="")
    options = parser.parse_args()
    names = options.formats.split(",") if options.formats else [n for n in formats() if n != "mp4"]
    print(f"{'format':14} {'lines':>6} {'write s':>8} {'read s':>8}")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            exact = make(size, folder)
            whole = framed(exact)
            for name in names:
                form = formats()[name]
                written, read = measure(form, whole if form.timeline and not form.exact else exact, folder)
                print(
                    f"{name:14} {size:6} {written:8.2f} {'' if read is None else f'{read:8.2f}'}", flush=True
                )


if __name__ == "__main__":
    main()
