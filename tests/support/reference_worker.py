"""The reference worker of `examples/`, as a module and as servers that a test starts."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "worker" / "worker.py"


@cache
def load_worker() -> Any:
    """Return the worker's module."""
    spec = importlib.util.spec_from_file_location("reference_worker", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def serving() -> Iterator[Callable[..., str]]:
    """Yield a function that serves as the worker's `serve` does, and returns the address; all end here."""
    running: list[tuple[Any, threading.Thread]] = []

    def start(about: dict[str, Any], *functions: Any, **more: Any) -> str:
        server = load_worker().serve(about, *functions, port=0, **more)
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()
