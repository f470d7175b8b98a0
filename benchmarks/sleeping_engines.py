"""Toy engines that take time without a processor, so that two cores can show the schedule of many machines.

They are those of `rythmo.engines.fakes`: speech is tones. Some may count as engines at a service; each of
their requests is a line of a file, so that a request that was sent twice shows.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind

RATE = fakes.RATE
_BLOCK_SECONDS = 60


def specs(
    seconds: Mapping[Kind, float], paid: Collection[Kind] = (), log: Path | None = None
) -> dict[Kind, EngineSpec]:
    """Return one engine of each kind that takes `seconds` a request; `paid` ones write each to `log`."""
    found = fakes.specs(fakes.Calls(seconds=seconds), dict.fromkeys(paid, 4))
    return {kind: _paid(spec, log) if kind in paid and log else spec for kind, spec in found.items()}


def with_distinct_lines(specs: dict[Kind, EngineSpec]) -> dict[Kind, EngineSpec]:
    """Return the engines with a translator whose lines all differ, so that each is a request to the voice."""
    spec = specs[Kind.TRANSLATOR]
    return specs | {Kind.TRANSLATOR: EngineSpec(spec.info, partial(_create_distinct, spec))}


def _create_distinct(spec: EngineSpec, settings: Mapping[str, Any]) -> Any:
    engine = spec.create(settings)
    ask = engine.translate

    def translate(request: Any, **how: Any) -> tuple[str, ...]:
        texts = ask(request, **how)
        return tuple(f"{text} {line.id}" for text, line in zip(texts, request.lines, strict=True))

    engine.translate = translate
    return engine


def _paid(spec: EngineSpec, log: Path) -> EngineSpec:
    info = replace(spec.info, local=False)
    return EngineSpec(info, partial(_create_paid, spec, log))


def _create_paid(spec: EngineSpec, log: Path, settings: Mapping[str, Any]) -> Any:
    engine = spec.create(settings)
    engine.info = replace(spec.info, local=False)
    name = "speak" if spec.info.kind is Kind.VOICE else "translate"
    ask = getattr(engine, name)

    def asked(request: Any, **how: Any) -> Any:
        with log.open("ab") as file:  # one write: lines of several processes do not mix
            file.write(f"{name} {_describe(request)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        return ask(request, **how)

    setattr(engine, name, asked)
    return engine


def _describe(request: Any) -> str:
    if hasattr(request, "lines"):
        return " ".join(line.id for line in request.lines)
    return f"{request.voice.id} {request.text} {request.seconds} {request.variation}"


def write_programme(path: Path, seconds: int, gap_seconds: float = 8.0, seed: int = 20) -> int:
    """Write mono sound with a sentence of one of three people about every `gap_seconds`; return how many."""
    draw, count = np.random.default_rng(seed), 0
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_24") as file:
        for start in range(0, seconds, _BLOCK_SECONDS):
            length = min(_BLOCK_SECONDS, seconds - start) * RATE
            block = draw.normal(0, 0.003, length).astype(np.float32)
            at = draw.uniform(0.5, gap_seconds)
            while (at + 3.5) * RATE < length:
                size = round(draw.uniform(1.0, 3.0) * RATE)
                begin = round(at * RATE)
                block[begin : begin + size] += fakes.tone(fakes.PITCHES[int(draw.integers(3))], size)
                at, count = at + size / RATE + draw.uniform(0.8, 2 * gap_seconds - 2.8), count + 1
            file.write(block)
    return count
