"""Draws a dubbed project as an editor's timeline: docs/timeline.svg, the picture of the README.

python tools/draw_timeline.py demo/scene.rythmo docs/timeline.svg
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np
import soundfile

from rythmo.project.workspace import Project
from rythmo.script.model import Line, Script
from rythmo.timebase import format_timecode, nearest_frame

WIDTH, HEAD, LANE, TOP = 1200, 120, 46, 34
SECONDS = 36
TRACKS = ("V1 picture", "A1 original (off)")


def draw(project: Project) -> str:
    """The first part of the timeline as SVG."""
    script = project.load()
    lanes = [*TRACKS, *(f"A{n} {s.name}" for n, s in enumerate(script.speakers, 2)), "M&E", "subtitles"]
    height = TOP + LANE * len(lanes) + 8
    body = [*_ruler(script), *_heads(lanes), *_picture(), *_clips(script, len(TRACKS))]
    body += _wave(project.stems / "ME.wav", TOP + LANE * (len(lanes) - 2))
    body += _subtitles(script, TOP + LANE * (len(lanes) - 1))
    style = "text{font:12px system-ui,sans-serif;fill:#e8e8ee}.s{font-size:10px;fill:#9a9aa8}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="A dubbed timeline"><style>{style}</style>'
        f'<rect width="{WIDTH}" height="{height}" fill="#1d1d24"/>{"".join(body)}</svg>\n'
    )


def _x(samples: int) -> float:
    return HEAD + samples / 48_000 / SECONDS * (WIDTH - HEAD - 8)


def _ruler(script: Script) -> Iterator[str]:
    programme = script.programme
    for second in range(0, SECONDS + 1, 4):
        frame = programme.start_frame + nearest_frame(second * 48_000, programme.rate)
        label = format_timecode(frame, programme.rate, drop=programme.drop)
        x = _x(second * 48_000)
        yield f'<text class="s" x="{x:.1f}" y="20">{label}</text>'
        yield f'<path d="M{x:.1f} 24V{TOP}" stroke="#555"/>'


def _heads(lanes: list[str]) -> Iterator[str]:
    for row, name in enumerate(lanes):
        y = TOP + LANE * row
        yield f'<rect x="0" y="{y}" width="{WIDTH}" height="{LANE - 3}" fill="#262630"/>'
        yield f'<text x="8" y="{y + 26}">{escape(name)}</text>'


def _picture() -> Iterator[str]:
    right = WIDTH - 8 - HEAD
    yield _box(HEAD, TOP, right, "#3c4a66", "scene.mp4")
    yield _box(HEAD, TOP + LANE, right, "#3a3a40", "scene.mp4 (kept, disabled)")


def _clips(script: Script, first: int) -> Iterator[str]:
    rows = {speaker.id: (first + n, speaker.colour) for n, speaker in enumerate(script.speakers)}
    for line in script.lines:
        if line.placement is not None and line.placement.start < SECONDS * 48_000:
            row, colour = rows[line.speaker]
            x, right = _x(line.placement.start), min(_x(line.placement.end), WIDTH - 8)
            yield _box(x, TOP + LANE * row, right - x, colour, line.id, ink="#101014")


def _box(x: float, y: float, width: float, fill: str, text: str, ink: str = "#e8e8ee") -> str:
    shown = escape(text) if width > 7 * len(text) else ""
    size = f'width="{max(1.0, width - 1):.1f}" height="{LANE - 9}"'
    return (
        f'<rect x="{x:.1f}" y="{y + 3}" {size} rx="3" fill="{fill}"/>'
        f'<text x="{x + 5:.1f}" y="{y + 26}" style="fill:{ink}">{shown}</text>'
    )


def _wave(path: Path, y: int) -> Iterator[str]:
    samples, _ = soundfile.read(path, frames=SECONDS * 48_000)
    columns = np.array_split(np.abs(samples[:, 0]), (WIDTH - HEAD - 8) // 2)
    peak = max(float(column.max()) for column in columns)
    middle = y + (LANE - 3) / 2
    points = ((HEAD + 2 * i, float(column.max()) / peak * 18) for i, column in enumerate(columns))
    path_data = "".join(f"M{x} {middle - h:.1f}V{middle + h:.1f}" for x, h in points)
    yield f'<path d="{path_data}" stroke="#59a98c" stroke-width="1.4"/>'


def _subtitles(script: Script, y: int) -> Iterator[str]:
    for line in script.lines:
        if line.translation and line.start < SECONDS * 48_000:
            yield _box(
                _x(line.start), y, min(_x(line.end), WIDTH - 8) - _x(line.start), "#6a6a78", _short(line)
            )


def _short(line: Line) -> str:
    room = int((_x(line.end) - _x(line.start)) / 7) - 1
    if room < 3:
        return ""
    return line.translation if len(line.translation) <= room else f"{line.translation[: room - 1]}…"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(Project(Path(sys.argv[1]))), encoding="utf-8")
