"""Routes of deliveries, the quality report, and conforming to an edited timeline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from rythmo import settings_file
from rythmo.dubbing.job import check_settings, require_watermark
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.mix.turnover import FOLDER as TURNOVER
from rythmo.mix.turnover import check_turnover
from rythmo.provenance.record import read_record
from rythmo.settings import Settings
from rythmo_bridge.conform.review import read_edit
from rythmo_bridge.formats.registry import formats
from rythmo_plugin.service import schema
from rythmo_plugin.service.allowed_paths import resolve_within
from rythmo_plugin.service.api_errors import ApiError
from rythmo_plugin.service.delivery_views import view_choices, view_plan
from rythmo_plugin.service.file_manager import reveal_file
from rythmo_plugin.service.job_settings import project_settings
from rythmo_plugin.service.job_states import new_job
from rythmo_plugin.service.projects import OpenProject
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_QC_PAGE = "qc/report.html"
_CHANGEABLE = {"provenance": {"sign", "disclosure"}, "engines": {"watermark"}}
"""Stages of which a delivery changes only some settings: never the certificate, nor who speaks."""


@ROUTES.add("GET", "/projects/{project}/qc", "The quality report", gives=dict[str, Any])
def qc(services: Services, call: Call) -> dict[str, Any]:
    """Return `qc/report.json` and, as `html`, the signed address of the report's page."""
    open_ = services.projects.get(call.id("project"))
    try:
        report = msgspec.json.decode((open_.root / "qc" / "report.json").read_bytes(), type=dict[str, Any])
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise ApiError(
            404, "not-found", "There is no quality report yet.", hint='Begin a job of the kind "qc".'
        ) from error
    page = open_.root / _QC_PAGE
    return {**report, "html": services.views.media(open_.id, _QC_PAGE, page) if page.is_file() else None}


@ROUTES.add("GET", "/projects/{project}/deliveries", "The delivered files", gives=list[schema.DeliveryFacts])
def deliveries(services: Services, call: Call) -> list[schema.DeliveryFacts]:
    """Return the delivered files. Files written before the last edit are stale."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    edited, own = open_.edited, script.target_language
    record = read_record(open_.root, script)
    signed = set(record.inside) if record else set()
    return [
        schema.DeliveryFacts(
            format=name,
            name=path.name,
            path=str(path),
            size=path.stat().st_size,
            url=services.views.media(open_.id, path.relative_to(open_.root).as_posix(), path),
            language=_language(path, (script.source_language, own)) or own,
            stale=path.stat().st_mtime < edited,
            signed=path.relative_to(open_.root).as_posix() in signed,
        )
        for path in _files(open_)
        if (name := _format_of(path)) is not None
    ]


def _files(open_: OpenProject) -> list[Path]:
    """Return all delivered files except the sound that timelines refer to."""
    folder = open_.root / "deliver"
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "media"]


def _format_of(path: Path) -> str | None:
    if path.parent.name == TURNOVER and path.suffix == ".wav":
        return TURNOVER
    fitting = [form for form in formats().values() if form.write and path.name.endswith(form.suffix)]
    return max(fitting, key=lambda form: len(form.suffix)).name if fitting else None


def _language(path: Path, known: tuple[str, ...]) -> str | None:
    return next((one for one in known if one in path.name.split(".")[-3:]), None)


@ROUTES.add(
    "POST",
    "/projects/{project}/deliver",
    "Deliver in these formats",
    body=schema.DeliverAsked,
    gives=schema.Job,
    status=201,
)
def deliver(services: Services, call: Call) -> schema.Job:
    """Queue a delivery. Changes are mixed first. The settings stay with the project."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.DeliverAsked = call.body
    _resolve_delivery(open_, asked)
    keep_settings(open_.project, _flags(open_, asked))
    return services.queue.submit(new_job("deliver", project=open_.id, formats=asked.formats))


@ROUTES.add(
    "GET",
    "/projects/{project}/deliver",
    "How deliveries are mixed, subtitled and handed over",
    gives=schema.DeliveryChoices,
)
def delivery_choices(services: Services, call: Call) -> schema.DeliveryChoices:
    """Return the settings of the project's deliveries in force."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    return view_choices(project_settings(open_), read_record(open_.root, script), script.target_language)


@ROUTES.add(
    "POST",
    "/projects/{project}/deliver/plan",
    "What a delivery would hold",
    body=schema.DeliverAsked,
    gives=schema.DeliveryPlan,
)
def plan_delivery(services: Services, call: Call) -> schema.DeliveryPlan:
    """Return the names of the files that a delivery would write. Nothing is written."""
    open_ = services.projects.get(call.id("project"))
    script, _ = open_.look()
    return view_plan(script, call.body.formats, _resolve_delivery(open_, call.body))


def _flags(open_: OpenProject, asked: schema.DeliverAsked) -> dict[str, dict[str, Any]]:
    """Return the settings as flags. Raises ApiError for one that is not a delivery's to change."""
    flags: dict[str, dict[str, Any]] = {str(stage): dict(values) for stage, values in asked.settings.items()}
    for stage, known in _CHANGEABLE.items():
        if strange := sorted(set(flags.get(stage, {})) - known):
            raise ApiError(400, "usage", f"A delivery does not change {stage}.{strange[0]}.")
    if asked.disclosure_text is not None:
        language = open_.look()[0].target_language
        words = {
            **project_settings(open_).provenance.disclosure_text,
            language: asked.disclosure_text.strip(),
        }
        said = {name: text for name, text in words.items() if text}
        flags["provenance"] = {**flags.get("provenance", {}), "disclosure_text": said}
    return flags


def _resolve_delivery(open_: OpenProject, asked: schema.DeliverAsked) -> Settings:
    """Return the settings of a delivery. Raises UsageError when they make no sense for this programme, and
    EngineError for a watermark that is not there."""
    flags = {**_flags(open_, asked), "deliver": {"formats": ",".join(asked.formats)}}
    chosen = settings_file.resolve_settings(
        file=open_.root / "settings.toml", environment=os.environ, flags=flags, undecided="leave out"
    )
    check_settings(chosen)
    require_watermark(chosen, {})
    check_turnover(chosen.turnover, open_.look()[0].programme)
    return chosen


@ROUTES.add(
    "POST",
    "/projects/{project}/reveal",
    "Show a file in its folder",
    body=schema.RevealAsked,
    gives=schema.Done,
)
def reveal_delivery(services: Services, call: Call) -> schema.Done:
    """Show a file of the project in the file manager of this machine."""
    open_ = services.projects.get(call.id("project"))
    path = Path(call.body.path)
    relative = path.relative_to(open_.root) if path.is_relative_to(open_.root) else path
    found = open_.root if path == open_.root else resolve_within(open_.root, relative.as_posix())
    if not found.exists():
        raise ApiError(404, "not-found", "There is no such file.")
    reveal_file(found)
    return schema.Done()


@ROUTES.add(
    "POST",
    "/projects/{project}/conform",
    "Compare with an edited timeline",
    body=schema.ConformAsked,
    gives=schema.Planned,
)
def conform(services: Services, call: Call) -> schema.Planned:
    """Make a conform plan. Nothing is changed until it is applied."""
    open_ = services.projects.get(call.id("project"))
    asked: schema.ConformAsked = call.body
    edited = [services.uploads.path(upload) for upload in asked.uploads]
    if asked.path:
        edited.append(services.places.inside(asked.path))
    if not edited:
        raise ApiError(400, "malformed", "Name the edited timeline by `uploads` or `path`.")
    plan = services.plans.make(
        open_.id,
        open_.project,
        read_edit(open_.project, edited),
        partial=asked.partial,
        accept_missing=asked.accept_missing,
    )
    return schema.Planned(plan=plan)


@ROUTES.add(
    "POST",
    "/projects/{project}/conform/{plan}/apply",
    "Apply a conform plan",
    body=schema.ApplyAsked,
    gives=schema.Job,
    status=201,
)
def apply(services: Services, call: Call) -> schema.Job:
    """Apply a conform plan. Lines with a conflict are left unchanged. The conform can be undone."""
    project, plan, accept = call.id("project"), call.id("plan"), call.body.accept
    return services.editing.conform(
        project, lambda script: services.plans.script(project, plan, script, accept)
    )


@ROUTES.add("POST", "/projects/{project}/conform/undo", "Undo the last conform", gives=schema.Changed)
def undo_conform(services: Services, call: Call) -> schema.Changed:
    """Restore script, placed takes, stems and deliveries from before the last conform, byte for byte."""
    return services.editing.undo_conform(call.id("project"))
