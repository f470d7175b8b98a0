"""Prepare a dub: turn a request into checked settings.

The command line, the service and the hosts all use this, so that the same request means the same dub.
Settings come from the project's own settings.toml, then the environment, then the flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rythmo import settings_file
from rythmo.dubbing import further_language
from rythmo.dubbing.job import Job, check_settings, project_for, settings_of
from rythmo.media.media_info import MediaInfo
from rythmo.project.workspace import Project
from rythmo.settings import Changes, Settings
from rythmo.stages import ingest


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dub that is ready to start: its job, settings, probed source and project."""

    job: Job
    settings: Settings
    source: MediaInfo
    project: Project


def prepare_with(job: Job, settings: Settings) -> Prepared:
    """Probe the source of a dub, and find its project. Writes nothing. Raises UsageError, InputError."""
    check_settings(settings)
    source = ingest.probe_source(job.source, settings.timeline)
    return Prepared(job, settings, source, project_for(job, source))


def prepare(job: Job, flags: Changes, environment: Mapping[str, str]) -> Prepared:
    """Resolve the settings of a dub and probe its source. Writes nothing.

    Args:
        job: What to dub.
        flags: Values by stage and field from the command line or a request; None changes nothing.
        environment: Variables such as RYTHMO_FIT_HARD_SPEED.

    Raises:
        UsageError: A setting that does not exist, or one of the original, which is shared, for a further
            language.
        InputError: A source that cannot be dubbed, or a folder that holds another dub of that name.
    """
    settings = settings_file.resolve_settings(file=settings_of(job), environment=environment, flags=flags)
    prepared = prepare_with(job, settings)
    project = prepared.project
    if not further_language.is_further(project):
        return prepared
    first = further_language.resolve_shared_settings(project)
    settings = further_language.share_settings(settings, first, flags)
    if not project.exists() and not (flags.get("translate") or {}).get("glossary"):
        settings = further_language.drop_foreign_terms(settings)
    return replace(prepared, settings=settings)
