"""Lines held against the speech that is heard."""

from rythmo.engines.base import Turn
from rythmo.script.model import Line, Severity
from rythmo.stages import speech_coverage
from rythmo.timebase import SAMPLE_RATE


def at(seconds):
    return round(seconds * SAMPLE_RATE)


def line(start, end):
    return Line("S1_0001", "S1", at(start), at(end), text="x")


def turn(start, end, speaker="S1"):
    return Turn(at(start), at(end), speaker)


def spans(found):
    return [(round(t.start / SAMPLE_RATE, 2), round(t.end / SAMPLE_RATE, 2)) for t in found]


def test_speech_that_no_line_says_is_found():
    found = speech_coverage.find_uncovered(
        [line(1, 3.6), line(9.5, 10.2)], [turn(1, 3.6), turn(5, 7.6), turn(9.5, 10.2)]
    )
    assert spans(found) == [(5.0, 7.6)]
    (remark,) = speech_coverage.remarks_on(found, {"S1": "Anna"})
    assert (remark.position, remark.end) == (
        at(5),
        at(7.6),
    ) and "Anna speaks for 2.6 s" in remark.flag.message


def test_what_holds_no_word_is_a_note_and_a_person_without_lines_is_somebody_else():
    found = speech_coverage.find_uncovered([line(1, 3.6)], [turn(1, 3.6), turn(5, 7.6), turn(9, 10)])
    spoken, noise = speech_coverage.remarks_on(found, {}, wordless=found[1:])
    assert spoken.flag.message.startswith("Somebody else speaks for 2.6 s")
    assert (spoken.flag.severity, noise.flag.severity) == (Severity.WARNING, Severity.INFO)


def test_a_hole_inside_a_long_turn_is_found():
    assert spans(speech_coverage.find_uncovered([line(1, 3), line(7, 9)], [turn(1, 9)])) == [(3.25, 6.75)]


def test_breath_and_ends_that_were_heard_longer_are_not():
    assert not speech_coverage.find_uncovered([line(1, 3)], [turn(0.8, 3.4), turn(5, 5.4)])


def test_a_line_where_nobody_speaks_is_flagged():
    lines = speech_coverage.flag_silent([line(1, 3), line(5, 6)], [turn(1, 3)])
    assert [[flag.code for flag in one.flags] for one in lines] == [[], ["no-speech"]]
