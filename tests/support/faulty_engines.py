"""Toy engines that can be sent to other processes, and that crash, fail, wait or count what they were asked.

What they have to remember between processes lies in files of a folder.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import EngineFailedError
from rythmo.progress import NEVER


def specs(folder: Path, **voice) -> dict[Kind, EngineSpec]:
    """The toy engines of `fakes`, with a voice that misbehaves as `Misbehaviour` says."""
    found = fakes.specs()
    info = found[Kind.VOICE].info
    return found | {Kind.VOICE: EngineSpec(info, partial(FaultyVoice, info, folder, voice))}


class FaultyVoice(fakes.FakeVoice):
    """`crashes`: how many calls kill the process; `crash_text`: words that always do; `fails` and `defect`: a
    call raises; `waits`: until it is cancelled."""

    def __init__(self, info, folder, behaviour, _settings):
        super().__init__(info, fakes.Calls())
        self._folder, self._behaviour = folder, behaviour

    def speak(self, request, *, cancel=NEVER):
        crashing = self._behaviour.get("crash_text", "\0") in request.text
        if crashing or self._count("crash") < self._behaviour.get("crashes", 0):
            (self._folder / f"crash-{time.monotonic_ns()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self._behaviour.get("fails"):
            raise EngineFailedError("The toy voice has lost its tongue.", hint="Find it.")
        if self._behaviour.get("defect"):
            raise ZeroDivisionError("half a sample")
        if self._behaviour.get("waits"):
            (self._folder / "waiting").touch()
            while True:
                cancel.check()
                time.sleep(0.01)
        (self._folder / f"spoken-{os.getpid()}-{time.monotonic_ns()}").touch()
        return super().speak(request, cancel=cancel)

    def _count(self, what):
        return len(list(self._folder.glob(f"{what}-*")))


def sending(specs: dict[Kind, EngineSpec], kind: Kind) -> dict[Kind, EngineSpec]:
    """The engines, of which one counts as an engine at a service."""
    spec = specs[kind]
    info = replace(spec.info, local=False)
    make = partial(_with_info, spec.create, info)
    return specs | {kind: EngineSpec(info, make)}


def _with_info(create, info, settings):
    engine = create(settings)
    engine.info = info
    return engine
