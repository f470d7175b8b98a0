"""`rythmo lips`: what it shows, and what it says where there is nothing to work on."""

from __future__ import annotations

from rythmo.files import write_atomically
from rythmo.lips.lip_map import LipClip, LipMap, LipPart
from rythmo.lips.units import LipSkip, LipUnit, SkippedFrames
from rythmo.script import store
from rythmo.stages.lips import FILE


def test_nothing_was_made_yet(call, project) -> None:
    code, said = call("lips", project, "--show")
    assert (code, said["lines"], said["clips"]) == (0, [], [])


def test_without_faces_nothing_is_made_and_the_way_is_told(call, project, capsys, calls) -> None:
    assert call("lips", project, "--lips", "auto")[0] == 0
    assert calls.moved == []
    assert call("lips", project, "--line", "nobody")[0] == 1


def test_what_was_made_is_shown_line_by_line(call, project) -> None:
    script = project.load()
    one, two = script.lines[:2]
    unit = LipUnit(one.id, one.speaker, "F1", 1, 2, 24, 72)
    clip = LipClip(
        f"{one.id}_shot003", f"lips/{one.id}_shot003.mov", 2, 24, 72, 5, 5, (LipPart(unit, "0" * 32, 64),)
    )
    skipped = (SkippedFrames(two.id, LipSkip.NO_CONSENT, 80, 104),)
    found = LipMap("own-mouths 1", True, str(script.programme.rate), (clip,), skipped)
    write_atomically(project.root / FILE, store.encode_json(found))
    code, said = call("lips", project, "--show")
    assert code == 0
    told = {line["id"]: line["lips"] for line in said["lines"]}
    assert told[one.id] == "2.0 s"
    assert told[two.id] == "no consent for the face 1.0 s"
    assert (said["clips"][0]["shot"], said["clips"][0]["lines"]) == (3, [one.id])
