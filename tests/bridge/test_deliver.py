"""The deliveries that the pipeline asks for."""

from __future__ import annotations

import argparse
from importlib.metadata import entry_points

import pytest

from rythmo import settings_file
from rythmo.cli import subtitle_flags
from rythmo.errors import CancelledError, UsageError
from rythmo.progress import CancelToken
from rythmo.settings import SubtitleSettings
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import format_by_path, formats


def test_core_finds_the_bridge_by_entry_points():
    (entry,) = entry_points(group="rythmo.deliver", name="bridge")
    assert entry.load() is deliver
    assert entry_points(group="rythmo.subtitles")["read"].load().__name__ == "read_file"


def test_unknown_formats_are_named_and_nothing_is_written(dub):
    with pytest.raises(UsageError, match="'nonsense'") as caught:
        deliver(dub.folder, dub.script, ["otio", "nonsense"], source=None)
    assert "otio" in caught.value.hint
    assert not (dub.folder / "deliver").exists()


def test_both_languages_of_subtitles(dub):
    made = deliver(dub.folder, dub.script, ["srt"], source=None)
    assert [path.name for path in made] == ["Scene.es.srt", "Scene.en.srt"]
    assert "línea 0" in made[0].read_text()
    assert "line 0" in made[1].read_text()


def test_progress_and_cancel(dub):
    seen = []
    deliver(dub.folder, dub.script, ["otio", "srt"], source=None, report=seen.append)
    assert [(p.done, p.total, p.detail) for p in seen] == [(0, 2, "otio"), (1, 2, "srt"), (2, 2, "")]
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        deliver(dub.folder, dub.script, ["otio"], source=None, cancel=token)


def test_a_film_without_picture_is_no_file(dub):
    assert deliver(dub.folder, dub.script, ["mp4"], source=None) == ()


def test_formats_are_found_by_the_longest_suffix(tmp_path):
    assert format_by_path(tmp_path / "A.resolve.OTIO").name == "otio-resolve"
    assert format_by_path(tmp_path / "A.otio").name == "otio"
    with pytest.raises(UsageError, match="does not know the format"):
        format_by_path(tmp_path / "A.docx")
    assert list(formats()) == sorted(formats())


def test_subtitles_follow_the_settings(dub):
    norms = SubtitleSettings(speaker_labels=True)
    (path, _) = deliver(dub.folder, dub.script, ["srt"], source=dub.source, subtitles=norms)
    assert "ANA: línea 0" in path.read_text(encoding="utf-8")
    (path, _) = deliver(dub.folder, dub.script, ["srt"], source=dub.source)
    assert "ANA" not in path.read_text(encoding="utf-8")


def test_the_command_line_names_norms():
    parser = argparse.ArgumentParser()
    subtitle_flags.add_flags(parser)
    told = parser.parse_args(["--subtitles", "speaker-labels,line_width=37", "--subtitles", "gap_frames=3"])
    changes = subtitle_flags.read_flags(told)
    assert settings_file.resolve_settings(flags={"subtitles": changes}).subtitles == SubtitleSettings(
        speaker_labels=True, line_width=37, gap_frames=3
    )
    with pytest.raises(UsageError, match="knows no 'colour'"):
        subtitle_flags.read_flags(parser.parse_args(["--subtitles", "colour=red"]))
