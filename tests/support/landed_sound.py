"""What plays on a host's timeline, compared sample for sample with what the project placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.media.wav import WavReader
from rythmo.project.workspace import Project
from rythmo.timebase import frames_to_samples


@dataclass(frozen=True)
class Playing:
    """A file of ours on a timeline: whole frames from the timeline's first."""

    file: Path
    start: int
    length: int


def sound(path: Path) -> NDArray[np.int32]:
    """A file's samples."""
    with WavReader(path) as reader:
        return reader.read_int(0, reader.length)


def require_every_line_on_its_sample(clips: Iterable[Playing], rate: Fraction) -> int:
    """Every line and the M&E stand where the project has them, and nothing is cut but what an editor cut; the
    lines."""
    items = {clip.file.name.split("-")[0]: clip for clip in clips}
    root = Path(next(iter(items.values())).file).parents[4]
    script = Project(root).load()
    lines = [line for line in script.lines if line.placement is not None]
    assert lines
    assert items.keys() == {Path(line.take.file).stem for line in lines} | {"ME"}
    frame = frames_to_samples(1, rate) + 1
    for each in lines:
        take = Path(each.take.file)
        item, placed = items[take.stem], sound(root / "takes" / "placed" / take.name)
        placed = placed[:, each.clip.head : placed.shape[1] - each.clip.tail]
        head = each.heard_range[0] - frames_to_samples(item.start, rate)
        assert 0 <= head < frame, each.id
        heard = sound(item.file)
        assert not heard[:, :head].any(), each.id
        assert np.array_equal(heard[:, head : head + placed.shape[1]], placed), each.id
        assert frames_to_samples(item.length, rate) + 1 >= head + placed.shape[1], each.id
    bed, stem = items["ME"], sound(root / "stems" / "ME.wav")
    heard = sound(bed.file)
    assert bed.start == 0
    # A programme that ends inside a frame ends with the frame before: hosts hold whole frames.
    assert stem.shape[1] - frame < heard.shape[1] <= stem.shape[1]
    assert np.array_equal(heard, stem[:, : heard.shape[1]])
    return len(lines)
