"""Timelines that come as bundles: OpenTimelineIO's zip and Final Cut's folder."""

from __future__ import annotations

import zipfile

import opentimelineio as otio
import pytest

from rythmo.cli.app import main
from rythmo.errors import TimelineError
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats import limits
from rythmo_bridge.formats.registry import read_timeline


def _lines(timeline) -> dict[str, int]:
    return {item.line: timeline.frame(item.start) for _, item in timeline.items() if item.line}


def test_a_bundle_that_opentimelineio_made_is_read(dub, tmp_path, monkeypatch):
    (source,) = deliver(dub.folder, dub.script, ["otio-premiere"], source=None)
    timeline = otio.adapters.read_from_file(str(source))
    bundle = tmp_path / "cut.otioz"
    otio.adapters.write_to_file(timeline, str(bundle), media_policy="MissingIfNotFile")
    assert any(name.startswith("media/") for name in zipfile.ZipFile(bundle).namelist())
    # What media it holds does not count: only the timeline is read.
    monkeypatch.setattr(limits, "MAX_BYTES", bundle.stat().st_size - 1)
    assert _lines(read_timeline(bundle)) == _lines(read_timeline(source))


def test_media_inside_a_bundle_is_heard_once_it_is_unpacked(dub, tmp_path, capsys):
    (source,) = deliver(dub.folder, dub.script, ["otio-premiere"], source=None)
    timeline = otio.adapters.read_from_file(str(source))
    bundle = tmp_path / "there" / "cut.otioz"
    bundle.parent.mkdir()
    for clip in timeline.find_clips():
        clip.media_reference.metadata.clear()
    otio.adapters.write_to_file(timeline, str(bundle), media_policy="MissingIfNotFile")
    assert main(["dub", str(bundle), "--to", "es", "--out", str(tmp_path / "out")]) == 1
    assert "unpack it" in capsys.readouterr().err
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(tmp_path / "unpacked")
    paths = [m.path for m in read_timeline(tmp_path / "unpacked" / "content.otio").media.values()]
    assert paths
    assert all(path.is_file() and path.is_relative_to(tmp_path / "unpacked") for path in paths)


def test_a_bundle_without_a_timeline_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.otioz", "w") as packed:
        packed.writestr("something.txt", "else")
    with pytest.raises(TimelineError, match="not an OpenTimelineIO bundle"):
        read_timeline(tmp_path / "a.otioz")


def test_final_cuts_folder_is_read_like_its_file(dub, tmp_path):
    (source,) = deliver(dub.folder, dub.script, ["fcpxml"], source=dub.source)
    folder = tmp_path / "cut.fcpxmld"
    folder.mkdir()
    (folder / "Info.fcpxml").write_bytes(source.read_bytes())
    assert _lines(read_timeline(folder)) == _lines(read_timeline(source))
    assert main(["convert", str(folder), str(tmp_path / "a.xml")]) == 0
    (folder / "Info.fcpxml").unlink()
    with pytest.raises(TimelineError, match=r"Info\.fcpxml"):
        read_timeline(folder)
