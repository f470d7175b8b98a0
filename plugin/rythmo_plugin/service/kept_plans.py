"""Keep plans between showing and applying them. They are not stored: making one again takes a second."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from rythmo_plugin.service.api_errors import not_found

T = TypeVar("T")
_KEPT = 20


class KeptPlans(Generic[T]):
    """The latest plans by id, each of one project. Thread-safe. `noun` is what an error calls them."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._lock = threading.Lock()
        self._plans: OrderedDict[str, tuple[str, T]] = OrderedDict()

    def keep(self, project_id: str, plan: T) -> str:
        """Keep a plan and return its id. The oldest one goes when there are too many."""
        name = secrets.token_hex(8)
        with self._lock:
            self._plans[name] = (project_id, plan)
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)
        return name

    def find(self, project_id: str, name: str) -> T:
        """Return the plan that was kept under that id. Raises ApiError (404), also for another project's."""
        with self._lock:
            kept = self._plans.get(name)
        if kept is None or kept[0] != project_id:
            raise not_found(self._noun, name)
        return kept[1]
