"""Measure stems while they are mixed, and find the measures again when quality control asks for them.

They are kept under the checksums of the stems: a stem that was changed since is measured from its file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from rythmo.mix.delivery_loudness import parse_target
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.render import RenderedStems, Watch
from rythmo.mix.stem_sums import find_sums
from rythmo.mix.stems_in_making import StemsInMaking
from rythmo.project.workspace import hash_values
from rythmo.qc.known_figures import Figures, Remember, Sound, hash_sounds
from rythmo.qc.stem_measures import StemMeasures
from rythmo.qc.written_stems import StemWatch
from rythmo.script.model import Script
from rythmo.stages.context import Context

VERSION = 1
_KIND = "stem-measures"


class MeasuredStems:
    """Stems in the making, and what measures them. Use it as a context manager.

    `original` is the programme's own sound. Without `measures` they are only mixed.
    """

    def __init__(self, original: Path, context: Context, *, measures: bool = True) -> None:
        self._original, self._context = original, context
        self.placed: set[Path] = set()
        """Placed sounds that were made for the stems before all lines were spoken."""
        self._watch: StemWatch | None = None
        self._stack = ExitStack()
        self.making = StemsInMaking(context.project.root, self._start_watch if measures else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self.making.__exit__(kind, error, trace)

    def _start_watch(self, plan: MixPlan) -> Watch:
        self._stack.close()
        original = self._original if _is_compared(self._context) else None
        self._watch = self._stack.enter_context(StemWatch(plan, original, self._context.cancel))
        return self._watch

    def keep(self, script: Script, made: RenderedStems) -> None:
        """Keep the measures of stems that were mixed whole. Raises OutputError."""
        key = _make_key(script, self._original, self._context) if made.sums else None
        if key is not None and self._watch is not None:
            self._context.artefacts.keep(_KIND, key, self._watch.result(_find_spoken(script)))


def find_measures(script: Script, original: Path | None, context: Context) -> StemMeasures | None:
    """Return the measures of the project's stems as they were mixed; None where one was changed since."""
    key = _make_key(script, original, context) if original is not None else None
    return None if key is None else context.artefacts.find_value(_KIND, key, StemMeasures)


def remember_figures(context: Context) -> Remember:
    """Return what remembers the figures of sounds, beside the project's other measurements."""
    ledger = context.ledger("sound-figures", Figures)

    def remember(kind: str, sounds: Sequence[Sound], make: Callable[[], Figures]) -> Figures:
        return ledger.value(hash_sounds(kind, sounds), make)

    return remember


def _is_compared(context: Context) -> bool:
    """Tell whether the M&E has the original's bits to compare: not where it was brought to a loudness."""
    return parse_target(context.settings.mix.loudness) is None


def _make_key(script: Script, original: Path, context: Context) -> str | None:
    sums = find_sums(context.project.root)
    if sums is None:
        return None
    facts = original.stat()
    own = (original.name, facts.st_size, facts.st_mtime_ns) if _is_compared(context) else None
    return hash_values(_KIND, VERSION, sums, own, script.dialogue, _find_spoken(script))


def _find_spoken(script: Script) -> list[tuple[int, int]]:
    return [(line.placement.start, line.placement.end) for line in script.lines if line.placement]
