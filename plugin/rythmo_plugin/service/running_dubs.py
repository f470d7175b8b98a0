"""The programme of a dub under way: what a page can show and play before the project can be opened."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rythmo import hooks
from rythmo.errors import RythmoError
from rythmo.project.workspace import Project
from rythmo.script.model import Programme
from rythmo.stages.ingest import programme_of
from rythmo_plugin.service import picture_proxy, schema
from rythmo_plugin.service.allowed_paths import resolve_within
from rythmo_plugin.service.views import PICTURE, Views, view_programme

_PLAYED = ("takes/", "cache/ingest/")


def view_running_programme(
    views: Views, project: str, source: Path, folder: Project | None
) -> schema.JobProgramme:
    """Return what is known of a film or timeline that is being dubbed into `folder`, if that is made yet.

    A timeline's programme is known once its sound was rendered.
    """
    info = picture_proxy.probe_source(source)
    programme = _find_programme(source, folder)
    picture = None
    if info is not None and info.video is not None:
        playable = picture_proxy.is_playable(info)
        url = views.media(project, PICTURE, source) if playable else None
        picture = schema.Picture(url=url, codec=info.video.codec, playable=playable)
    return schema.JobProgramme(
        programme=view_programme(programme, info) if programme else None,
        original=views.original(project, folder) if folder else schema.Sound(url=None, peaks=None),
        picture=picture,
    )


def _find_programme(source: Path, folder: Project | None) -> Programme | None:
    with suppress(RythmoError):
        if (info := picture_proxy.probe_source(source)) is not None:
            return programme_of(info)
        timeline = hooks.reopen_timeline(folder.home) if folder else None
        return timeline.programme if timeline else None
    return None


def find_running_media(folder: Project | None, source: Path | None, name: str) -> Path | None:
    """Return the file of a media address of a running dub; None for what only its project can tell."""
    if name == PICTURE and source is not None:
        info = picture_proxy.probe_source(source)
        return source if info is not None and picture_proxy.is_playable(info) else None
    if folder is None or not name.startswith(_PLAYED):
        return None
    return resolve_within(folder.home if name.startswith("cache/") else folder.root, name)
