"""Every AAF of the corpus compared with pyaaf2: the file that plays at a moment, its position, level and
markers.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import pytest

from rythmo.errors import TimelineError
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Kind, Timeline

CORPUS = Path(os.environ.get("RYTHMO_TEST_DATA", "")) / "corpus" / "timelines" / "aaf"
FILES = sorted(CORPUS.glob("*.aaf")) if os.environ.get("RYTHMO_TEST_DATA") else []
SOUND, PICTURE = {"Sound", "LegacySound"}, {"Picture", "LegacyPicture"}

pytestmark = [
    pytest.mark.needs_data,
    pytest.mark.skipif(not FILES, reason="RYTHMO_TEST_DATA names no folder with corpus/timelines/aaf"),
]


@dataclass(frozen=True)
class Moment:
    """The id of a file, the second of it that plays, the gain in dB, and whether the speed is uneven."""

    file: str
    second: Fraction
    gain: float = 0.0
    bent: bool = False


class _Player:
    """What one slot plays at one time, in edit units of the slot."""

    def at(self, segment: Any, time: Fraction, rate: Fraction) -> Moment | None:
        kind = type(segment).__name__
        if kind == "Sequence":
            return self._in_sequence(segment, time, rate)
        if kind == "SourceClip":
            return self._clip(segment, time, rate)
        if kind == "OperationGroup":
            return self._effect(segment, time, rate)
        if kind == "Selector":
            chosen = segment["Selected"].value
            others = list(segment["Alternates"].value) if segment.get("Alternates") else []
            if type(chosen).__name__ == "Filler":
                return next((found for o in others if (found := self.at(o, time, rate))), None)
            return self.at(chosen, time, rate)
        if kind == "EssenceGroup":
            return self.at(next(iter(segment["Choices"].value)), time, rate)
        if kind == "NestedScope":
            found = [self.at(each, time, rate) for each in segment["Slots"].value]
            return next((each for each in found if each is not None), None)
        return None

    def _in_sequence(self, sequence: Any, time: Fraction, rate: Fraction) -> Moment | None:
        at, parts = Fraction(0), list(sequence.components)
        for number, part in enumerate(parts):
            if type(part).__name__ == "Transition":
                at -= part.length
                continue
            over = parts[number + 1] if number + 1 < len(parts) else None
            late = 0
            if type(over).__name__ == "Transition":
                after = parts[number + 2] if number + 2 < len(parts) else None
                silent = after is None or type(after).__name__ == "Filler" or type(part).__name__ == "Filler"
                late = 0 if silent else over.length - over["CutPoint"].value
                late = over.length if type(part).__name__ == "Filler" else late
            if at <= time < at + part.length - late:
                return self.at(part, time - at, rate)
            at += part.length
        return None

    def _clip(self, clip: Any, time: Fraction, rate: Fraction) -> Moment | None:
        mob = clip.mob
        if mob is None:
            return None
        slot = next((each for each in mob.slots if each.slot_id == clip.slot_id), None)
        second = (Fraction(clip.start or 0) + time) / rate
        descriptor = mob.get("EssenceDescription")
        if descriptor is not None and type(descriptor.value).__name__ not in {
            "TapeDescriptor",
            "ImportDescriptor",
            "FilmDescriptor",
        }:
            return Moment(mob.mob_id.hex if hasattr(mob.mob_id, "hex") else str(mob.mob_id), second)
        if slot is None:
            return None
        own = Fraction(slot.edit_rate)
        return self.at(slot.segment, second * own, own)

    def _effect(self, group: Any, time: Fraction, rate: Fraction) -> Moment | None:
        told = {
            each.parameterdef.name or str(each.parameterdef.auid): each for each in group.parameters or []
        }
        by_id = {str(each.parameterdef.auid): each for each in told.values()}
        inner, bent = self._time_in(group, told, by_id, time)
        found = next((m for each in group.segments if (m := self.at(each, inner, rate))), None)
        if found is None:
            return None
        gain = 0.0
        for name in ("e4962321-2267-11d3-8a4c-0050040ef7d2", "AvidControlClipRatio"):
            parameter = by_id.get(name) or told.get(name)
            if parameter is not None:
                gain += _decibels(_value(parameter, time / group.length))
        return Moment(found.file, found.second, found.gain + gain, found.bent or bent)

    def _time_in(self, group: Any, told: Any, by_id: Any, time: Fraction) -> tuple[Fraction, bool]:
        ratio = by_id.get("72559a80-24d7-11d3-8a50-0050040ef7d2")
        offsets, relative = told.get("PARAM_SPEED_OFFSET_MAP_U"), told.get("PARAM_OFFSET_MAP_U")
        if offsets is not None:
            points = list(offsets["PointList"].value)
            return _value(offsets, time, ends=True), len(points) > 2
        if relative is not None and group.length > 1:
            return _value(relative, time / (group.length - 1), ends=True), len(
                relative["PointList"].value
            ) > 2
        if ratio is None:
            return time, False
        number = Fraction(ratio["Value"].value)
        played = next(iter(group.segments)).length
        if played == 1 and number == group.length:
            return Fraction(0), False
        return (time / number if number > 0 else played + time / number - 1), False


def _value(parameter: Any, time: Fraction, *, ends: bool = False) -> Fraction:
    """A parameter at a time; with `ends` its last stretch goes on beyond its points."""
    if type(parameter).__name__ == "ConstantValue":
        return Fraction(parameter["Value"].value)
    points = sorted(
        (Fraction(each["Time"].value), Fraction(each["Value"].value)) for each in parameter["PointList"].value
    )
    if len(points) == 1 or (time <= points[0][0] and not ends):
        return points[0][1]
    if time >= points[-1][0] and not ends:
        return points[-1][1]
    place = max(1, next((n for n, (t, _) in enumerate(points) if t > time), len(points) - 1))
    (t0, v0), (t1, v1) = points[place - 1 : place + 1]
    return v0 if t0 == t1 else v0 + (time - t0) * (v1 - v0) / (t1 - t0)


def _decibels(factor: Fraction) -> float:
    return 20 * math.log10(factor) if factor > 0 else -144.0


def _ours(timeline: Timeline, kind: Kind, second: Fraction) -> list[tuple[str, Fraction, float]]:
    """File, second of it and gain of everything that lies at a time; nested timelines are followed."""
    found = []
    for track in timeline.tracks_of(kind):
        for item in track.items:
            at = round(second * 48_000) - item.start
            if not 0 <= at < item.length:
                continue
            top = item.length * abs(item.speed) if item.speed < 0 else 0
            played = (item.source + top + at * item.speed) / Fraction(48_000)
            if item.nested is not None:
                found += _ours(item.nested, kind, played)
            elif item.media is not None:
                found.append((item.media, played, item.gain_db + _level(item.levels, at)))
    return found


def _level(levels: Any, at: int) -> float:
    if not levels:
        return 0.0
    before = [each for each in levels if each.at <= at]
    after = [each for each in levels if each.at > at]
    if not before or not after:
        return (before or after)[-1 if before else 0].gain_db
    a, b = before[-1], after[0]
    factors = [10 ** (each.gain_db / 20) for each in (a, b)]
    return _decibels(Fraction(factors[0] + (factors[1] - factors[0]) * (at - a.at) / (b.at - a.at)))


def _compare(path: Path) -> tuple[int, list[str]]:
    """How many moments were compared, and what differs."""
    timeline, player, wrong, count = read_timeline(path), _Player(), [], 0
    with aaf2.open(str(path), "r") as file:
        mob = next(m for m in file.content.compositionmobs() if m.usage == "Usage_TopLevel")
        for slot in mob.slots:
            name = getattr(slot, "media_kind", None)
            kind = Kind.AUDIO if name in SOUND else Kind.VIDEO if name in PICTURE else None
            if kind is None:
                continue
            rate = Fraction(slot.edit_rate)
            length = slot.segment.length or 0
            for time in _moments(slot.segment, length):
                moment = player.at(slot.segment, time, rate)
                if moment is None or time >= length:
                    continue
                count += 1
                here = _ours(timeline, kind, time / rate)
                near = Fraction(2) / min(rate, 100)
                if not any(
                    abs(second - max(Fraction(0), moment.second)) <= (near if not moment.bent else 1000)
                    and (kind is Kind.VIDEO or abs(gain - moment.gain) < 0.2 or min(gain, moment.gain) < -60)
                    for _, second, gain in here
                ):
                    wrong.append(f"{slot.name or slot.slot_id} at {time}: {moment}, not {here}")
    return count, wrong


def _moments(segment: Any, length: int) -> list[Fraction]:
    """Times over the whole slot, and just inside every component of its sequence."""
    found = {Fraction(math.floor(length * step / 31)) for step in range(31)}
    at = 0
    for part in getattr(segment, "components", ()):
        if type(part).__name__ != "Transition":
            found |= {Fraction(at), Fraction(at + part.length // 2), Fraction(at + max(0, part.length - 2))}
        at += part.length * (-1 if type(part).__name__ == "Transition" else 1)
    return sorted(time for time in found if time >= 0)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_moment_plays_what_pyaaf2_says(path):
    try:
        count, wrong = _compare(path)
    except StopIteration:
        pytest.skip("no composition stands on its own")
    assert not wrong, "\n".join(wrong[:5])
    assert count or not list(read_timeline(path).items())


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_marker_is_read(path):
    wanted = []
    with aaf2.open(str(path), "r") as file:
        mobs = [m for m in file.content.compositionmobs() if m.usage == "Usage_TopLevel"]
        for slot in mobs[0].slots if mobs else ():
            if type(slot).__name__ == "EventMobSlot":
                events = slot.segment.components if hasattr(slot.segment, "components") else [slot.segment]
                rate = Fraction(slot.edit_rate)
                wanted += [(round(e["Position"].value / rate * 48_000), e["Comment"].value) for e in events]
    try:
        found = read_timeline(path).markers
    except TimelineError:
        found = ()
    assert sorted(m.start for m in found) == sorted(start for start, _ in wanted)
    texts = {(m.start, text) for m in found for text in (m.name, m.note)}
    assert all(each in texts for each in wanted)
