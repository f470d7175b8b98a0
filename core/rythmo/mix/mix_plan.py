"""Plan the mix, as a value: which placed sounds lie where in which stem. Pure.

Everything is summed as whole 24-bit steps, so that the speakers' stems sum to DX, and DX and the M&E to the
mix, without a step of difference. That fixes the pan law at 0 dB: a speaker's mono stem goes at its full
level to left and right of a stereo programme, or to the centre where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rythmo.mix.placed_sound import placed_path
from rythmo.script.model import Script
from rythmo.script.takes import UNEDITED, ClipEdit
from rythmo.timebase import time_reference


@dataclass(frozen=True, slots=True)
class MixItem:
    """One placed sound: a mono file (relative to the project) that plays over [start, end) of the record.

    `clip` holds an editor's changes: [start, end) is shorter than the file's sound by the clip's cuts.
    """

    line: str
    file: Path
    start: int
    end: int
    clip: ClipEdit = UNEDITED

    @property
    def whole(self) -> tuple[int, int]:
        """The record range of the file's whole sound, cuts included."""
        return self.start - self.clip.head, self.end + self.clip.tail


@dataclass(frozen=True, slots=True)
class DialogueStem:
    """The dialogue of one speaker: mono, items in order of start."""

    speaker: str
    items: tuple[MixItem, ...]

    @property
    def name(self) -> str:
        """The stem's file name, without its suffix."""
        return f"DX_{self.speaker}"


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The whole mix. `length` in samples at `rate`; `channels` of the M&E, DX and MIX.

    It is as long as the programme, or longer where a flagged line runs past its end, so that no word is cut.
    """

    title: str
    rate: int
    length: int
    channels: int
    time_reference: int
    stems: tuple[DialogueStem, ...]
    regions: tuple[tuple[int, int], ...] = ()

    @property
    def dialogue_channels(self) -> tuple[int, ...]:
        """The channels that dialogue goes to."""
        return dialogue_channels(self.channels)


def dialogue_channels(channels: int) -> tuple[int, ...]:
    """Return the channels that dialogue goes to in a layout of that many, in WAVE order (L R C LFE ...)."""
    if channels in (1, 2, 4):  # four are quad, which has no centre
        return tuple(range(min(channels, 2)))
    return (2,)


def plan_mix(script: Script) -> MixPlan:
    """Plan the mix of all placed lines except those that an editor muted.

    Every speaker of the script has a stem, silent ones too.
    """
    programme = script.programme
    items: dict[str, list[MixItem]] = {speaker.id: [] for speaker in script.speakers}
    for line in script.lines:
        if line.heard_range is None or line.take is None or line.clip.muted:
            continue
        start, end = line.heard_range
        if start == end:
            continue
        item = MixItem(line.id, placed_path(line.take), start, end, line.clip)
        items.setdefault(line.speaker, []).append(item)
    ends = [item.end for placed in items.values() for item in placed]
    return MixPlan(
        title=programme.name,
        rate=programme.sample_rate,
        length=max([programme.length, *ends]),
        channels=programme.channels,
        time_reference=time_reference(programme.start_frame, programme.rate, programme.sample_rate),
        stems=tuple(
            DialogueStem(speaker, tuple(sorted(of_one, key=_sort_key))) for speaker, of_one in items.items()
        ),
        regions=script.dialogue,
    )


def _sort_key(item: MixItem) -> tuple[int, str]:
    return item.start, item.line
