"""Run work on a few threads, with cancellation and ordered results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

from rythmo.progress import CancelToken

A = TypeVar("A")
B = TypeVar("B")


class Workers:
    """A small pool of threads.

    Threads are enough because engines wait for processes, for sockets, or for libraries that release the GIL.
    """

    def __init__(self, pool: ThreadPoolExecutor, cancel: CancelToken) -> None:
        self._pool = pool
        self._cancel = cancel

    def start(self, function: Callable[[A], B], item: A) -> Future[B]:
        """Queue one piece of work. It does not start any more once the job is cancelled."""
        return self._pool.submit(self._run_unless_cancelled, function, item)

    def run_all(self, function: Callable[[A], B], items: Sequence[A]) -> list[B]:
        """Work on all items in parallel and return the results in order. The first error stops the rest."""
        return gather_results([self.start(function, item) for item in items])

    def _run_unless_cancelled(self, function: Callable[[A], B], item: A) -> B:
        self._cancel.check()
        return function(item)


def count_cores(most: int = 4) -> int:
    """Return how many threads share the work of one request: the cores that this process may use, at most
    `most`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(most, cores)


@contextmanager
def start_workers(count: int, cancel: CancelToken) -> Iterator[Workers]:
    """Start `count` threads and join them at the end. Work that has not started after an error is dropped."""
    pool = ThreadPoolExecutor(max(1, count), thread_name_prefix="rythmo")
    try:
        yield Workers(pool, cancel)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def gather_results(futures: Sequence[Future[B]]) -> list[B]:
    """Return the results in order. The first error cancels the futures that have not started, and is
    raised."""
    done, open_ = wait(futures, return_when=FIRST_EXCEPTION)
    failed = next((future for future in futures if future in done and future.exception()), None)
    if failed is not None:
        for future in open_:
            future.cancel()
        failed.result()
    return [future.result() for future in futures]
