"""Faces and lips of a finished dub over the API: what they would take, what was made, and their jobs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.counts import format_count
from rythmo.dubbing.costs import money
from rythmo.dubbing.estimate import engine_seconds
from rythmo.dubbing.lip_estimate import LipEstimate, estimate_lips
from rythmo.engines import registry
from rythmo.engines.base import EngineSpec, Kind
from rythmo.lips.lip_map import LipClip, LipMap
from rythmo.script.model import Script
from rythmo.settings import Settings
from rythmo.stages.faces import load_faces
from rythmo.stages.lips import load_lips
from rythmo.timebase import frames_to_samples
from rythmo_plugin.service import schema
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.projects import OpenProject, Projects
from rythmo_plugin.service.queue import JobQueue
from rythmo_plugin.service.views import LIPS, Views


class PictureJobs:
    """Shows what was made of a project's picture, and queues more."""

    def __init__(self, projects: Projects, queue: JobQueue, views: Views) -> None:
        self._projects = projects
        self._queue = queue
        self._views = views

    def look(self, project: str) -> schema.PictureFacts:
        """Return the engines, whether faces were looked for, and the lips that were made."""
        open_ = self._projects.get(project)
        script, chosen = open_.look()[0], project_settings(open_)
        made = load_lips(open_.project)
        return schema.PictureFacts(
            faces=load_faces(open_.project) is not None,
            tracker=_find_tracker(chosen),
            lip_engines=[_view_engine(spec, chosen) for spec in registry.installed()[Kind.LIP_SYNC]],
            chosen=_find_chosen(made, chosen),
            burn=chosen.lips.burn,
            made=made.engine if made else None,
            draft=made.draft if made else False,
            clips=[self._view_clip(open_, clip, made) for clip in made.clips] if made else [],
            kept=_list_kept(made, script) if made else [],
        )

    def plan_faces(self, project: str) -> schema.FacePlan:
        """Return what looking for faces would take."""
        open_ = self._projects.get(project)
        script, chosen = open_.look()[0], project_settings(open_)
        tracker = _find_tracker(chosen)
        length = script.programme.length / script.programme.sample_rate
        seconds = engine_seconds(Kind.FACE_TRACKER, tracker.name, length) if tracker else None
        return schema.FacePlan(tracker=tracker, work_seconds=seconds)

    def find_faces(self, project: str) -> schema.Job:
        """Queue a look for faces. Raises ApiError (409) for a programme without a picture."""
        open_ = self._require_picture(project)
        return self._queue.submit(new_job("faces", project=open_.id))

    def plan_lips(self, project: str, asked: schema.LipsAsked) -> schema.LipPlan:
        """Return which lines would get lips, what that takes, and why the others keep theirs."""
        open_ = self._projects.get(project)
        script, chosen = open_.look()[0], _choose_engine(open_, asked)
        spec = registry.find(Kind.LIP_SYNC, asked.engine)
        found = estimate_lips(script, chosen, only=asked.lines or ())
        stage, lacking = found.stage, _describe_missing(spec, chosen)
        names = {one.id: one.name for one in script.speakers}
        return schema.LipPlan(
            lines=found.lines,
            seconds=round(found.seconds, 1),
            currency=found.found.currency,
            price=_read_price(found),
            work_seconds=stage.seconds if stage else 0.0,
            local=spec.info.local,
            sends=spec.info.sends,
            draft=spec.info.is_draft(),
            missing=lacking,
            faces=load_faces(open_.project) is not None,
            consent=[
                schema.LacksConsent(speaker=one, name=names.get(one, one), why=why)
                for one, why in found.consent.items()
            ],
            left=_group_left(found),
        )

    def make_lips(self, project: str, asked: schema.LipsAsked) -> schema.Job:
        """Queue lips. Raises ApiError (409) without faces, and for a price nobody agreed to (`price`)."""
        open_ = self._require_picture(project)
        chosen = _choose_engine(open_, asked)
        spec = registry.choose(Kind.LIP_SYNC, asked.engine, settings=chosen.options)
        if load_faces(open_.project) is None:
            raise ApiError(409, "state", "Nobody has looked for faces yet.", hint="Look for faces first.")
        found = estimate_lips(open_.look()[0], chosen, only=asked.lines or ())
        if not spec.info.local and not asked.send:
            raise ApiError(
                409, "price", _describe_price(spec, found), hint="Nothing was sent yet. Agree with `send`."
            )
        return self._queue.submit(
            new_job(
                "lips",
                project=open_.id,
                lines=asked.lines or None,
                engines={"lipsync": asked.engine},
                settings={"lips": {"make": True, "burn": asked.burn}},
            )
        )

    def _require_picture(self, project: str) -> OpenProject:
        open_ = self._projects.get(project)
        if open_.look()[0].programme.frame_rate is None:
            raise ApiError(409, "state", "This programme has no picture.", hint="Lips need a film.")
        return open_

    def _view_clip(self, open_: OpenProject, clip: LipClip, made: LipMap) -> schema.LipClipFacts:
        rate = Fraction(made.rate)
        return schema.LipClipFacts(
            lines=list(clip.lines),
            shot=clip.shot + 1,
            start=frames_to_samples(clip.first, rate),
            end=frames_to_samples(clip.last, rate),
            lead=float(clip.head / rate),
            url=self._views.media(open_.id, f"{LIPS}{clip.name}", open_.project.file(clip.file)),
        )


def find_clip_file(open_: OpenProject, name: str) -> Path | None:
    """Return the file of the clip of that name; None where there is no such clip."""
    made = load_lips(open_.project)
    found = next((clip for clip in made.clips if clip.name == name), None) if made else None
    return open_.project.file(found.file) if found else None


def _choose_engine(open_: OpenProject, asked: schema.LipsAsked) -> Settings:
    """Return the project's settings with the engine. Raises UnknownEngineError."""
    registry.find(Kind.LIP_SYNC, asked.engine)
    chosen = project_settings(open_)
    return replace(chosen, engines=replace(chosen.engines, lipsync=asked.engine))


def _find_tracker(chosen: Settings) -> schema.PictureEngine | None:
    found = [_view_engine(spec, chosen) for spec in registry.installed()[Kind.FACE_TRACKER]]
    return next((one for one in found if one.ready), next(iter(found), None))


def _find_chosen(made: LipMap | None, chosen: Settings) -> str:
    if chosen.engines.lipsync != registry.AUTO:
        return chosen.engines.lipsync
    return made.engine.split(" ")[0] if made else ""


def _view_engine(spec: EngineSpec, chosen: Settings) -> schema.PictureEngine:
    info = spec.info
    lacking = registry.missing(spec, registry.options_of(chosen.options, info.kind, info.name))
    return schema.PictureEngine(
        name=info.name,
        summary=info.summary,
        draft=info.is_draft(),
        local=info.local,
        sends=info.sends,
        ready=not lacking,
        command=next((part.command for part in lacking), ""),
    )


def _describe_missing(spec: EngineSpec, chosen: Settings) -> str:
    lacking = registry.missing(spec, registry.options_of(chosen.options, spec.info.kind, spec.info.name))
    return ", ".join(part.what for part in lacking)


def _read_price(found: LipEstimate) -> float | None:
    if found.stage is None:
        return 0.0
    amount = found.stage.most_amount
    return None if amount is None else round(float(amount), 4)


def _describe_price(spec: EngineSpec, found: LipEstimate) -> str:
    amount = found.stage.most_amount if found.stage else None
    lines = format_count(found.lines, "line")
    price = "its price is not known" if amount is None else f"about {money(amount)} {found.found.currency}"
    return f"{spec.info.name} is a service and gets the faces of {lines}: {price}."


def _group_left(found: LipEstimate) -> list[schema.LipsLeft]:
    groups: dict[str, list[str]] = {}
    for line, reason in found.skipped.items():
        groups.setdefault(reason.value, []).append(line)
    return [schema.LipsLeft(reason=reason, lines=lines) for reason, lines in groups.items()]


def _list_kept(made: LipMap, script: Script) -> list[schema.KeptLips]:
    rate, known = float(Fraction(made.rate)), {line.id for line in script.lines}
    return [
        schema.KeptLips(
            line=one.line,
            reason=f"{one.reason.value} ({one.detail})" if one.detail else one.reason.value,
            seconds=round((one.last - one.first) / rate, 1),
        )
        for one in made.skipped
        if one.line in known
    ]
