"""Mix the beginning of a programme while its later lines are still being spoken.

Levels, placed sounds and stems are made by the functions that make them at the end, which then find them
made. Nothing depends on it: a line that changes afterwards, because its take is too quiet beside the others,
is placed again, and the stems are mixed anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from rythmo.executors import start_workers
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.media.pcm24 import Pcm24Reader
from rythmo.mix.delivery_loudness import parse_target
from rythmo.mix.mix_plan import MixPlan, plan_mix
from rythmo.mix.mixer import UNTOUCHED
from rythmo.mix.stem_records import make_record
from rythmo.mix.stem_update import has_record
from rythmo.mix.stems_in_making import round_to_block
from rythmo.qc.project_measures import measure_ahead
from rythmo.qc.stray_speech import HearsSpeech, load_silero
from rythmo.script.model import Line, Script
from rythmo.script.tempo import find_tempo_groups
from rythmo.settings import OFF
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.stages.line_levels import OriginalLevels, measure_originals, set_level
from rythmo.stages.measured_stems import MeasuredStems, remember_figures
from rythmo.stages.mixdown import cover_moved_lines, make_me, place_one
from rythmo.stages.translate_and_voice import even_tempos, is_unspoken, places_of
from rythmo.timebase import SAMPLE_RATE

_LEAD = SAMPLE_RATE
"""No line is placed to begin so much before its original."""
_LEAST_STEP, _MOST_STEP = 20 * SAMPLE_RATE, 60 * SAMPLE_RATE
"""Mixed at a time, in samples: enough to be worth a plan, and little enough to stop soon."""


@contextmanager
def begin_mix(
    script: Script,
    ingested: Ingested,
    speech: ChunkedAudio,
    bed: ChunkedAudio,
    context: Context,
    *,
    whole: bool,
) -> Iterator[EarlyMix | None]:
    """Yield what mixes lines as they are spoken; None where nothing can be mixed before all are.

    That is where stems exist already, and where rooms, the loudness or a watermark ask for all takes.
    """
    mix, marks = context.settings.mix, context.settings.engines.watermark != OFF
    if not whole or mix.room or marks or parse_target(mix.loudness) or has_record(context.project.root):
        yield None
        return
    with EarlyMix(script, ingested, speech, bed, context) as early:
        yield early


class EarlyMix:
    """Mixes the lines of a script that are spoken, in a thread of its own. Use it as a context manager."""

    def __init__(
        self, script: Script, ingested: Ingested, speech: ChunkedAudio, bed: ChunkedAudio, context: Context
    ) -> None:
        self._script = cover_moved_lines(script, context.settings.mix, speech)
        self._ingested, self._speech, self._bed, self._context = ingested, speech, bed, context
        self._stems = MeasuredStems(ingested.background, context)
        self._slots = places_of(script, context)
        self._groups = find_tempo_groups(script.lines)
        self._spoken: dict[str, Line] = {}
        self._ready: dict[str, Line] = {}
        self._keys: dict[Path, str] = {}
        self._originals: OriginalLevels | None = None
        self._measured = -1
        self._lock, self._stopped = threading.Lock(), False
        self._arrived: list[Line] = []
        self._step: Future[None] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._stems)
            self._original = stack.enter_context(Pcm24Reader(self._ingested.background))
            self._pool = stack.enter_context(start_workers(1, self._context.cancel))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self._stack.__exit__(kind, error, trace)

    def add(self, line: Line) -> None:
        """Take a line that was spoken. Safe to call from several threads; returns at once."""
        with self._lock:
            self._arrived.append(line)
            if self._step is None and not self._stopped:
                self._step = self._pool.start(lambda _: self._work(), None)

    def stop(self) -> MeasuredStems:
        """Wait for the step that is under way, and return the stems so far. Raises what it raised."""
        with self._lock:
            self._stopped, step = True, self._step
        if step is not None:
            step.result()
        return self._stems

    def _work(self) -> None:
        """Place and mix what can be, until no line has arrived since."""
        while True:
            with self._lock:
                arrived, self._arrived = self._arrived, []
                if self._stopped or not (arrived or self._has_more()):
                    self._step = None
                    return
            self._spoken.update((line.id, line) for line in arrived)
            self._place()
            self._mix()

    def _place(self) -> None:
        """Level and place the lines of groups that were spoken whole."""
        if self._originals is None:
            self._originals = measure_originals(self._script, self._speech, self._context)
        waiting = []
        for group in self._groups:
            if self._stopped:
                return
            if any(line.id not in self._spoken for line in group):
                waiting.append(group)
                continue
            spoken = [self._spoken[line.id] for line in group]
            fixed = [line.id for line in spoken if is_unspoken(line)]
            for line in even_tempos(spoken, fixed, self._slots, self._context):
                self._place_line(set_level(line, self._originals, self._context))
        self._groups = waiting

    def _place_line(self, line: Line) -> None:
        self._ready[line.id] = line
        placed = place_one(self._script, line, self._context)
        if placed is not None:
            self._keys[placed.path] = placed.key
            self._stems.placed.add(placed.path)

    def _mix(self) -> None:
        """Mix on up to the first line that is still to come."""
        plan = self._plan()
        until = self._find_end(plan)
        if until - self._stems.making.at < min(_LEAST_STEP, plan.length):
            return
        me_key, me = make_me(plan, self._original, self._ingested, self._bed, self._context)
        record = make_record(plan, self._context.project.root, me_key, self._keys, UNTOUCHED)
        self._stems.making.mix(plan, me, record, UNTOUCHED, until, cancel=self._context.cancel)
        self._measure(until)

    def _measure(self, until: int) -> None:
        """Measure what quality control will ask for of the part that was mixed."""
        measure_ahead(
            self._gather(),
            self._stems.making.files,
            self._ingested.background,
            (self._measured, until),
            remember_figures(self._context),
            speech=self._hears,
            cancel=self._context.cancel,
        )
        self._measured = until

    @cached_property
    def _hears(self) -> HearsSpeech | None:
        return load_silero()

    def _plan(self) -> MixPlan:
        return plan_mix(self._gather())

    def _gather(self) -> Script:
        """Return the script with the lines that were placed."""
        ready = tuple(self._ready[line.id] for line in self._script.lines if line.id in self._ready)
        return replace(self._script, lines=ready)

    def _find_end(self, plan: MixPlan) -> int:
        """Return where the next step ends: before any line that was not placed yet."""
        starts = [line.start for group in self._groups for line in group]
        settled = min(starts, default=plan.length + _LEAD) - _LEAD
        return round_to_block(min(settled, self._stems.making.at + _MOST_STEP), plan)

    def _has_more(self) -> bool:
        """Tell whether more could be mixed without another line."""
        starts = [line.start for group in self._groups for line in group]
        settled = min(starts, default=self._script.programme.length) - _LEAD
        return bool(self._ready) and settled - self._stems.making.at >= _LEAST_STEP + _LEAD
