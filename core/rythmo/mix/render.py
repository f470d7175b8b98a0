"""Render the stems block by block. Memory does not grow with the programme or the number of lines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from rythmo.media.pcm24 import Steps, pack
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import UNTOUCHED, Master, MeBlock, MixedBlock, Mixer, stem_channels
from rythmo.mix.stem_writer import StemWriter, stem_header
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

__all__ = ["FOLDER", "MeBlock", "RenderedStems", "Steps", "render_stems", "stem_channels"]

BLOCK_SECONDS = 2
"""Small enough to stay in the processor's cache, large enough that Python's own time does not matter."""
FOLDER = Path("stems")

Watch = Callable[[MixedBlock], None]
"""Is shown each block that was mixed, in order."""


@dataclass(frozen=True, slots=True)
class RenderedStems:
    """The files that were written, and what the limiter did.

    `peaks` in 24-bit steps, by stem. `clipped`: samples where all stems were turned down together because the
    sum would have passed the ceiling; `clipped_lines`: the lines that sound there; `lowest_gain`: the lowest
    factor used (1.0: none). `spans`: what an update mixed again. `sums`: the checksums of the header and the
    blocks of each stem as it was written whole.
    """

    files: dict[str, Path]
    peaks: dict[str, int] = field(default_factory=dict)
    clipped: int = 0
    clipped_lines: tuple[str, ...] = ()
    lowest_gain: float = 1.0
    spans: tuple[tuple[int, int], ...] = ()
    sums: dict[str, tuple[int, list[int]]] = field(default_factory=dict)


def render_stems(
    plan: MixPlan,
    project: Path,
    me: MeBlock,
    *,
    folder: Path | None = None,
    master: Master = UNTOUCHED,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
    block_seconds: int = BLOCK_SECONDS,
) -> RenderedStems:
    """Write DX_<speaker>.wav (mono), DX.wav, ME.wav and MIX.wav to `folder` (the project's stems).

    24-bit BWF at the plan's rate, all as long as the plan. DX_* sum to DX, DX and ME to MIX, to the step.
    Each file appears whole; an older one is unchanged when anything fails. Raises MediaError when a placed
    sound is missing or not what was planned, OutputError, CancelledError.
    """
    mixer = Mixer(plan, project, me, master)
    with StemRender(plan, folder or project / FOLDER, block_seconds) as rendering:
        rendering.mix(mixer, plan.length, report=report, cancel=cancel)
        return rendering.finish()


class StemRender:
    """Stems in the making: temporary files of their full length, mixed up to sample `at`.

    Use it as a context manager. The stems are in their places when the block ends without an error after
    `finish`; else they are gone, and older ones unchanged.
    """

    def __init__(self, plan: MixPlan, target: Path, block_seconds: int = BLOCK_SECONDS) -> None:
        self.at = 0
        self._plan, self._target, self._size = plan, target, plan.rate * block_seconds
        self._writers: dict[str, StemWriter] = {}
        self._tally = _Tally(plan)
        self._stack = ExitStack()
        self._is_whole = False

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name, channels in stem_channels(self._plan).items():
                head = stem_header(self._plan, name, channels)
                writer = StemWriter(
                    self._target / f"{name}.wav", head, channels, self._plan.length, self._plan.rate
                )
                self._writers[name] = stack.enter_context(writer)
            # While a block is packed and written, the next one is read and summed.
            self._pool = stack.enter_context(ThreadPoolExecutor(1))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and not self._is_whole:
            unfinished = UnfinishedStemsError()
            self._stack.__exit__(UnfinishedStemsError, unfinished, None)
            return
        self._stack.__exit__(kind, error, trace)

    @property
    def files(self) -> dict[str, Path]:
        """The temporary files, by stem: silent from sample `at` on."""
        return {name: writer.temporary for name, writer in self._writers.items()}

    def mix(
        self,
        mixer: Mixer,
        until: int,
        *,
        watch: Watch | None = None,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Mix on up to sample `until`. `watch` is called with each block, in order, before it is written.

        `until` is the end, or a multiple of the block. What `mixer` plays before `at` must be what was mixed.
        """
        written: Future[None] = self._pool.submit(_do_nothing)
        for block in mixer.blocks(self.at, until, self._size):
            cancel.check()
            written.result()
            written = self._pool.submit(_write_block, block, self._writers)
            self._tally.add(block, mixer)
            if watch is not None:
                watch(block)
            self.at = block.end
            report(block.end / self._plan.length)
        written.result()
        for writer in self._writers.values():
            writer.flush()

    def finish(self) -> RenderedStems:
        """Mark the stems as whole, so that they move into their places."""
        self._is_whole = True
        files = {name: writer.path for name, writer in self._writers.items()}
        sums = {name: writer.sums for name, writer in self._writers.items()}
        return replace(self._tally.rendered(files), sums=sums)


class UnfinishedStemsError(Exception):
    """Stems in the making were left: their temporary files go."""


def _do_nothing() -> None:
    """Stand in for the write before the first block."""


def _write_block(block: MixedBlock, writers: dict[str, StemWriter]) -> None:
    count = block.end - block.start
    packed: dict[int, memoryview] = {}
    for name, writer in writers.items():
        steps = block.stems.get(name)
        if steps is None:
            writer.silence(count)
            continue
        # Without dialogue the M&E and the mix are one array: packed once.
        if id(steps) not in packed:
            packed[id(steps)] = pack(steps)
        writer.write_packed(packed[id(steps)], count)


class _Tally:
    """Adds up the figures of `RenderedStems`."""

    def __init__(self, plan: MixPlan) -> None:
        self._peaks: dict[str, int] = dict.fromkeys(stem_channels(plan), 0)
        self._limited = 0
        self._lowest = 1.0
        self._lines: set[str] = set()

    def add(self, block: MixedBlock, mixer: Mixer) -> None:
        for name, steps in block.stems.items():
            self._peaks[name] = max(self._peaks[name], int(steps.max()), -int(steps.min()))
        if block.limited:
            self._limited += sum(b - a for a, b in block.limited)
            self._lowest = min(self._lowest, block.lowest)
            self._lines |= {line for a, b in block.limited for line in mixer.lines(a, b)}

    def rendered(self, files: dict[str, Path]) -> RenderedStems:
        return RenderedStems(files, self._peaks, self._limited, tuple(sorted(self._lines)), self._lowest)
