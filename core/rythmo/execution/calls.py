"""Requests to engines as values, and what executes them.

The stages prepare a request, with the key of its result, and hand it to the job's executor. Without an
executor it runs in this process, on a thread, as it always did. An executor runs it in another process or on
another machine, where the result goes to the content-addressed cache or store under that key. So whoever
starts the job again finds all that was finished.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from rythmo.engines.base import EngineInfo, Kind
from rythmo.engines.prices import EngineUsage
from rythmo.engines.timing import Work
from rythmo.errors import RythmoError
from rythmo.progress import CancelToken, Report

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class EngineCall(Generic[T]):
    """One request to one engine.

    Args:
        stage: The stage that makes it, as in progress reports. part: What it is about, for people: `chunk 3`,
        a line's id. kind: The kind of engine. language: The language that the engine is chosen for, if any.
        info: The engine as this process knows it. key: The content key of the result. function: A function of
        a module, which is called with `arguments` and the context of the process that runs it. arguments:
        Values that can be pickled. Paths in the cache are translated to that process's cache.
        affinity: Calls of one affinity (a speaker's voice) go to the same process where that costs no wait.
        also: Engines of other kinds that the function uses. asks: Whether the call asks which version a
        worker has, rather than relying on it.
    """

    stage: str
    part: str
    kind: Kind
    language: str | None
    info: EngineInfo
    key: str
    function: Callable[..., T]
    arguments: tuple[Any, ...] = ()
    affinity: str = ""
    also: tuple[EngineInfo, ...] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """The result of a call, or the error that it ended with; where it ran, and what its engine used."""

    value: T_co | None
    error: RythmoError | None
    place: str
    usage: tuple[EngineUsage, ...] = ()
    work: tuple[Work, ...] = ()

    def result(self) -> T_co:
        """Return the value, or raise the error, which knows its place."""
        if self.error is not None:
            self.error.place = self.error.place or self.place
            raise self.error
        return self.value  # type: ignore[return-value]  # None is the value of a call that only stores


class Executor(Protocol):
    """Runs calls outside this process. All methods may be used from several threads."""

    name: str

    def takes(self, info: EngineInfo) -> bool:
        """Tell whether calls to this engine run elsewhere."""

    def lanes(self, info: EngineInfo) -> int:
        """Return how many calls to this engine run at once."""

    def run(self, call: EngineCall[T], *, report: Report, cancel: CancelToken) -> Answer[T]:
        """Run the call and wait for its answer.

        Raises CancelledError, and EngineFailedError when no process could carry it out.
        """

    def release(self) -> None:
        """Give back processes and machines while there is no work for them. Later calls start them again."""

    def close(self) -> None:
        """Stop what still runs and free everything."""


class Session(Protocol):
    """What a worker process keeps open: its engines and its cache."""

    place: str

    def run(self, call: bytes, *, cancel: CancelToken, report: Report) -> bytes:
        """Carry out a packed call and return its packed answer; errors are in the answer."""

    def close(self) -> None:
        """Close the engines."""
