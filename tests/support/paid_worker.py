"""The engines of a worker of the service that are tones and cost money.

Each call is written to the bill as soon as it is made, as a provider would, and takes a moment.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind

PAID = {Kind.TRANSCRIBER: "transcribe", Kind.TRANSLATOR: "translate", Kind.VOICE: "speak"}
SECONDS = 0.02


class Paid:
    """An engine whose calls of one name are paid for."""

    def __init__(self, engine: Any, name: str, bill: str) -> None:
        self._engine, self._name, self._bill = engine, name, bill

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._engine, name)
        if name != self._name:
            return call

        def paid(*asked: Any, **more: Any) -> Any:
            what = [str(one) for one in asked if not hasattr(one, "samples")]
            with os.fdopen(os.open(self._bill, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as bill:
                bill.write(f"{name} {what} {more.get('language', '')}\n")
            threading.Event().wait(SECONDS)
            return call(*asked, **more)

        return paid


def specs(bill: str) -> Mapping[Kind, EngineSpec]:
    """The toy engines; those that a provider would run are paid for."""

    def paid(spec: EngineSpec, name: str) -> EngineSpec:
        create = spec.create
        info = replace(spec.info, local=False)
        return replace(spec, info=info, create=lambda settings: Paid(create(settings), name, bill))

    return {kind: paid(spec, PAID[kind]) if kind in PAID else spec for kind, spec in fakes.specs().items()}
