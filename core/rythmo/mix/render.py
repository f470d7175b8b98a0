"""Render the stems block by block. Memory does not grow with the programme or the number of lines."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rythmo.media.pcm24 import Steps, pack
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import UNTOUCHED, Master, MeBlock, MixedBlock, Mixer, stem_channels
from rythmo.mix.stem_writer import StemWriter, stem_header
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress

__all__ = ["FOLDER", "MeBlock", "RenderedStems", "Steps", "render_stems", "stem_channels"]

BLOCK_SECONDS = 2
"""Small enough to stay in the processor's cache, large enough that Python's own time does not matter."""
FOLDER = Path("stems")


@dataclass(frozen=True, slots=True)
class RenderedStems:
    """The files that were written, and what the limiter did.

    `peaks` in 24-bit steps, by stem. `clipped`: samples where all stems were turned down together because the
    sum would have passed the ceiling; `clipped_lines`: the lines that sound there; `lowest_gain`: the lowest
    factor used (1.0: none). `spans`: what an update mixed again.
    """

    files: dict[str, Path]
    peaks: dict[str, int] = field(default_factory=dict)
    clipped: int = 0
    clipped_lines: tuple[str, ...] = ()
    lowest_gain: float = 1.0
    spans: tuple[tuple[int, int], ...] = ()


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
    target = folder or project / FOLDER
    tally = _Tally(mixer)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                StemWriter(target / f"{name}.wav", stem_header(plan, name, channels), channels, plan.length)
            )
            for name, channels in stem_channels(plan).items()
        }
        # While a block is packed and written, the next one is read and summed.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        written: Future[None] = pool.submit(_do_nothing)
        for block in mixer.blocks(0, plan.length, plan.rate * block_seconds):
            cancel.check()
            written.result()
            written = pool.submit(_write_block, block, writers)
            tally.add(block)
            report(block.end / plan.length)
        written.result()
    return tally.rendered({name: writer.path for name, writer in writers.items()})


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

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._peaks: dict[str, int] = dict.fromkeys(stem_channels(mixer.plan), 0)
        self._limited = 0
        self._lowest = 1.0
        self._lines: set[str] = set()

    def add(self, block: MixedBlock) -> None:
        for name, steps in block.stems.items():
            self._peaks[name] = max(self._peaks[name], int(steps.max()), -int(steps.min()))
        if block.limited:
            self._limited += sum(b - a for a, b in block.limited)
            self._lowest = min(self._lowest, block.lowest)
            self._lines |= {line for a, b in block.limited for line in self._mixer.lines(a, b)}

    def rendered(self, files: dict[str, Path]) -> RenderedStems:
        return RenderedStems(files, self._peaks, self._limited, tuple(sorted(self._lines)), self._lowest)
