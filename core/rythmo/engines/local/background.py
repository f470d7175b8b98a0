"""Work that takes longer than a person who cancels will wait: run aside, left alone when it is not wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from rythmo.progress import NEVER, CancelToken

T = TypeVar("T")
_TICK_S = 0.2
_END = object()


@dataclass
class _Outcome(Generic[T]):
    value: T | None = None
    error: BaseException | None = None


def in_background(work: Callable[[], T], cancel: CancelToken) -> T:
    """The result of `work`, run in a daemon thread; a cancel leaves it to end by itself, unheard."""
    if cancel is NEVER:
        return work()
    done: SimpleQueue[_Outcome[T]] = SimpleQueue()

    def run() -> None:
        try:
            done.put(_Outcome(value=work()))
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread and raised there
            done.put(_Outcome(error=error))

    threading.Thread(target=run, daemon=True, name="rythmo-background").start()
    while True:
        try:
            outcome = done.get(timeout=_TICK_S)
        except Empty:
            cancel.check()
            continue
        if outcome.error is not None:
            raise outcome.error
        return outcome.value  # type: ignore[return-value]  # the type of `work`, whatever it is


def iterate_in_background(items: Iterator[T], cancel: CancelToken) -> Iterator[T]:
    """The same items; between and during them a cancel is heard."""
    while True:
        item = in_background(lambda: next(items, _END), cancel)
        if item is _END:
            return
        cancel.check()
        yield item  # type: ignore[misc]  # anything but the end is an item
