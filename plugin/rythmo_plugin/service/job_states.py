"""The kinds and states of jobs: make a new job, or the failed state of one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from rythmo_plugin.service import schema

LANES: Mapping[str, tuple[schema.JobKind, ...]] = {
    "heavy": ("dub", "language", "faces", "lips"),
    "take": ("take", "audition", "propose"),
    "light": ("remake", "deliver", "conform", "qc", "picture", "cast", "send"),
    "fetch": ("models",),
}
"""The kinds of jobs that each lane does."""

OPEN = ("queued", "running")
"""The states of a job that is not over."""


def new_job(
    kind: schema.JobKind, *, project: str | None = None, priority: int = 0, **spec: Any
) -> schema.Job:
    """Make a queued job that is not stored yet."""
    return schema.Job(
        id=secrets.token_hex(8),
        kind=kind,
        state="queued",
        project=project,
        created=time.time(),
        priority=priority,
        spec={name: value for name, value in spec.items() if value is not None},
    )


def fail_job(job: schema.Job, message: str, hint: str) -> schema.Job:
    """Return the job in its failed state, with what went wrong and what to do."""
    problem = schema.Problem(message=message, hint=hint)
    return replace(job, state="failed", finished=time.time(), seconds_left=None, error=problem)
