"""Write stems as a mixer receives them: named by a template, mono or in the programme's layout, with sync
pops.

They are copies of the project's stems, in `deliver/<language>/turnover`; those in the timeline do not change.
With pops a file starts two seconds of timecode earlier: a programme at 01:00:00:00 has its pop at
00:59:58:00. Every file has the pop, so the stems sum to the mix between the pops, not on them.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rythmo.errors import UsageError
from rythmo.media.pcm24 import Pcm24Reader, Steps
from rythmo.media.wav import FULL_SCALE_24
from rythmo.mix.mix_plan import MixPlan, plan_mix
from rythmo.mix.mixer import stem_channels
from rythmo.mix.placed_sound import time_reference_of
from rythmo.mix.render import BLOCK_SECONDS
from rythmo.mix.render import FOLDER as STEMS
from rythmo.mix.stem_writer import StemWriter, stem_header
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.script.model import Programme, Script
from rythmo.timebase import frames_to_samples, nominal_rate

FOLDER = "turnover"
"""Beside the deliveries of the language."""

_POP_HZ = 1000
_POP_DB = -20.0
_POP_SECONDS = 2
_MOST_HANDLE_MS = 10_000
_FIELDS = ("show", "language", "stem", "speaker")
_FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True, slots=True)
class TurnoverSettings:
    """What a mixer wants to receive.

    `template`: file name with {show}, {language}, {stem}, {speaker}. `wide`: dialogue stems in the
    programme's layout rather than mono. `head_pop` and `tail_pop`: one frame of 1 kHz at -20 dBFS, two
    seconds before the first frame and after the last. `handle_ms`: the sound that each take's file holds
    before and after the part that plays, so that a mixer can extend it. `stems`: whether the pipeline writes
    the stems at all.
    """

    template: str = "{show}_{language}_{stem}"
    wide: bool = False
    head_pop: bool = False
    tail_pop: bool = False
    handle_ms: float = 0.0
    stems: bool = False

    def handle(self, rate: int) -> int:
        """Return the length of a handle in samples."""
        return round(self.handle_ms * rate / 1000)


def write_turnover(
    project: Path,
    script: Script,
    folder: Path,
    settings: TurnoverSettings | None = None,
    *,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> tuple[Path, ...]:
    """Write the project's stems to `folder` as `settings` say; returns the files, mix last.

    Raises UsageError for a template that makes no good names or a head pop before midnight, MediaError when
    the stems have not been mixed, OutputError, CancelledError.
    """
    settings = settings or TurnoverSettings()
    plan = plan_mix(script)
    names = name_stem_files(script, plan, settings.template)
    head, tail = _make_pops(script, plan, settings)
    made = []
    for number, name in enumerate(stem_channels(plan)):
        cancel.check()
        path = folder / names[name]
        with Pcm24Reader(project / STEMS / f"{name}.wav") as stem:
            _copy_stem(stem, path, name, plan, settings, head, tail)
        made.append(path)
        report((number + 1) / len(stem_channels(plan)))
    return tuple(made)


def check_turnover(settings: TurnoverSettings, programme: Programme | None = None) -> None:
    """Raise UsageError, before any work, for a template or handles that make no sense.

    With a programme, also for a head pop that would come before midnight.
    """
    _parse_fields(settings.template)
    if not 0 <= settings.handle_ms <= _MOST_HANDLE_MS:
        raise UsageError(
            f"Handles cannot be {settings.handle_ms:g} ms long.", hint=f"Use 0 to {_MOST_HANDLE_MS} ms."
        )
    if programme is not None and settings.stems and settings.head_pop:
        _require_room(time_reference_of(programme), programme)


def _parse_fields(template: str) -> set[str]:
    try:
        fields = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
    except ValueError as error:
        raise UsageError(f"{template!r} is not a template: {error}.", hint=_fields_hint()) from error
    if unknown := fields - set(_FIELDS):
        raise UsageError(f"There is no field {{{min(unknown)}}} for stem names.", hint=_fields_hint())
    return fields


def _pop_lead(programme: Programme) -> int:
    """Return the samples from the head pop to the first frame: two seconds of timecode."""
    rate = programme.rate
    return frames_to_samples(_POP_SECONDS * nominal_rate(rate), rate, programme.sample_rate)


def _require_room(reference: int, programme: Programme) -> None:
    if _pop_lead(programme) > reference:
        raise UsageError(
            "A programme that starts at midnight has no room for a pop before it.",
            hint="Start the timeline at 01:00:00:00, or leave out the head pop.",
        )


def name_stem_files(script: Script, plan: MixPlan, template: str) -> dict[str, str]:
    """Return the file name of each stem; raises UsageError when two would have the same name."""
    fields = _parse_fields(template)
    people = {f"DX_{speaker.id}": speaker.name for speaker in script.speakers}
    names = {}
    for stem in stem_channels(plan):
        values = {"show": script.programme.name, "language": script.target_language, "stem": stem}
        # A stem that belongs to no speaker is named once: "film_MIX", not "film_MIX_MIX".
        nobody = "" if "stem" in fields else stem
        made = _tidy_name(template.format(**values, speaker=people.get(stem, nobody)))
        names[stem] = "".join("_" if c in _FORBIDDEN or ord(c) < 32 else c for c in made) + ".wav"
    if len({name.casefold() for name in names.values()}) < len(names):
        raise UsageError(f"{template!r} gives several stems the same name.", hint="Use {stem} in it.")
    return names


def _tidy_name(name: str) -> str:
    """Remove the separators that an empty field left behind."""
    return re.sub(r"([_\-. ])[_\-. ]*\1", r"\1", name).strip("_-. ")


def _fields_hint() -> str:
    return "Use " + ", ".join(f"{{{field}}}" for field in _FIELDS) + "."


def _make_pops(script: Script, plan: MixPlan, settings: TurnoverSettings) -> tuple[Steps, Steps]:
    """Make the mono sound before the programme, from the head pop on, and after it, up to the tail pop."""
    rate = script.programme.rate
    lead = _pop_lead(script.programme)
    if settings.head_pop:
        _require_room(plan.time_reference, script.programme)
    frame = frames_to_samples(1, rate, plan.rate)
    tone = np.sin(2 * np.pi * _POP_HZ * np.arange(frame) / plan.rate) * 10 ** (_POP_DB / 20)
    pop = np.rint(tone * FULL_SCALE_24).astype(np.int32)[np.newaxis]
    head = np.zeros((1, lead if settings.head_pop else 0), np.int32)
    head[:, :frame] = pop[:, : head.shape[1]]
    tail = np.zeros((1, lead + frame if settings.tail_pop else 0), np.int32)
    tail[:, lead:] = pop[:, : max(0, tail.shape[1] - lead)]
    return head, tail


def _copy_stem(
    stem: Pcm24Reader,
    path: Path,
    name: str,
    plan: MixPlan,
    settings: TurnoverSettings,
    head: Steps,
    tail: Steps,
) -> None:
    channels = plan.channels if settings.wide else stem.channels
    plan = replace(
        plan,
        length=stem.length + head.shape[1] + tail.shape[1],
        time_reference=plan.time_reference - head.shape[1],
    )
    speaker = stem.channels == 1
    with StemWriter(path, stem_header(plan, name, channels), channels, plan.length) as writer:
        for block in _read_blocks(stem, plan.rate * BLOCK_SECONDS, head, tail):
            writer.write(_spread_mono(block, plan, channels) if speaker else _repeat_mono(block, channels))


def _read_blocks(stem: Pcm24Reader, size: int, head: Steps, tail: Steps) -> Iterator[Steps]:
    yield head
    for at in range(0, stem.length, size):
        yield stem.read_int(at, size)
    yield tail


def _spread_mono(block: Steps, plan: MixPlan, channels: int) -> Steps:
    """Put a speaker's mono into the programme's layout, as in DX."""
    if channels == 1:
        return block
    out = np.zeros((channels, block.shape[1]), np.int32)
    out[list(plan.dialogue_channels)] = block
    return out


def _repeat_mono(block: Steps, channels: int) -> Steps:
    """Repeat a mono pop in each channel of a stem that has several."""
    return block if block.shape[0] == channels else np.repeat(block, channels, axis=0)
