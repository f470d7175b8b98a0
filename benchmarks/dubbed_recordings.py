"""The recordings that the benchmarks of whole dubs use, and their dubs: each is made once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rythmo.dubbing.pipeline import Job, dub
from rythmo.settings import DeliverSettings, Settings

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("RYTHMO_TEST_DATA", ""))
SCRATCH = Path(tempfile.gettempdir(), "rythmo-benchmark-dubs")


@dataclass(frozen=True, slots=True)
class Source:
    """A recording to dub, and its spoken language ("": to be detected)."""

    name: str
    file: Path
    language: str = "en"


EXAMPLE = Source("the example", ROOT / "examples" / "scene.mp4")


def sources() -> Iterator[Source]:
    """Yield the example, and the recordings of the test data."""
    yield EXAMPLE
    media = DATA / "media"
    found = sorted(media.iterdir()) if media.is_dir() else []
    for path in found:
        if path.suffix in {".wav", ".flac", ".mp3", ".mp4"}:
            yield Source(path.stem, path)


def dub_recording(source: Source, target: str, scratch: Path) -> Path:
    """Dub a recording with the engines of this machine, unless that was done before; return the project."""
    folder = scratch / target
    root = folder / f"{source.file.stem}.rythmo"
    if not (root / "qc" / "report.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        dub(Job(source.file, target, source.language, folder), Settings(deliver=DeliverSettings("srt")))
    return root
