"""Prepare a dub: turn a request into checked settings.

The command line, the service and the hosts all use this, so that the same request means the same dub.
Settings come from the project's own settings.toml, then the environment, then the flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rythmo import settings as settings_file
from rythmo.dubbing.job import Job, OpenedProject, check_settings, open_project
from rythmo.media.probe import MediaInfo
from rythmo.project.workspace import Project
from rythmo.settings import Changes, Settings
from rythmo.stages import ingest


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dub that is ready to start: its job, settings, probed source and opened project."""

    job: Job
    settings: Settings
    source: MediaInfo
    opened: OpenedProject

    @property
    def project(self) -> Project:
        """The project that the dub makes or continues."""
        return self.opened.project


def prepare(job: Job, flags: Changes, environment: Mapping[str, str]) -> Prepared:
    """Resolve the settings of a dub and probe its source. Writes nothing.

    Args:
        job: What to dub.
        flags: Values by stage and field from the command line or a request; None changes nothing.
        environment: Variables such as RYTHMO_FIT_HARD_SPEED.

    Raises:
        UsageError: A setting that does not exist.
        InputError: A source that cannot be dubbed, or a folder that holds another dub of that name.
    """
    opened = open_project(job)
    settings = settings_file.resolve_settings(file=opened.settings_file, environment=environment, flags=flags)
    check_settings(settings)
    source = ingest.probe_source(job.source, settings.timeline)
    return Prepared(job, settings, source, opened)
