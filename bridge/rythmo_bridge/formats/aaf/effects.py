"""Writes the effects of an AAF: clip gain with keyframes, and transitions for dissolves, crossfades and
fades.

These are the effects that Premiere, Resolve and Pro Tools write and read themselves: "Mono Audio Gain" with a
factor, constant or in control points, and a Transition whose operation is a dissolve. A fade is a transition
between a clip and silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rythmo_bridge.timeline import Item

# Definitions of operations, parameters and interpolation in the AAF specification.
_GAIN = "9d2ea894-0968-11d3-8a38-0050040ef7d2"
_AMPLITUDE = "e4962321-2267-11d3-8a4c-0050040ef7d2"
_SOUND_DISSOLVE = "0c3bea41-fc05-11d2-8a29-0050040ef7d2"
_PICTURE_DISSOLVE = "0c3bea40-fc05-11d2-8a29-0050040ef7d2"
_LEVEL = "e4962320-2267-11d3-8a4c-0050040ef7d2"
_LINEAR = "5b6c85a4-0ede-11d3-80a9-006008143e6f"
_STEPS = 1_000_000
_SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A numeric parameter of an effect, as the dictionary defines it."""

    auid: str
    name: str


_PARAMETERS = {
    _GAIN: Parameter(_AMPLITUDE, "Amplitude multiplier"),
    _SOUND_DISSOLVE: Parameter(_LEVEL, "Level"),
    _PICTURE_DISSOLVE: Parameter(_LEVEL, "Level"),
}
_NAMES = {
    _GAIN: "Mono Audio Gain",
    _SOUND_DISSOLVE: "Mono Audio Dissolve",
    _PICTURE_DISSOLVE: "Video Dissolve",
}


class Effects:
    """Makes the effects of one file. Each is defined in the file's dictionary on first use."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self._defined: set[str] = set()

    def gain(self, segment: Any, item: Item, early: int, length: int) -> Any:
        """Wrap a segment in its gain.

        Control points lie at fractions of the segment's length, which begins `early` samples before the clip.
        """
        group = self._group(_GAIN, length, _SOUND)
        group.segments.append(segment)
        group.parameters.append(self._factor(item, early, length))
        return group

    def transition(self, kind: str, length: int, cut: int) -> Any:
        """Return a transition over the last `length` units before and the first after it.

        `cut` is the position in it where a program without transitions would cut.
        """
        made = self.file.create.Transition(media_kind=kind, length=length)
        operation = _SOUND_DISSOLVE if kind == _SOUND else _PICTURE_DISSOLVE
        group = self._group(operation, length, kind)
        group.parameters.append(self._moving(operation, [((0, 1), 0.0), ((1, 1), 1.0)]))
        made["OperationGroup"].value = group
        made.cutpoint = cut
        return made

    def _factor(self, item: Item, early: int, length: int) -> Any:
        if not item.levels:
            value = self.file.create.ConstantValue()
            value.parameterdef = self.file.dictionary.lookup_parameterdef(_id(_AMPLITUDE))
            value["Value"].value = _rational(10 ** (item.gain_db / 20))
            return value
        places = {min(max(0, early + each.at), length): each.gain_db for each in item.levels}
        points = [((at, length), 10 ** ((item.gain_db + gain) / 20)) for at, gain in sorted(places.items())]
        return self._moving(_GAIN, points)

    def _moving(self, operation: str, points: list[tuple[tuple[int, int], float]]) -> Any:
        """Return a parameter that is interpolated linearly; a point's time is (part, whole)."""
        from aaf2.rational import AAFRational

        if _LINEAR not in self._defined:
            self._defined.add(_LINEAR)
            linear = self.file.create.InterpolationDef(_LINEAR, "LinearInterp", "")
            self.file.dictionary.register_def(linear)
        value = self.file.create.VaryingValue()
        value.parameterdef = self.file.dictionary.lookup_parameterdef(_id(_PARAMETERS[operation].auid))
        value.interpolationdef = self.file.dictionary.lookup_interperlationdef(_id(_LINEAR))
        for at, factor in points:
            value.add_keyframe(AAFRational(*at), _rational(factor))
        return value

    def _group(self, operation: str, length: int, kind: str) -> Any:
        self._define(operation, kind)
        return self.file.create.OperationGroup(_id(operation), length, media_kind=kind)

    def _define(self, operation: str, kind: str) -> None:
        if operation in self._defined:
            return
        create, dictionary = self.file.create, self.file.dictionary
        told = _PARAMETERS[operation]
        if told.auid not in self._defined:
            parameter = create.ParameterDef(told.auid, told.name, told.name, "Rational")
            dictionary.register_def(parameter)
        made = create.OperationDef(operation, _NAMES[operation], "")
        made.media_kind = kind
        made.number_inputs = 1 if operation == _GAIN else 2
        made["IsTimeWarp"].value = False
        made["Bypass"].value = 0
        made["ParametersDefined"].value = [dictionary.lookup_parameterdef(_id(told.auid))]
        dictionary.register_def(made)
        self._defined |= {operation, told.auid}


def _rational(factor: float) -> Any:
    from aaf2.rational import AAFRational

    return AAFRational(round(factor * _STEPS), _STEPS)


def _id(text: str) -> Any:
    from aaf2.auid import AUID

    return AUID(text)
