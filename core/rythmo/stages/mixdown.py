"""Set levels, place takes, and mix the stems. Only what changed since the last mix is mixed again."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines.base import Kind, Turn
from rythmo.executors import start_workers
from rythmo.media.audio import Audio
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.pcm24 import Pcm24Reader, Steps
from rythmo.media.wav import from_int24, read_audio, to_int24
from rythmo.mix import bed as beds
from rythmo.mix import room_acoustics, stretch
from rythmo.mix.delivery_loudness import find_master, is_master_for, parse_target
from rythmo.mix.mix_plan import MixPlan, plan_mix
from rythmo.mix.mixer import UNTOUCHED, Master, MeBlock
from rythmo.mix.placed_sound import Marker, PlacedSound, place_line
from rythmo.mix.room_acoustics import Room
from rythmo.mix.room_tone import FilledBed, Read
from rythmo.mix.stem_update import read_last_master, update_stems
from rythmo.mix.voice_reach import find_reach
from rythmo.project.workspace import hash_values
from rythmo.project_paths import path_in
from rythmo.script.model import Flag, Line, Script, Severity
from rythmo.script.takes import Take
from rythmo.settings import OFF, MixSettings
from rythmo.stages.context import Context
from rythmo.stages.heard_words import merge_spans
from rythmo.stages.ingest import Ingested
from rythmo.stages.line_levels import set_levels
from rythmo.stages.measured_stems import MeasuredStems
from rythmo.stages.speech_coverage import find_uncovered, uncovered_parts
from rythmo.stages.take_files import restore_takes
from rythmo.timebase import SAMPLE_RATE

VERSION = 1
_PLACED_AT_ONCE = 4
NO_ROOMS: Mapping[tuple[str, bool], Room] = {}


def regions(
    lines: Sequence[Line],
    turns: Sequence[Turn],
    length: int,
    settings: MixSettings,
    speech: ChunkedAudio | None = None,
) -> tuple[tuple[int, int], ...]:
    """Return the spans in which the bed replaces the original: the lines, and the turns that contain a line.

    Speech without a line was not understood, so its original sound stays. With the separated `speech`, each
    region extends as far as its voice can be heard, and at least by the pads of the settings.
    """
    spoken = [(line.start, line.end) for line in lines]
    unsaid = [(turn.start, turn.end) for turn in find_uncovered(lines, turns)]
    touched = [(t.start, t.end) for t in turns if any(a < t.end and t.start < b for a, b in spoken)]
    others = [*((t.start, t.end) for t in turns if (t.start, t.end) not in touched), *unsaid]
    heard = [part for span in touched for part in uncovered_parts(span, merge_spans(unsaid))]
    together = beds.plan_bed_regions([*spoken, *heard], length, pad_before=0, pad_after=0)
    reached = [_reached(span, others, speech) for span in together] if speech is not None else together
    per_ms = SAMPLE_RATE / 1000
    before, after = round(settings.pad_before_ms * per_ms), round(settings.pad_after_ms * per_ms)
    least = beds.plan_bed_regions(together, length, pad_before=before, pad_after=after)
    return beds.plan_bed_regions([*least, *reached], length, pad_before=0, pad_after=0)


def _reached(
    span: tuple[int, int], others: Sequence[tuple[int, int]], speech: ChunkedAudio
) -> tuple[int, int]:
    """Extend a span as far as its voice is heard plus the bed's fade, but not into speech without a line."""
    fade = beds.FADE_MS * SAMPLE_RATE // 1000
    start, end = find_reach(speech.samples, *span, SAMPLE_RATE)
    start, end = start - fade, end + fade
    start = max([start, *(b for _, b in others if b <= span[0])])
    end = min([end, *(a for a, _ in others if a >= span[1])])
    return start, end


def cover_moved_lines(script: Script, settings: MixSettings, speech: ChunkedAudio | None = None) -> Script:
    """Add regions for lines that the user moved, so that nobody is heard in two languages at once."""
    moved = [line for line in script.lines if {"start", "end"} & set(line.edited)]
    added = regions(moved, (), script.programme.length, settings, speech)
    # Without padding: the existing regions already include theirs.
    return replace(
        script,
        dialogue=beds.plan_bed_regions(
            [*script.dialogue, *added], script.programme.length, pad_before=0, pad_after=0, merge_gap=0
        ),
    )


def run(
    script: Script,
    ingested: Ingested,
    speech: ChunkedAudio,
    bed: ChunkedAudio,
    context: Context,
    *,
    whole: bool = True,
    started: MeasuredStems | None = None,
) -> Script:
    """Set the levels, render the placed sounds and the stems, and return the script with levels and flags.

    The gain of the whole mix is measured again only for the `whole` programme, not after the edit of a line;
    so is what quality control measures of stems. `started` are stems that were begun while lines were still
    being spoken.
    """
    script = restore_takes(cover_moved_lines(script, context.settings.mix, speech), context)
    script = set_levels(script, speech, context)
    rooms = _rooms(script, speech, context) if context.settings.mix.room else {}
    marker = _make_marker(context)
    script = _with_watermark(script, context)
    keys = _place_lines(script, rooms, marker, context)
    with (
        Pcm24Reader(ingested.background) as original,
        started or MeasuredStems(ingested.background, context, measures=whole) as stems,
    ):
        plan = plan_mix(script)
        # Made before another take was chosen for the line.
        for path in stems.placed - keys.keys():
            path.unlink(missing_ok=True)
        me_key, me = make_me(plan, original, ingested, bed, context)
        made = update_stems(
            plan,
            context.project.root,
            me,
            me_key=me_key,
            keys=keys,
            master=_master(plan, me, me_key, keys, context, whole=whole),
            thorough=context.ledgers.thorough,
            started=stems.making,
            report=context.part("mix", 0, 1),
            cancel=context.cancel,
        )
        stems.keep(script, made)
    context.step("mix", 1, 1)
    return script.map_lines(lambda line: _limited(line, made.clipped_lines))


def make_me(
    plan: MixPlan, original: Pcm24Reader, ingested: Ingested, bed: ChunkedAudio, context: Context
) -> tuple[str, MeBlock]:
    """Return the key of the M&E, apart from the plan's regions, and what reads it. `original` stays open."""
    fill = context.settings.mix.fill
    key = hash_values("me", VERSION, ingested.key, bed.key, fill)
    return key, _me(original, _filled(bed, original, plan) if fill else bed.samples, plan)


def _place_lines(
    script: Script, rooms: Mapping[tuple[str, bool], Room], marker: Marker | None, context: Context
) -> dict[Path, str]:
    """Make the placed sound of every line, several at a time; return the key of each file."""
    done = itertools.count(1)

    def place(line: Line) -> PlacedSound | None:
        placed = place_one(script, line, context, rooms, marker)
        context.step("place", next(done), len(script.lines), line=line.id)
        return placed

    # Each file is waited for until it is on the disk: several wait together.
    with start_workers(_PLACED_AT_ONCE, context.cancel) as pool:
        made = pool.run_all(place, script.lines)
    context.ledgers.save()
    return {placed.path: placed.key for placed in made if placed is not None}


def place_one(
    script: Script,
    line: Line,
    context: Context,
    rooms: Mapping[tuple[str, bool], Room] = NO_ROOMS,
    marker: Marker | None = None,
) -> PlacedSound | None:
    """Make the placed sound of a line, unless it is there; None for a line without take or placement.

    Raises as `place_line` does.
    """
    if line.take is None or line.placement is None:
        return None
    return place_line(
        context.project.root,
        script,
        line,
        stretch.choose_method(stretch.parse_method(context.settings.mix.stretcher)),
        room=None if line.take.is_original else rooms.get((line.speaker, line.take.human)),
        handle=context.settings.turnover.handle(script.programme.sample_rate),
        marker=marker,
        sounds=context.sounds,
    )


def _make_marker(context: Context) -> Marker | None:
    """Return the watermark that the settings ask for. Raises EngineMissingError, UnknownEngineError."""
    if context.settings.engines.watermark == OFF:
        return None

    def mark(sound: Audio) -> Audio:
        with context.engines.turn(Kind.WATERMARK, cancel=context.cancel):
            return context.engines.watermark().mark(sound, cancel=context.cancel)

    return Marker(context.engines.stamp(Kind.WATERMARK), mark)


def _with_watermark(script: Script, context: Context) -> Script:
    """Return the script that names the watermark among its engines, or none where none is wanted."""
    kind = str(Kind.WATERMARK)
    others = {name: stamp for name, stamp in script.engines.items() if name != kind}
    own = {} if context.settings.engines.watermark == OFF else {kind: context.engines.used()[kind]}
    return replace(script, engines={**others, **own})


def _master(
    plan: MixPlan, me: MeBlock, me_key: str, keys: Mapping[Path, str], context: Context, *, whole: bool
) -> Master:
    """Return the common gain of all stems, measured again only when something in the mix changed.

    After the edit of a line the last gain stays: a change of 0.01 dB would alter every sample of every stem.
    """
    wanted = parse_target(context.settings.mix.loudness)
    if wanted is None:
        return UNTOUCHED
    root = context.project.root
    if not whole and (last := read_last_master(root)) and is_master_for(last, wanted):
        return last
    items = [(item, keys[path_in(root, item.file)]) for stem in plan.stems for item in stem.items]
    key = hash_values("master", VERSION, wanted, plan, me_key, items)
    return context.artefacts.value(
        "master",
        key,
        Master,
        lambda: (
            find_master(
                wanted, plan, root, me, report=context.part("loudness", 0, 1), cancel=context.cancel
            ).master
        ),
    )


def _filled(bed: ChunkedAudio, original: Pcm24Reader, plan: MixPlan) -> Read:
    def own(start: int, end: int) -> NDArray[np.float32]:
        return from_int24(original.read_int(start, end - start))

    return FilledBed(bed.samples, own, plan.regions, original.length, original.rate).read


def _rooms(script: Script, speech: ChunkedAudio, context: Context) -> dict[tuple[str, bool], Room]:
    """Measure each speaker's original room acoustics relative to that speaker's takes.

    Human takes have the room that they were recorded in, so they are measured by themselves. Keys are the
    speaker's id and whether the takes are human.
    """
    found = {}
    for speaker, human in product(script.speakers, (False, True)):
        own = [line for line in script.lines if line.speaker == speaker.id]
        lines = [
            line
            for line in own
            if line.take is not None and not line.take.is_original and line.take.human == human
        ]
        takes = [line.take for line in lines if line.take is not None]
        spans = [line.original_range for line in lines]

        def make(spans: list[tuple[int, int]] = spans, takes: list[Take] = takes) -> Room:
            theirs = [speech.samples(start, end)[0] for start, end in spans]
            ours = [read_audio(context.project.file(take.file)).samples[0] for take in takes]
            return room_acoustics.measure_room(np.concatenate(theirs), np.concatenate(ours), SAMPLE_RATE)

        if lines:
            key = hash_values("room", VERSION, speech.key, spans, [take.file for take in takes])
            found[speaker.id, human] = context.artefacts.value("room", key, Room, make)
    return found


def _me(original: Pcm24Reader, bed: Read, plan: MixPlan) -> MeBlock:
    def block(start: int, end: int) -> Steps:
        end = min(end, original.length)
        if end <= start:
            return np.zeros((original.channels, 0), np.int32)
        source = original.read_int(start, end - start)
        if not any(a < end and start < b for a, b in plan.regions):
            return source  # bit-exact original
        return beds.mix_me_block(source, to_int24(bed(start, end)), plan.regions, start)

    return block


def _limited(line: Line, limited: tuple[str, ...]) -> Line:
    if line.id not in limited:
        return line.without_flags("limited")
    message = "Dialogue and M&E together would clip here: all stems were turned down for a moment."
    return line.add_flags(Flag("limited", message, Severity.WARNING))
