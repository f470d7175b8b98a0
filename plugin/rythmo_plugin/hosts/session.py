"""One conversation with a host: its state, which the page shows, and the generator that gives its steps."""

from __future__ import annotations

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from rythmo.errors import CancelledError, InputError, RythmoError
from rythmo_plugin.hosts.line_protocol import Step, step
from rythmo_plugin.hosts.reports import Hello

Talk = Generator[tuple[Step, ...], tuple[Step, ...], None]
"""Yields the script's next steps, receives the script's reports, and returns when everything is done."""


class State(StrEnum):
    """The phase of a session. PARTLY: it ended, and some clips are not in place. STOPPED: the user ended it
    before anything was placed."""

    CHOOSING = "choosing"
    EXPORTING = "exporting"
    WORKING = "working"
    DECIDING = "deciding"
    PLACING = "placing"
    DONE = "done"
    PARTLY = "partly"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return self in (State.DONE, State.PARTLY, State.STOPPED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Choice:
    """The user's choice: the languages as ISO 639-1 codes (an empty source language is detected), and whether
    to work on a copy of the timeline."""

    language: str = ""
    source_language: str = ""
    duplicate: bool = True
    at_once: bool = False
    """Start the next session with the same choice, without asking."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a conform plan, or of the list of clips that are not in place."""

    what: str
    where: str = ""
    line: str = ""
    note: str = ""
    conflict: bool = False


@dataclass
class Session:
    """One run of a host's menu entry. The conversation writes it, the page reads it."""

    id: str
    kind: str
    hello: Hello
    state: State = State.CHOOSING
    fraction: float = 0.0
    message: str = ""
    hint: str = ""
    choice: Choice = field(default_factory=Choice)
    chosen: bool = False
    """The user pressed the button that begins the dub or applies the plan."""
    stopped: bool = False
    shown: bool = False
    """The page was opened for this session."""
    folder: Path | None = None
    """The folder of this timeline's project, once it is known."""
    job: str = ""
    project: Path | None = None
    placed: int = 0
    wanted: int = 0
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a note for the user, unless it is there already."""
        if text not in self.notes:
            self.notes.append(text)

    def tell(self, state: State, message: str, fraction: float = 0.0) -> None:
        """Set the state, the message and the fraction that the page shows."""
        self.state, self.message, self.fraction = state, message, fraction

    def end(self, state: State, message: str, hint: str = "") -> tuple[Step, ...]:
        """Set the final state, and return the step that ends the script."""
        self.tell(state, message, 1.0 if state is State.DONE else self.fraction)
        self.hint = hint
        text = " ".join([message, *([hint] if hint else []), *self.notes])
        return (step("end", state.value, text),)


class RunningSession:
    """A session with its conversation. A turn that is sent twice gets the same answer twice."""

    def __init__(self, session: Session, talk: Talk) -> None:
        self.session = session
        self._talk = talk
        self._turn = 0
        self._answer: tuple[Step, ...] = ()
        self._lock = threading.Lock()

    def next(self, turn: int, reports: tuple[Step, ...]) -> tuple[Step, ...]:
        """Return the steps that follow a turn's reports. Turn 0 has no reports.

        Raises InputError for a turn out of order.
        """
        with self._lock:
            if turn == self._turn - 1:
                return self._answer
            if turn != self._turn:
                raise InputError(
                    f"Turn {turn} came out of order; turn {self._turn} is next.", hint="Run the script again."
                )
            self._answer = self._advance(reports)
            self._turn += 1
            return self._answer

    def _advance(self, reports: tuple[Step, ...]) -> tuple[Step, ...]:
        session = self.session
        if session.state.over:
            return session.end(session.state, session.message, session.hint)
        try:
            return next(self._talk) if self._turn == 0 else self._talk.send(reports)
        except StopIteration:
            return session.end(session.state, session.message, session.hint)
        except CancelledError as error:
            return session.end(State.STOPPED, error.message)
        except RythmoError as error:
            return session.end(State.FAILED, error.message, error.hint)
