"""A dub through the service is prepared as on the command line: project's settings, timeline's settings."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import opentimelineio as otio
import pytest


@pytest.fixture
def cut(service, film, media):
    """A timeline whose media moved: only `timeline.media_dirs` finds it."""
    rushes = media / "rushes" / "day 1"
    rushes.mkdir(parents=True)
    shutil.copy(film, rushes / "moved.mp4")
    whole = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(100, 25))
    timeline = otio.schema.Timeline("cut")
    for kind in (otio.schema.TrackKind.Video, otio.schema.TrackKind.Audio):
        reference = otio.schema.ExternalReference("/nowhere/moved.mp4", whole)
        track = otio.schema.Track(kind, kind=kind)
        track.append(otio.schema.Clip("moved", reference, whole))
        timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(media / "cut.otio"))
    return media / "cut.otio", rushes


def dub(service, source: Path, **asked):
    body = {"source": str(source), "target_language": "es", "source_language": "en", "formats": ["srt"]}
    return service.until(service.call("POST", "/jobs", {**body, **asked})["id"])


def test_media_dirs_of_a_request_find_the_timelines_media(service, cut):
    path, rushes = cut
    job = dub(service, path, settings={"timeline": {"media_dirs": [str(rushes.parent)]}})
    assert job["state"] == "done", job["error"]
    assert any("Found elsewhere" in note and "moved.mp4" in note for note in job["notes"])


def test_a_later_dub_keeps_what_the_project_was_dubbed_with(service, media):
    first = dub(service, media / "toy.mp4", settings={"mix": {"loudness": "r128"}})
    root = Path(service.call("GET", f"/projects/{first['project']}")["root"])
    assert dub(service, media / "toy.mp4")["state"] == "done"
    assert tomllib.loads((root / "settings.toml").read_text())["mix"]["loudness"] == "r128"
