"""Mix stems in steps, while later lines are still being spoken.

Each step has a plan that knows more lines. What was mixed stays as long as the later plan plays the same
there; else everything is mixed anew. So the result is that of one render of the last plan, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import Master, MeBlock, Mixer
from rythmo.mix.render import BLOCK_SECONDS, FOLDER, RenderedStems, StemRender, Watch
from rythmo.mix.stem_records import find_changed_spans
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress


class StemsInMaking:
    """The stems of a project in temporary files, mixed up to sample `at`.

    `start_watch` gives what is shown every block from the first one on; it is called again when mixing begins
    anew. Use it as a context manager: what was not finished is removed at its end.
    """

    def __init__(self, project: Path, start_watch: Callable[[MixPlan], Watch] | None = None) -> None:
        self.project = project
        self._start_watch = start_watch
        self._watch: Watch | None = None
        self._rendering: StemRender | None = None
        self._stack = ExitStack()
        self._record: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    @property
    def at(self) -> int:
        """How far the stems are mixed, in samples."""
        return self._rendering.at if self._rendering else 0

    @property
    def files(self) -> dict[str, Path]:
        """The temporary files, by stem: silent from sample `at` on."""
        return self._rendering.files if self._rendering else {}

    def mix(
        self,
        plan: MixPlan,
        me: MeBlock,
        record: dict[str, Any],
        master: Master,
        until: int,
        *,
        report: Fraction01 = ignore_progress,
        cancel: CancelToken = NEVER,
    ) -> None:
        """Mix on up to sample `until`, the end of the plan or a whole number of blocks.

        `record` describes what the plan plays (stem_records). Raises as `render_stems` does.
        """
        if self._rendering is None or not self._is_continued_by(record, plan):
            self._begin(plan)
        assert self._rendering is not None
        self._record = record
        mixer = Mixer(plan, self.project, me, master)
        self._rendering.mix(mixer, until, watch=self._watch, report=report, cancel=cancel)

    def finish(self) -> RenderedStems:
        """Move the whole stems into their places. Raises OutputError."""
        assert self._rendering is not None
        made = self._rendering.finish()
        self._leave()
        return made

    def _is_continued_by(self, record: dict[str, Any], plan: MixPlan) -> bool:
        if record["head"] != self._record.get("head"):
            return False
        return all(start >= self.at for start, _ in find_changed_spans(self._record, record, plan))

    def _begin(self, plan: MixPlan) -> None:
        self._leave()
        self._watch = self._start_watch(plan) if self._start_watch is not None else None
        self._rendering = self._stack.enter_context(StemRender(plan, self.project / FOLDER))

    def _leave(self) -> None:
        self._rendering = None
        self._stack.close()


def round_to_block(position: int, plan: MixPlan) -> int:
    """Return the last position at or before this one where a step may end."""
    return position - position % (plan.rate * BLOCK_SECONDS)
