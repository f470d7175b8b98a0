"""Group units into clips that never lie over each other, and name them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rythmo.lips.lip_map import LipClip, LipPart

FOLDER = "lips"
_MOST_NAMED = 3


def make_clips(parts: Sequence[LipPart], frames: int, handle: int, suffix: str) -> tuple[LipClip, ...]:
    """Return clips of parts whose frames overlap, with handles inside a film of so many frames."""
    groups: list[list[LipPart]] = []
    for part in sorted(parts, key=lambda one: (one.unit.first, one.unit.last, one.unit.track)):
        unit = part.unit
        if groups and unit.first < max(other.unit.last for other in groups[-1]):
            groups[-1].append(part)
        else:
            groups.append([part])
    clips: list[LipClip] = []
    names: dict[str, int] = {}
    for group in groups:
        first, last = min(part.unit.first for part in group), max(part.unit.last for part in group)
        name = _name_clip(group)
        names[name] = names.get(name, 0) + 1
        name += f"_{names[name]}" if names[name] > 1 else ""
        head, tail = min(handle, first), min(handle, frames - last)
        clips.append(
            LipClip(
                name, f"{FOLDER}/{name}{suffix}", group[0].unit.shot, first, last, head, tail, tuple(group)
            )
        )
    return tuple(clips)


def _name_clip(group: Sequence[LipPart]) -> str:
    lines = list(dict.fromkeys(part.unit.line for part in group))
    shown = [re.sub(r"[^\w-]", "-", line) for line in lines[:_MOST_NAMED]]
    more = "_more" if len(lines) > _MOST_NAMED else ""
    return f"{'_'.join(shown)}{more}_shot{group[0].unit.shot + 1:03}"
