"""Long work in a background thread, which is abandoned when the user cancels."""

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
    """Return the result of `work`, run in a daemon thread. On a cancel the thread is left to end by itself.

    Raises CancelledError, and whatever `work` raises.
    """
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
    """Yield the same items, each computed in the background; a cancel takes effect between and during
    them."""
    while True:
        item = in_background(lambda: next(items, _END), cancel)
        if item is _END:
            return
        cancel.check()
        yield item  # type: ignore[misc]  # anything but the end is an item
