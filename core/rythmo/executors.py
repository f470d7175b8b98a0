"""Where work runs. Today: this thread, or threads beside it; stages take and give values, so that worker
processes or a cluster can stand in without a change to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from rythmo.progress import CancelToken

A = TypeVar("A")
B = TypeVar("B")


class Workers:
    """A few threads. Engines wait for processes, sockets or libraries that let others run meanwhile."""

    def __init__(self, pool: ThreadPoolExecutor, cancel: CancelToken) -> None:
        self._pool = pool
        self._cancel = cancel

    def start(self, function: Callable[[A], B], item: A) -> Future[B]:
        """Begin one piece of work; it is not begun any more once the job is cancelled."""
        return self._pool.submit(self._checked, function, item)

    def all(self, function: Callable[[A], B], items: Sequence[A]) -> list[B]:
        """Work on all items side by side; results in their order. The first error stops the rest."""
        return gather([self.start(function, item) for item in items])

    def _checked(self, function: Callable[[A], B], item: A) -> B:
        self._cancel.check()
        return function(item)


@contextmanager
def workers(count: int, cancel: CancelToken) -> Iterator[Workers]:
    """Threads that are joined at the end; what was not begun when an error came is dropped."""
    pool = ThreadPoolExecutor(max(1, count), thread_name_prefix="rythmo")
    try:
        yield Workers(pool, cancel)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def gather(futures: Sequence[Future[B]]) -> list[B]:
    """Results in order; on the first error the futures not yet begun are cancelled and it is raised."""
    done, open_ = wait(futures, return_when=FIRST_EXCEPTION)
    failed = next((future for future in futures if future in done and future.exception()), None)
    if failed is not None:
        for future in open_:
            future.cancel()
        failed.result()
    return [future.result() for future in futures]
