"""One conversation with a host: its state, which the page shows, and the talk that says what comes next."""

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
"""Yields what the script shall do next, is sent what the script reported, and returns when all is done."""


class State(StrEnum):
    """How far a session is. PARTLY: it ended, and something is not where it should be. STOPPED: the person
    ended it before anything was placed."""

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
        """Whether nothing more will come."""
        return self in (State.DONE, State.PARTLY, State.STOPPED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person wants: languages (ISO 639-1; no source language leaves it to the recogniser), and
    whether to work on a copy of the timeline."""

    language: str = ""
    source_language: str = ""
    duplicate: bool = True
    at_once: bool = False
    """Begin the next session with the same choice, without asking."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plan or of what did not land, for the page."""

    what: str
    where: str = ""
    line: str = ""
    note: str = ""
    conflict: bool = False


@dataclass
class Session:
    """What is known of one call of the menu entry. Written by the talk, read by the page."""

    id: str
    kind: str
    hello: Hello
    state: State = State.CHOOSING
    fraction: float = 0.0
    message: str = ""
    hint: str = ""
    choice: Choice = field(default_factory=Choice)
    chosen: bool = False
    """The person pressed the button: begin, or apply the plan."""
    stopped: bool = False
    shown: bool = False
    """The page was opened for it."""
    folder: Path | None = None
    """Where the project of this timeline lies, once that is known."""
    job: str = ""
    project: Path | None = None
    placed: int = 0
    wanted: int = 0
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Something the person should know, said once."""
        if text not in self.notes:
            self.notes.append(text)

    def tell(self, state: State, message: str, fraction: float = 0.0) -> None:
        """Where the session is."""
        self.state, self.message, self.fraction = state, message, fraction

    def end(self, state: State, message: str, hint: str = "") -> tuple[Step, ...]:
        """The last state, and the line that ends the script."""
        self.tell(state, message, 1.0 if state is State.DONE else self.fraction)
        self.hint = hint
        text = " ".join([message, *([hint] if hint else []), *self.notes])
        return (step("end", state.value, text),)


class RunningSession:
    """A session and its talk. One report at a time; a report sent twice gets the same answer twice."""

    def __init__(self, session: Session, talk: Talk) -> None:
        self.session = session
        self._talk = talk
        self._turn = 0
        self._answer: tuple[Step, ...] = ()
        self._lock = threading.Lock()

    def next(self, turn: int, reports: tuple[Step, ...]) -> tuple[Step, ...]:
        """What to do after the reports of that turn (the first is 0, without reports). Raises InputError for
        a turn out of order."""
        with self._lock:
            if turn == self._turn - 1:
                return self._answer
            if turn != self._turn:
                raise InputError(
                    f"Turn {turn} was not expected; {self._turn} is next.", hint="Run the script again."
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
