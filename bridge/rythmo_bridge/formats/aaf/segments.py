"""Reads the segments of an AAF slot as a row of clips: sequences, transitions, effects, mutes and nests.

In a sequence a transition overlaps the clips before and after it. An effect encloses a clip or a whole
sequence (Avid's track pan, submasters and time warps do). Both cases are handled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from rythmo.errors import TimelineError
from rythmo_bridge.formats.aaf.clip_row import (
    ClipRow,
    FoundClip,
    PlacedClip,
    add_gain,
    combine_channels,
    crop_row,
    disable_row,
    is_filled,
    layer_rows,
    warp_row,
)
from rythmo_bridge.formats.aaf.clip_sources import ClipFinder, edit_rate, length_of
from rythmo_bridge.formats.aaf.parameters import (
    AMPLITUDE,
    AUTOMATION,
    OFFSET_MAP,
    SPEED_MAP,
    SPEED_OFFSET_MAP,
    SPEED_RATIO,
    control_points,
    parse_number,
)
from rythmo_bridge.formats.aaf.stored_objects import (
    ALTERNATES,
    COMPONENTS,
    CONSTANT,
    CUT_POINT,
    INPUTS,
    MOB_ID,
    NESTED_SLOTS,
    OPERATION,
    PARAMETER_ID,
    PARAMETERS,
    SEGMENT,
    SELECTED,
    SLOT_ID,
    StoredObject,
)
from rythmo_bridge.formats.aaf.time_warp import Curve, WarpFacts, warp_of
from rythmo_bridge.formats.levels import aaf_levels, decibels
from rythmo_bridge.formats.limits import MAX_NESTED
from rythmo_bridge.timeline import Level

_ZERO = Fraction(0)
_SILENT = frozenset({"Filler", "ScopeReference", "Timecode", "Edgecode"})
_COMBINER = "Audio Channel Combiner"


class SegmentReader:
    """Reads the segments of one file. A slot of a composition that several clips play is read once."""

    def __init__(self, clips: ClipFinder) -> None:
        self.clips = clips
        self._slots: dict[tuple[bytes, int], ClipRow | None] = {}

    def row(self, segment: StoredObject | None, rate: Fraction, depth: int = 0) -> ClipRow:
        """Return what a segment plays, counted from zero.

        Raises:
            TimelineError: Segments are too deep or too many.
        """
        if segment is None:
            return ClipRow()
        self.clips.count(depth, 4 * MAX_NESTED)
        if segment.kind == "Sequence":
            return self.sequence(segment.many(COMPONENTS), rate, depth)
        length = length_of(segment) / rate
        if segment.kind == "NestedScope":
            found = ClipRow(length)
            for each in segment.many(NESTED_SLOTS):
                found.add(self.row(each, rate, depth + 1), _ZERO)
            return found
        if segment.kind == "OperationGroup":
            return self.effect(segment, rate, depth)
        if segment.kind == "Selector":
            return self.selected(segment, rate, depth)
        if segment.kind in _SILENT:
            return ClipRow(length)
        clip = self.clips.find(segment, rate, depth)
        return ClipRow(length, [PlacedClip(_ZERO, length, clip)] if clip is not None and length > 0 else [])

    def selected(self, selector: StoredObject, rate: Fraction, depth: int) -> ClipRow:
        """Return the alternative that plays; where it is silence, the muted clip, disabled."""
        played = self.row(selector.one(SELECTED), rate, depth + 1)
        if played.clips:
            return played
        others = (self.row(each, rate, depth + 1) for each in selector.many(ALTERNATES))
        hidden = next((each for each in others if each.clips), None)
        return disable_row(hidden) if hidden is not None else played

    def effect(self, group: StoredObject, rate: Fraction, depth: int) -> ClipRow:
        """Return what an effect makes of its inputs: gain, merged channels, speed.

        Other effects have no influence. Several inputs of a submaster or a picture effect are layers over
        each other.
        """
        inputs = [self.row(each, rate, depth + 1) for each in group.many(INPUTS)]
        name, length = self.clips.file.operation_name(group.get(OPERATION)), length_of(group) / rate
        if not inputs:
            made = [PlacedClip(_ZERO, length, FoundClip(name, kind="effect"))] if length > 0 else []
            return ClipRow(length, made)
        played = combine_channels(inputs) if name == _COMBINER else layer_rows(inputs)
        if not played.clips:
            return ClipRow(length)
        facts = self.warp_facts(group, rate, played)
        warp = warp_of(facts)
        whole = warp_row(played, warp, length) if warp is not None else _fill_length(played, length)
        for gain, levels in _gains(group, length, self.clips.file.parameter_name):
            whole = add_gain(whole, gain, levels)
        return whole

    def warp_facts(self, group: StoredObject, rate: Fraction, played: ClipRow) -> WarpFacts:
        """Return what an effect says about speed."""
        curves: dict[str, Curve] = {}
        ratio: Fraction | None = None
        for parameter in group.many(PARAMETERS):
            if parameter.get(PARAMETER_ID) == SPEED_RATIO:
                ratio = parse_number(parameter.get(CONSTANT))
            elif parameter.kind == "VaryingValue":
                name = self.clips.file.parameter_name(parameter.get(PARAMETER_ID))
                if name in {OFFSET_MAP, SPEED_MAP, SPEED_OFFSET_MAP}:
                    curves[name] = control_points(parameter)
        return WarpFacts(
            length_of(group),
            played.length * rate,
            rate,
            ratio,
            offsets=curves.get(SPEED_OFFSET_MAP, ()),
            relative_offsets=curves.get(OFFSET_MAP, ()),
            speeds=curves.get(SPEED_MAP, ()),
        )

    def sequence(self, components: Sequence[StoredObject], rate: Fraction, depth: int) -> ClipRow:
        """Lay components out in a row.

        A transition takes its length from both sides; beside a gap it is a fade.
        """
        found, at = ClipRow(), _ZERO
        cut: tuple[Fraction, Fraction] | None = None
        fade = _ZERO
        for index, component in enumerate(components):
            if component.kind != "Transition":
                played = self.row(component, rate, depth + 1)
                first = len(found.clips)
                found.add(played, at)
                at += played.length
                if first < len(found.clips):
                    found.clips[first] = _cut_after_transition(found.clips[first], cut, fade)
                cut, fade = None, _ZERO
                continue
            length = length_of(component) / rate
            begin = at - length
            before = index > 0 and components[index - 1].kind != "Filler" and found.clips
            after = index + 1 < len(components) and components[index + 1].kind != "Filler"
            if before and after:
                point = begin + min(length, Fraction(component.get(CUT_POINT) or 0) / rate)
                last = found.clips[-1]
                found.clips[-1] = last.trimmed(last.start, point)
                cut = (begin, point)
                found.transitions.append((begin, length))
            elif before:
                found.clips[-1] = replace(found.clips[-1], fade_out=length)
            elif after:
                fade = length
            at = begin
        found.length = at
        return found

    def inside(
        self, mob: StoredObject, slot: StoredObject | None, span: tuple[Fraction, Fraction], depth: int
    ) -> FoundClip | None:
        """Return the one clip that a slot of a composition plays from `span[0]` to `span[1]`.

        It is the clip of a subclip, or of a clip that was adjusted as a whole. None if the composition holds
        more.
        """
        if slot is None:
            return None
        key = (mob.get(MOB_ID) or b"", slot.get(SLOT_ID) or 0)
        if key not in self._slots:
            self._slots[key] = None
            self._slots[key] = self.row(slot.one(SEGMENT), edit_rate(slot), depth + 1)
        row = self._slots[key]
        if row is None:
            raise TimelineError("A clip refers to itself.", hint="Export it again.")
        if len(row.clips) != 1 or row.transitions:
            return None
        (only,) = row.clips
        if only.start > span[0] or (only.end < span[1] and only.end < row.length):
            return None
        return only.trimmed(*span).found


def _fill_length(row: ClipRow, length: Fraction) -> ClipRow:
    """Return a row under an effect with a length of its own; a clip that fills the row fills the effect."""
    if is_filled(row) and length > 0:
        return ClipRow(length, [row.clips[0].trimmed(_ZERO, length)], row.transitions)
    return crop_row(row, length)


def _cut_after_transition(
    clip: PlacedClip, cut: tuple[Fraction, Fraction] | None, fade: Fraction
) -> PlacedClip:
    """Let the clip behind a transition begin at the cut."""
    if cut is not None:
        clip = clip.trimmed(cut[1], max(cut[1], clip.end))
    return replace(clip, fade_in=fade) if fade else clip


def _gains(
    group: StoredObject, length: Fraction, name_of: Callable[[bytes | None], str]
) -> Iterator[tuple[float, tuple[Level, ...]]]:
    """Yield the gains of an effect: in dB, and keyframes.

    Parameters are recognised by id, because Pro Tools gives them no names.
    """
    for parameter in group.many(PARAMETERS):
        called = parameter.get(PARAMETER_ID)
        automation = name_of(called) == AUTOMATION
        if called != AMPLITUDE and not automation:
            continue
        if parameter.kind == "VaryingValue":
            points = ((at, float(value)) for at, value in control_points(parameter))
            yield 0.0, aaf_levels(points, length)
        else:
            value = parse_number(parameter.get(CONSTANT))
            if value is not None and called == AMPLITUDE:
                yield decibels(float(value)), ()
