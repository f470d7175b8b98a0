"""The user's own translation on the lines of the original."""

import pytest

from rythmo.script.model import Line
from rythmo.script.subtitle_file import FileCue as Cue
from rythmo.stages import user_translation
from rythmo.timebase import SAMPLE_RATE


def spoken(line_id, start, end, speaker="S1"):
    return Line(line_id, speaker, start, end, text="x")


def test_translations_pair_by_time():
    lines = [spoken("S1_0001", 0, 1000), spoken("S1_0002", 1500, 3000)]
    cues = [Cue(50, 900, "uno"), Cue(1500, 2000, "dos"), Cue(2000, 2900, "tres"), Cue(9000, 9500, "nadie")]
    paired = user_translation.pair_translation(lines, cues, {"S1": "ANNA"})
    assert [line.translation for line in paired.lines] == ["uno", "dos tres"]
    assert [cue.text for cue in paired.unpaired] == ["nadie"]
    assert all("translation" in line.edited for line in paired.lines)


def test_names_decide_where_two_speak_at_once():
    lines = [spoken("S1_0001", 0, 1000), spoken("S2_0002", 200, 1000, "S2")]
    cues = [Cue(0, 1000, "a", "BEN"), Cue(0, 1000, "b", "Anna")]
    paired = user_translation.pair_translation(lines, cues, {"S1": "ANNA", "S2": "BEN"})
    assert [line.translation for line in paired.lines] == ["b", "a"]


def test_a_line_without_a_cue_is_flagged():
    paired = user_translation.pair_translation([spoken("S1_0001", 0, 1000)], [], {})
    assert [flag.code for flag in paired.lines[0].flags] == ["no-translation"]


SCENE = ((1.0, 3.63, "Good morning. The meeting starts."), (5.0, 7.58, "Who told you that?"),
         (9.5, 10.18, "Hm."), (11.0, 13.5, "Call Doctor Smith."), (15.5, 17.3, "I will do it."))  # fmt: skip
SAID = (
    "Buenos días. Empieza la reunión.",
    "¿Quién te lo ha dicho?",
    "Hm.",
    "Llama al doctor.",
    "Lo hago hoy.",
)


def at(seconds):
    return round(seconds * SAMPLE_RATE)


def scene():
    return [Line(f"S1_{n:04}", "S1", at(a), at(b), text=text) for n, (a, b, text) in enumerate(SCENE, 1)]


@pytest.mark.parametrize("late", [1.2, -0.8, 4.0])
def test_a_translation_that_is_late_as_a_whole_pairs_as_if_it_were_not(late):
    cues = [
        Cue(at(a + late), at(b + late), text) for (a, b, _), text in zip(SCENE, SAID, strict=True)
    ]  # fmt: skip
    paired = user_translation.pair_translation(scene(), cues, {})
    assert [line.translation for line in paired.lines] == list(SAID)
    assert paired.moved == pytest.approx(-at(late), abs=480)


def test_a_cue_over_two_lines_is_shared_out_by_its_sentences():
    cues = [
        Cue(at(1.0), at(7.58), f"{SAID[0]} {SAID[1]}", line=2),
        Cue(at(9.5), at(13.5), f"{SAID[2]} {SAID[3]}", line=6),
        Cue(at(15.5), at(17.3), SAID[4], line=10),
    ]
    paired = user_translation.pair_translation(scene(), cues, {})
    assert [line.translation for line in paired.lines] == list(SAID)
    assert (paired.shared, paired.moved) == (2, 0)


def test_a_cue_without_sentences_is_shared_out_by_its_rows():
    cues = [Cue(at(1.0), at(7.58), "hola que tal quien", shown="hola que tal\nquien", line=2)]
    paired = user_translation.pair_translation(scene()[:2], cues, {})
    assert [line.translation for line in paired.lines] == ["hola que tal", "quien"]


def test_cues_that_split_a_line_are_joined():
    cues = [Cue(at(5.0), at(6.0), "¿Quién te lo", line=2), Cue(at(6.0), at(7.58), "ha dicho?", line=5)]
    paired = user_translation.pair_translation(scene(), cues, {})
    assert paired.lines[1].translation == "¿Quién te lo ha dicho?"


def test_a_note_alone_leaves_its_line_silent():
    paired = user_translation.pair_translation(scene()[2:3], [Cue(at(9.5), at(10.2), "[suspira]")], {})
    assert not paired.lines[0].spoken_translation
    assert [flag.code for flag in paired.lines[0].flags] == ["no-translation"]
