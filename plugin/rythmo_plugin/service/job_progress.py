"""Compute a job's progress from the progress events of core. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from rythmo_plugin.service import schema

MAX_RUNNING_FRACTION = 0.97
"""A running job never shows more: it reaches 1.0 only when its files are on the disk."""

# Stage -> its usual share of a dub's time in percent, so that the progress bar moves evenly.
_SHARES = {
    "ingest": 4.0, "separate": 14.0, "speakers": 10.0, "transcribe": 24.0, "lines": 1.0, "cast": 2.0,
    "translate": 8.0, "voice": 20.0, "place": 4.0, "mix": 6.0, "qc": 4.0, "deliver": 3.0, "faces": 40.0,
    "lips": 60.0,
}  # fmt: skip
_PART_OF = {"extract": "ingest", "scenes": "ingest", "loudness": "mix", "mux": "deliver"}
_STAGES = {
    "dub": (
        "ingest", "separate", "speakers", "transcribe", "lines", "cast", "translate", "voice", "place", "mix",
        "qc", "deliver",
    ),
    "language": ("ingest", "separate", "cast", "translate", "voice", "place", "mix", "qc", "deliver"),
    "remake": ("voice", "place", "mix", "deliver"),
    "conform": ("voice", "place", "mix", "deliver"),
    "deliver": ("voice", "place", "mix", "deliver"),
    "send": ("voice", "place", "mix", "deliver", "send"),
    "faces": ("faces",),
    "lips": ("lips", "deliver"),
    "take": ("voice",),
    "qc": ("qc",),
    "picture": ("picture",),
    "models": ("models",),
    "audition": ("voice",),
    "propose": ("cast",),
    "cast": ("cast",),
}  # fmt: skip
_BEFORE = (("faces", "find", "cast"), ("lips", "make", "qc"))
"""Stages that a dub has where its settings ask for them: a stage, its setting, and the stage after it."""
_SOON = 0.05
_CHUNKED = frozenset({"separate", "speakers", "transcribe"})
MOST_PLACES = 256
"""Parts at work that a job lists at most."""


def initial_stages(kind: str, spec: Mapping[str, Any] | None = None) -> list[schema.Stage]:
    """Return the stages of a job of a kind with that spec, all waiting."""
    names, settings = list(_STAGES[kind]), (spec or {}).get("settings") or {}
    for stage, setting, after in _BEFORE if kind == "dub" else ():
        if settings.get(stage, {}).get(setting):
            names.insert(names.index(after), stage)
    return [schema.Stage(name=name) for name in names]


def advance_job(job: schema.Job, stage: str, done: float, total: float, detail: str) -> schema.Job:
    """Return the job after a progress event.

    Progress never goes back, because parallel work may report in any order.
    """
    name = _PART_OF.get(stage, stage)
    if name != stage and name == "ingest":
        done, total = min(done / total, 0.9) if total > 0 else 0.0, 1.0
    stages = [_advance_stage(one, done, total, detail) if one.name == name else one for one in job.stages]
    chunks = job.chunks
    if name == "transcribe":
        chunks = schema.Amount(done=max(chunks.done, int(done)), total=int(total))
    elif name == "separate" and not chunks.total:
        chunks = schema.Amount(done=0, total=int(total))
    fraction = max(job.fraction, _fraction(stages))
    return replace(
        job, stages=stages, chunks=chunks, fraction=fraction, seconds_left=_seconds_left(job, fraction)
    )


def _advance_stage(stage: schema.Stage, done: float, total: float, detail: str) -> schema.Stage:
    part = done / total if total > 0 else 1.0
    before = stage.done / stage.total if stage.total > 0 and stage.state != "waiting" else -1.0
    if part < before:
        return stage
    state: schema.StageState = "done" if part >= 1.0 else "running"
    return schema.Stage(name=stage.name, done=done, total=total, detail=detail[:200], state=state)


def _fraction(stages: Sequence[schema.Stage]) -> float:
    whole = sum(_SHARES.get(stage.name, 5.0) for stage in stages) or 1.0
    made = sum(
        _SHARES.get(stage.name, 5.0) * (min(1.0, stage.done / stage.total) if stage.total > 0 else 1.0)
        for stage in stages
    )
    return round(MAX_RUNNING_FRACTION * made / whole, 4)


def _seconds_left(job: schema.Job, fraction: float) -> float | None:
    if job.started is None or fraction < _SOON:
        return None
    return round(max(0.0, time.time() - job.started) * (1 - fraction) / fraction, 1)


def count_found(job: schema.Job, stage: str, lines: int, speakers: int) -> schema.Job:
    """Return the job with the lines and speakers of a progress event counted."""
    counts = job.lines
    if stage == "lines":
        counts = replace(counts, found=max(counts.found, lines))
    elif stage == "translate":
        counts = replace(counts, translated=min(counts.found, counts.translated + lines))
    elif stage == "voice":
        counts = replace(counts, voiced=min(counts.found, counts.voiced + lines))
    return replace(job, lines=counts, speakers=max(job.speakers, speakers))


def move_place(job: schema.Job, stage: str, placement: Mapping[str, Any]) -> schema.Job:
    """Return the job after a part of a stage began or ended on a process or machine."""
    name, part = _PART_OF.get(stage, stage), str(placement["part"])
    places = [one for one in job.places if (one.stage, one.part) != (name, part)]
    if placement["running"]:
        places.append(schema.Place(stage=name, part=part, place=str(placement["place"])))
    return replace(job, places=places[-MOST_PLACES:])


def add_cost(job: schema.Job, cost: Mapping[str, Any] | None) -> schema.Job:
    """Return the job with the cost of its remote engines so far."""
    return job if cost is None else replace(job, cost=msgspec.convert(cost, schema.Cost))


def progress_key(job: schema.Job) -> tuple[int, str, int, int]:
    """Return the values that must change before another event is sent."""
    running = ",".join(f"{stage.name}{stage.state[0]}" for stage in job.stages)
    # Lines change hands several times a second, and are told with the count of lines.
    running += ",".join(f"{one.stage}{one.part}{one.place}" for one in job.places if one.stage in _CHUNKED)
    return int(job.fraction * 100), running, job.lines.found, job.lines.voiced


def finish_job(job: schema.Job, result: schema.JobResult, notes: Sequence[str]) -> schema.Job:
    """Return the job as done, its files being on the disk."""
    stages = [
        schema.Stage(name=one.name, done=one.total, total=one.total, detail=one.detail, state="done")
        for one in job.stages
    ]
    return replace(
        job,
        state="done",
        finished=time.time(),
        fraction=1.0,
        stages=stages,
        seconds_left=0.0,
        places=[],
        notes=list(notes),
        result=result,
        error=None,
    )
