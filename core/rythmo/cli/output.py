"""What a command says: bars and sentences for people, one JSON event a line for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, Protocol

from rythmo.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Output(Protocol):
    """Where a command writes its progress, messages and data."""

    def progress(self, event: Progress) -> None:
        """How far a stage is."""

    def say(self, text: str) -> None:
        """A sentence for people; programs do not get it."""

    def warn(self, text: str) -> None:
        """Something to look at that does not stop the work."""

    def data(self, event: str, **fields: Any) -> None:
        """An event for programs; people do not get it."""

    def error(self, message: str, hint: str) -> None:
        """Why the command failed, and what to do."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def make_output(*, json: bool) -> Output:
    """Return the output for programs, or the one for people."""
    return JsonOutput() if json else PeopleOutput()


class JsonOutput:
    """One event a line on standard output; the last is `done` or `error`."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def progress(self, event: Progress) -> None:
        """At most one event for each whole percent of a stage, and where each part runs."""
        if event.placement is not None:
            placement = event.placement
            state = "running" if placement.running else "done"
            self.data("placed", stage=event.stage, part=placement.part, place=placement.place, state=state)
            return
        step = (event.stage, int(event.fraction * 100))
        if step != self._last or event.line:
            self._last = step
            self.data(
                "progress",
                stage=event.stage,
                done=event.done,
                total=event.total,
                detail=event.detail,
                line=event.line,
            )

    def say(self, text: str) -> None:
        """Nothing: programs read the events."""

    def warn(self, text: str) -> None:
        """As an event."""
        self.data("warning", message=text)

    def data(self, event: str, **fields: Any) -> None:
        """Written at once, so that a reader sees it as it happens."""
        sys.stdout.write(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def error(self, message: str, hint: str) -> None:
        """The last event."""
        self.data("error", message=message, hint=hint)

    def close(self) -> None:
        """Nothing to undo."""


class PeopleOutput:
    """A bar for each stage on standard error, sentences on standard output."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._told: set[str] = set()

    def progress(self, event: Progress) -> None:
        """Move the stage's bar; without a terminal each stage is told once, when it is done."""
        if event.placement is not None:
            return
        if not sys.stderr.isatty():
            if event.fraction >= 1.0 and event.stage not in self._told:
                self._told.add(event.stage)
                sys.stderr.write(f"  {event.stage} done\n")
            return
        bars = self._bars or self._start()
        if event.stage not in self._tasks:
            self._tasks[event.stage] = bars.add_task(event.stage, total=1.0)
        bars.update(self._tasks[event.stage], completed=event.fraction, detail=event.detail)

    def _start(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description:>11}"),
            BarColumn(28),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
        )
        self._bars = Bars(*columns, console=Console(stderr=True))
        self._bars.start()
        return self._bars

    def say(self, text: str) -> None:
        """On standard output, without markup."""
        self.close()
        sys.stdout.write(_drop_controls(text) + "\n")

    def warn(self, text: str) -> None:
        """On standard error."""
        self.close()
        sys.stderr.write(f"note: {_drop_controls(text)}\n")

    def data(self, event: str, **fields: Any) -> None:
        """Nothing: people read the sentences."""

    def error(self, message: str, hint: str) -> None:
        """One line and a hint, on standard error."""
        self.close()
        sys.stderr.write(f"rythmo: {join_lines(message)}\n")
        if hint:
            sys.stderr.write(f"        {join_lines(hint)}\n")

    def close(self) -> None:
        """Stop the bars."""
        if self._bars is not None:
            self._bars.stop()
            self._bars, self._tasks = None, {}


def join_lines(text: str) -> str:
    """Names of files may hold newlines; a message never does."""
    return _drop_controls(" ".join(text.split()))


def _drop_controls(text: str) -> str:
    """Without what a terminal would act on: names out of a project's files may hold escape sequences."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
