"""`rythmo convert`: from every readable format to every writable one, without moving anything."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rythmo.cli.app import main
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import formats, read_timeline, timeline_suffixes
from rythmo_bridge.timeline import Item, Kind, Level, Marker, Media, Timeline, Track, Transition

IN = ["otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "fcpxml-resolve", "aaf"]
OUT = [name for name in IN if name != "fcpxml-resolve"]


def _frames(timeline) -> dict[str, tuple[int, int]]:
    """First frame and line of every take."""
    return {
        item.line: (timeline.frame(item.start), timeline.start_frame)
        for _, item in timeline.items()
        if item.line
    }


@pytest.mark.parametrize("out", OUT)
@pytest.mark.parametrize("name", IN)
def test_every_line_stays_where_it_is(dub, tmp_path, name, out):
    (source,) = deliver(dub.folder, dub.script, [name], source=dub.source)
    target = tmp_path / f"converted{formats()[out].suffix}"
    assert main(["convert", str(source), str(target), "--to", out]) == 0
    before, after = read_timeline(source), read_timeline(target)
    assert after.frame_rate == before.frame_rate
    assert len(_frames(before)) == len(dub.script.lines)
    wanted, found = _frames(before), _frames(after)
    assert found.keys() == wanted.keys()
    # From samples to frames a start goes to the frame before it, or rounds where no file can carry the rest.
    assert all(0 <= wanted[line][0] - found[line][0] <= 1 for line in wanted)
    assert {start for _, start in found.values()} == {start for _, start in wanted.values()}
    names = [track.name for track in before.tracks if track.items]
    if "fcpxml" not in {name, out}:
        assert [track.name for track in after.tracks if track.items] == names


def test_what_is_exact_stays_exact(dub, tmp_path):
    (source,) = deliver(dub.folder, dub.script, ["otio"], source=dub.source)
    assert main(["convert", str(source), str(tmp_path / "a.aaf")]) == 0
    assert main(["convert", str(tmp_path / "a.aaf"), str(tmp_path / "b.otio")]) == 0
    found = {item.line: item.start for _, item in read_timeline(tmp_path / "b.otio").items() if item.line}
    assert found == {line.id: line.placement.start for line in dub.script.lines}


def test_mistakes_are_told_in_one_line(dub, tmp_path, capsys):
    (source,) = deliver(dub.folder, dub.script, ["otio"], source=dub.source)
    assert main(["convert", str(source), str(tmp_path / "a.doc")]) == 2
    assert main(["convert", str(source), str(tmp_path / "a.srt")]) == 2
    assert main(["convert", str(source), str(source)]) == 2
    assert main(["convert", str(tmp_path / "none.otio"), str(tmp_path / "a.xml")]) == 1
    assert main(["convert", str(source), str(tmp_path / "a.xml"), "--rate", "25"]) == 2
    told = capsys.readouterr().err
    assert told.count("rythmo: ") == 5
    assert "Traceback" not in told


def test_an_edl_says_that_its_rate_was_inferred(tmp_path, capsys):
    events = "001 AX A C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n"
    (tmp_path / "a.edl").write_text(f"TITLE: x\nFCM: NON-DROP FRAME\n{events}")
    assert main(["convert", str(tmp_path / "a.edl"), str(tmp_path / "a.otio")]) == 0
    assert "24.000 was inferred" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "a.edl"), str(tmp_path / "b.otio"), "--rate", "25"]) == 0
    assert "inferred" not in capsys.readouterr().err
    assert read_timeline(tmp_path / "b.otio").start_frame == 90_000


def test_what_a_format_loses_is_told(tmp_path, capsys):
    media = Media("m", "a.wav", tmp_path / "a.wav", 480_000, 0, 1, 48_000)
    levels = (Level(0, -3.0), Level(4_800, 0.0))
    clip = Item("a", 0, 96_000, "m", fade_in=4_800, gain_db=-2.0, levels=levels, markers=(Marker(0, "m"),))
    fast = Item("b", 96_000, 96_000, "m", speed=Fraction(2))
    over = (Transition(91_200, 9_600),)
    track = Track("A1", Kind.AUDIO, items=(clip, fast), transitions=over)
    cut = Timeline("d", Fraction(25), 192_000, tracks=(track,), media={"m": media}, markers=(Marker(0, "t"),))
    formats()["otio"].write(cut, tmp_path / "a.otio")

    def told(name: str) -> str:
        assert main(["convert", str(tmp_path / "a.otio"), str(tmp_path / name)]) == 0
        return capsys.readouterr().err

    assert not told("b.otio")
    assert not told("b.xml")
    lost = told("b.mlt")
    for each in ("1 transition becomes", "1 clip loses its change of speed", "keyframed", "fades"):
        assert each in lost
    assert "gain in" in lost
    assert "1 marker of clips is lost" in lost
    lost = told("b.edl")
    assert "1 clip loses its gain in edl." in lost
    assert "1 marker of the timeline is lost in edl." in lost


def test_every_kind_of_timeline_is_recognised_by_its_suffix():
    assert timeline_suffixes() >= {".aaf", ".edl", ".xml", ".fcpxml", ".fcpxmld", ".otio", ".otioz"}
