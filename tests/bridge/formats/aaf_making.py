"""AAFs made with pyaaf2, as Media Composer shapes them: clips of files on tapes, effects, curves, markers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aaf2
from aaf2.auid import AUID
from aaf2.rational import AAFRational

RATE = 25
PAN = ("9d2ea893-0968-11d3-8a38-0050040ef7d2", "Audio Pan")
GAIN = ("9d2ea894-0968-11d3-8a38-0050040ef7d2", "Audio Gain")
WARP = ("9d2ea896-0968-11d3-8a38-0050040ef7d2", "Audio Warp")
MOTION = ("9d2ea890-0968-11d3-8a38-0050040ef7d2", "Motion Control")
SUBMASTER = ("c6c3bf0d-1c5e-4c3e-a6c0-5a3c0c0f5f01", "Submaster")
SPEED_RATIO = ("72559a80-24d7-11d3-8a50-0050040ef7d2", "SpeedRatio")
AMPLITUDE = ("e4962321-2267-11d3-8a4c-0050040ef7d2", "Amplitude")
AUTOMATION = ("8d56813d-847e-11d5-935a-50f857c10000", "AvidControlClipRatio")
SPEED_OFFSETS = ("8d56827f-847e-11d5-935a-50f857c10000", "PARAM_SPEED_OFFSET_MAP_U")
SPEEDS = ("8d56827d-847e-11d5-935a-50f857c10000", "PARAM_SPEED_MAP_U")
OFFSETS = ("8d568129-847e-11d5-935a-50f857c10000", "PARAM_OFFSET_MAP_U")
LINEAR = "5b6c85a4-0ede-11d3-80a9-006008143e6f"
LENGTH = 1500
TAPE_START = 90_000


class Maker:
    """An AAF in the making; lengths and places in frames at 25."""

    def __init__(self, file: Any, *, wrap_timecode: str = "") -> None:
        self.file = file
        self.wrap_timecode = wrap_timecode
        self.defined: set[str] = set()
        self.masters: dict[str, Any] = {}

    def clip(self, name: str, start: int, length: int) -> Any:
        """A clip of a sound file that lies on a tape."""
        if name not in self.masters:
            self.masters[name] = self._master(name)
        return self.clip_of(self.masters[name], 1, start, length)

    def clip_of(self, mob: Any, slot: int, start: int, length: int) -> Any:
        """A clip of a slot of a mob."""
        clip = self.file.create.SourceClip(media_kind="sound", length=length)
        clip.mob, clip.slot_id, clip.start = mob, slot, start
        return clip

    def filler(self, length: int) -> Any:
        return self.file.create.Filler(media_kind="sound", length=length)

    def sequence(self, *parts: Any) -> Any:
        made = self.file.create.Sequence(media_kind="sound")
        made.components.value = list(parts)
        made.length = sum(part.length for part in parts)
        return made

    def effect(self, operation: tuple[str, str], length: int, *inputs: Any, **parameters: Any) -> Any:
        """An effect; parameters are numbers, or lists of (time, value)."""
        create, dictionary = self.file.create, self.file.dictionary
        if operation[0] not in self.defined:
            self.defined.add(operation[0])
            definition = create.OperationDef(*operation, "")
            definition.media_kind = "sound"
            definition.number_inputs = len(inputs)
            definition["IsTimeWarp"].value = False
            definition["Bypass"].value = 0
            dictionary.register_def(definition)
        group = create.OperationGroup(AUID(operation[0]), length, media_kind="sound")
        group.segments.extend(inputs)
        for name, value in parameters.items():
            group.parameters.append(self._parameter(globals()[name.upper()], value))
        return group

    def selector(self, selected: Any, *alternates: Any) -> Any:
        made = self.file.create.Selector(media_kind="sound", length=selected.length)
        made["Selected"].value = selected
        for each in alternates:
            made["Alternates"].append(each)
        return made

    def composition(self, name: str, *segments: Any, usage: str = "Usage_TopLevel") -> Any:
        """A composition with a timecode and a slot for each segment."""
        mob = self.file.create.CompositionMob(name)
        if usage:
            mob.usage = usage
        self.file.content.mobs.append(mob)
        slot = mob.create_timeline_slot(RATE, 100)
        slot.segment = self._timecode()
        for number, segment in enumerate(segments, start=1):
            slot = mob.create_timeline_slot(RATE, number)
            slot.name = f"A{number}"
            slot.segment = segment
        return mob

    def _parameter(self, known: tuple[str, str], value: Any) -> Any:
        create, dictionary = self.file.create, self.file.dictionary
        if known[0] not in self.defined:
            self.defined.add(known[0])
            dictionary.register_def(create.ParameterDef(known[0], known[1], known[1], "Rational"))
        definition = dictionary.lookup_parameterdef(AUID(known[0]))
        if not isinstance(value, list):
            made = create.ConstantValue()
            made.parameterdef = definition
            made["Value"].value = AAFRational(value)
            return made
        if LINEAR not in self.defined:
            self.defined.add(LINEAR)
            dictionary.register_def(create.InterpolationDef(LINEAR, "LinearInterp", ""))
        made = create.VaryingValue()
        made.parameterdef = definition
        made.interpolationdef = dictionary.lookup_interperlationdef(AUID(LINEAR))
        for time, each in value:
            made.add_keyframe(AAFRational(time), AAFRational(each))
        return made

    def _timecode(self) -> Any:
        made = self.file.create.Timecode(RATE, drop=False, length=100_000)
        made.start = TAPE_START
        return made

    def _tape_timecode(self) -> Any:
        timecode = self._timecode()
        if self.wrap_timecode == "pulldown":
            made = self.file.create.Pulldown(media_kind="Timecode", length=100_000)
            made["InputSegment"].value = timecode
            made["PulldownKind"].value = 2
            made["PulldownDirection"].value = 0
            made["PhaseFrame"].value = 0
            return made
        if not self.wrap_timecode:
            return timecode
        made = self.file.create.Sequence(media_kind="Timecode")
        made.length = 100_000
        made.components.value = [timecode]
        return made

    def _master(self, name: str) -> Any:
        create = self.file.create
        tape, wave, master = (
            create.SourceMob(f"{name}.tape"),
            create.SourceMob(f"{name}.wav"),
            create.MasterMob(name),
        )
        self.file.content.mobs.extend([tape, wave, master])
        tape.descriptor = create.TapeDescriptor()
        slot = tape.create_timeline_slot(RATE, 1)
        slot.segment = create.SourceClip(media_kind="sound", length=100_000)
        slot = tape.create_timeline_slot(RATE, 2)
        slot.segment = self._tape_timecode()
        wave.descriptor = self._descriptor(name)
        for mob, source in ((wave, tape), (master, wave)):
            slot = mob.create_timeline_slot(RATE, 1)
            slot.segment = self.clip_of(source, 1, 0, LENGTH)
        return master

    def _descriptor(self, name: str) -> Any:
        made = self.file.create.PCMDescriptor()
        for key, value in {
            "SampleRate": 48_000,
            "AudioSamplingRate": 48_000,
            "Channels": 1,
            "QuantizationBits": 24,
            "BlockAlign": 3,
            "AverageBPS": 144_000,
            "Length": LENGTH * 1920,
        }.items():
            made[key].value = value
        locator = self.file.create.NetworkLocator()
        locator["URLString"].value = f"file:///a/{name}.wav"
        made["Locator"].append(locator)
        return made


@contextmanager
def making(path: Path, **facts: Any) -> Iterable[Maker]:
    """A new file."""
    with aaf2.open(str(path), "w") as file:
        yield Maker(file, **facts)


def made(folder: Path, build: Callable[[Maker], Any], **facts: Any) -> Path:
    """An AAF whose only track is what `build` gives."""
    path = folder / "made.aaf"
    with making(path, **facts) as maker:
        maker.composition("seq", build(maker))
    return path
