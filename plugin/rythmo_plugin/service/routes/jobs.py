"""Routes of jobs: begin, watch, cancel, retry, estimate."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from rythmo import languages
from rythmo.cli.estimate import as_data
from rythmo.dubbing import estimate
from rythmo.dubbing.job import check_settings, is_track
from rythmo.stages import ingest
from rythmo.timebase import SAMPLE_RATE
from rythmo_plugin.service import example, schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.job_results import predict_project
from rythmo_plugin.service.job_settings import collect_flags, resolve_flags
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()


@ROUTES.add("GET", "/jobs", "All jobs, newest first", gives=list[schema.Job])
def jobs(services: Services, call: Call) -> list[schema.Job]:
    """Return all jobs."""
    return services.queue.all()


@ROUTES.add("POST", "/jobs", "Begin a job", body=schema.JobAsked, gives=schema.Job, status=201)
def begin(services: Services, call: Call) -> schema.Job:
    """Check a job as far as possible, then queue it."""
    asked: schema.JobAsked = call.body
    return queue_dub(services, asked) if asked.kind == "dub" else _queue_on_project(services, asked)


def queue_dub(services: Services, asked: schema.JobAsked) -> schema.Job:
    """Queue a dub. Raises ApiError, or core's error for media that cannot be dubbed."""
    if not asked.source or not asked.target_language:
        raise ApiError(400, "malformed", "A dub needs `source` and `target_language`.")
    check_settings(resolve_flags(collect_flags(asked)))
    out = services.places.inside(asked.out) if asked.out else None
    if asked.source == example.SOURCE:
        source = example.require_example()
        asked = msgspec.structs.replace(asked, source_language=asked.source_language or example.LANGUAGE)
        out = out or services.places.out()
    else:
        source = services.places.file(asked.source or "")
        # Beside the film, or in the default folder if its folder is read-only, like a camera's card.
        out = out or (source.parent if os.access(source.parent, os.W_OK) else services.places.out())
    for path in (asked.script, asked.translation):
        if path and not is_track(path):
            services.places.file(path)
    target = languages.parse_language(asked.target_language or "")
    spec = _spec(asked)
    spec |= {"target_language": target, "out": str(out)}
    if asked.source != example.SOURCE:
        spec["source"] = str(source)
    if asked.source_language:
        spec["source_language"] = languages.parse_language(asked.source_language)
    project = predict_project(Path(source), out, target)
    return services.queue.submit(
        new_job("dub", project=project, priority=asked.priority, **spec), key=asked.key
    )


def _queue_on_project(services: Services, asked: schema.JobAsked) -> schema.Job:
    if asked.kind in ("audition", "propose", "cast"):
        raise ApiError(400, "malformed", "Casting has routes of its own.", hint="POST .../auditions.")
    if asked.kind == "models":
        raise ApiError(400, "malformed", "Models are installed by another route.", hint="POST /models.")
    if not asked.project:
        raise ApiError(400, "malformed", f"A job of the kind {asked.kind} needs a `project`.")
    project = services.projects.get(asked.project)
    if asked.kind == "take":
        if not asked.line:
            raise ApiError(400, "malformed", "A take needs a `line`.")
        return services.editing.another_take(project.id, asked.line)
    if asked.kind == "conform":
        raise ApiError(400, "malformed", "A conform begins with its plan.", hint="POST .../conform first.")
    if asked.kind in ("faces", "lips"):
        raise ApiError(
            400,
            "malformed",
            f"A job of the kind {asked.kind} begins by another route.",
            hint=f"POST /projects/{{project}}/{asked.kind}.",
        )
    if asked.kind == "send":
        raise ApiError(400, "malformed", "A sending begins by another route.", hint="POST .../send.")
    check_settings(resolve_flags(collect_flags(asked)))
    project.look()
    job = new_job(asked.kind, project=project.id, priority=asked.priority, **_spec(asked))
    return services.queue.submit(job, key=asked.key)


def _spec(asked: schema.JobAsked) -> dict[str, Any]:
    """Return the request's fields that are set, except those that the job has itself."""
    return {
        name: value
        for name, value in msgspec.to_builtins(asked).items()
        if value is not None and name not in ("priority", "key", "kind", "project")
    }


@ROUTES.add("POST", "/estimate", "What a dub would take", body=schema.EstimateAsked, gives=schema.Estimate)
def estimate_dub(services: Services, call: Call) -> schema.Estimate:
    """Return the data of `rythmo estimate --json`, after a quick listen without any engine."""
    asked: schema.EstimateAsked = call.body
    chosen = resolve_flags(collect_flags(schema.JobAsked(engines=asked.engines, settings=asked.settings)))
    target = languages.parse_language(asked.target_language)
    source = languages.parse_language(asked.source_language) if asked.source_language else ""
    of_example = asked.source == example.SOURCE
    path = example.require_example() if of_example else services.places.file(asked.source)
    info = ingest.probe_source(path, chosen.timeline)
    if isinstance(info, ingest.TimelineInfo):
        amount = estimate.assume(info.duration / SAMPLE_RATE, target, source=source)
    else:
        amount = estimate.listen(info, target, source=source)
    found = as_data(estimate.estimate(amount, source, target, chosen))
    return msgspec.convert(found, schema.Estimate)


@ROUTES.add("GET", "/jobs/{job}", "One job", gives=schema.Job)
def job(services: Services, call: Call) -> schema.Job:
    """Return a job."""
    return services.queue.get(call.id("job"))


@ROUTES.add("GET", "/jobs/{job}/lines", "What a running dub has found so far", gives=schema.Pending)
def get_found(services: Services, call: Call) -> schema.Pending:
    """Return the lines found so far, for a page opened during a dub. Later lines come as events."""
    return services.work.pending(services.queue.get(call.id("job")))


@ROUTES.add("GET", "/jobs/{job}/programme", "The programme that a dub works on", gives=schema.JobProgramme)
def get_programme(services: Services, call: Call) -> schema.JobProgramme:
    """Return a job's programme: its picture, and its sound with a waveform as soon as it was read."""
    return services.work.programme(services.queue.get(call.id("job")))


@ROUTES.add("DELETE", "/jobs/{job}", "Stop a job", gives=schema.Job)
def stop(services: Services, call: Call) -> schema.Job:
    """Cancel a job. Its finished work is kept for the next try."""
    return services.queue.cancel(call.id("job"))


@ROUTES.add("POST", "/jobs/{job}/retry", "Try a job again", gives=schema.Job)
def retry(services: Services, call: Call) -> schema.Job:
    """Queue a job again. It resumes where it stopped."""
    return services.queue.retry(call.id("job"))


@ROUTES.add(
    "POST",
    "/jobs/{job}/priority",
    "Let a job begin earlier or later",
    body=schema.PriorityAsked,
    gives=schema.Job,
)
def priority(services: Services, call: Call) -> schema.Job:
    """Set a job's priority. The higher, the earlier it begins."""
    return services.queue.prioritise(call.id("job"), call.body.priority)
