"""Lines become cues that keep the norms."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import UsageError
from rythmo.script.model import Line, Programme, Script, SoundNote
from rythmo.settings import SubtitleSettings
from rythmo.timebase import nearest_frame, samples_to_frames
from rythmo_bridge.subtitles.conventions import Conventions, Utterance, conventions_of, cues_of, make_cues
from rythmo_bridge.subtitles.line_breaks import lay_out, layout_for, split_into_cues

RATE = Fraction(24000, 1001)
LATIN = layout_for("en", None, 2)


def _cues(*said: Utterance, language: str = "en", rate: Fraction = RATE, **changes):
    return make_cues(said, Conventions(**changes), language, rate)


def _frames(cue, rate: Fraction = RATE):
    return nearest_frame(cue.start, rate), nearest_frame(cue.end, rate)


def test_lines_break_at_the_border_of_phrases():
    text = "I told you we should never have come, because nobody lives here."
    assert lay_out(text, LATIN) == "I told you we should never have come,\nbecause nobody lives here."
    assert (
        lay_out("He put the letters that she had written in the drawer", LATIN)
        .split("\n")[1]
        .startswith(("that", "in"))
    )


def test_short_text_stays_on_one_line():
    assert lay_out("Forty-two characters fit on a single line.", LATIN).count("\n") == 0


def test_long_text_becomes_several_cues_at_sentences():
    text = (
        "This is the first sentence of them all. " * 2
        + "And this one is the very last of the sentences, the end."
    )
    parts = split_into_cues(text.strip(), LATIN)
    assert parts[0].endswith(".")
    assert " ".join(parts) == text


def test_a_word_longer_than_a_line_is_kept_whole():
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    assert lay_out(f"Die {word} ist zu", LATIN).replace("\n", " ") == f"Die {word} ist zu"


def test_cjk_lines_hold_sixteen_and_never_begin_with_a_full_stop():
    text = "私たちは昨日、新しい駅の前で待ち合わせをしました。とても寒かったです。"
    cues = _cues(Utterance(0, 192_000, text), language="ja")
    lines = [line for cue in cues for line in cue.text.split("\n")]
    assert "".join(lines) == text
    assert all(len(line) <= 16 and line[0] not in "。、" for line in lines)


def test_right_to_left_lines_are_embedded_unless_told_otherwise():
    said = Utterance(0, 96_000, "مرحبا، كيف حالك؟")
    assert _cues(said, language="ar")[0].text == "\u202bمرحبا، كيف حالك؟\u202c"
    assert _cues(said, language="ar", direction_marks=False)[0].text == said.text


def test_two_people_at_once_share_a_cue():
    (cue,) = _cues(Utterance(0, 60_000, "What?", "Bob"), Utterance(9_000, 96_000, "Nothing, go on.", "Ann"))
    assert cue.text == "- What?\n- Nothing, go on."
    assert cue.speaker is None


def test_speaker_labels_on_request():
    assert _cues(Utterance(0, 60_000, "What?", "Bob"), speaker_labels=True)[0].text == "BOB: What?"


def test_short_cues_stay_for_five_sixths_of_a_second():
    first, _ = _cues(Utterance(48_000, 50_000, "No."), Utterance(480_000, 500_000, "Yes."))
    start, end = _frames(first)
    assert end - start == 20


@pytest.mark.parametrize(("gap", "left"), [(0, 2), (1, 2), (2, 2), (3, 2), (11, 2), (12, 12), (30, 30)])
def test_gaps_are_two_frames_or_half_a_second(gap, left):
    frame = 2002
    first, second = _cues(
        Utterance(0, 48 * frame, "One, two."), Utterance((48 + gap) * frame, 120 * frame, "Three, four.")
    )
    assert _frames(second)[0] - _frames(first)[1] == left


def test_words_say_when_the_second_cue_begins():
    text = "This is the first sentence, and it is long. This is the second sentence, and it is longer still."
    starts = tuple(range(0, 20 * 24_000, 24_000))[: len(text.split())]
    cues = _cues(Utterance(0, 480_000, text, words=starts))
    count = len(cues[0].text.split())
    assert _frames(cues[1])[0] == nearest_frame(starts[count], RATE)


_said = st.builds(
    lambda start, length, words, speaker: Utterance(start, start + length, " ".join(words), speaker),
    st.integers(0, 3_000_000),
    st.integers(1_000, 900_000),
    st.lists(
        st.sampled_from(
            ["a", "the", "and", "winter,", "storm.", "Who?", "mountains", "because", "remembering", "it"]
        ),
        max_size=60,
    ),
    st.sampled_from(["Ann", "Bob", ""]),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(_said, max_size=12), st.sampled_from([RATE, Fraction(25), Fraction(30000, 1001), Fraction(60)])
)
def test_cues_never_overlap_lose_no_word_and_lie_on_frames(said, rate):
    cues = make_cues(said, Conventions(), "en", rate)
    words = sorted(word for u in said for word in u.text.split())
    assert sorted(w for cue in cues for w in cue.text.split() if w != "-") == words
    for cue in cues:
        assert cue.end > cue.start
        assert all(
            abs(samples_to_frames(t, rate) - nearest_frame(t, rate)) < Fraction(1, 100)
            for t in (cue.start, cue.end)
        )
        assert cue.text.count("\n") < 2
        assert all(len(line) <= 42 for line in cue.text.split("\n"))
    for before, after in pairwise(cues):
        assert before.end <= after.start


def test_settings_name_every_norm():
    told = SubtitleSettings(
        line_width=37, characters_per_second=20, min_seconds=1, max_lines=1, speaker_labels=True
    )
    rules = conventions_of(told)
    assert rules == Conventions(37, 1, 20, Fraction(1), speaker_labels=True)
    assert conventions_of(SubtitleSettings()) == Conventions()


@pytest.mark.parametrize(
    "wrong",
    [
        {"line_width": -1},
        {"max_lines": 0},
        {"min_seconds": 0},
        {"max_seconds": 0.1},
        {"gap_frames": -2},
        {"chain_seconds": float("inf")},
        {"characters_per_second": float("nan")},
    ],
)
def test_norms_that_nothing_can_keep_are_refused(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        conventions_of(SubtitleSettings(**wrong))


def test_the_users_own_breaks_and_italics_are_kept_where_they_fit():
    said = Utterance(0, 96_000, "Who told you that?", shown="<i>Who told</i>\nyou that?")
    assert _cues(said)[0].text == "<i>Who told</i>\nyou that?"
    assert "<i>" not in _cues(said, line_width=8)[0].text


def test_notes_of_sounds_are_shown_in_their_own_language():
    script = Script(
        Programme("a", "a.mp4", 480_000, 48_000, 2, Fraction(25)),
        "en",
        "es",
        lines=(Line("S1_0001", "S1", 0, 96_000, text="(laughs) Hi.", translation="Hola."),),
        sounds=(SoundNote(200_000, 260_000, "[door slams]", "en"),),
    )
    assert [cue.text for cue in cues_of(script, Conventions(), translated=False)] == [
        "(laughs) Hi.",
        "[door slams]",
    ]
    assert [cue.text for cue in cues_of(script, Conventions(), translated=True)] == ["Hola."]


@pytest.mark.parametrize(
    ("language", "text", "lines"),
    [
        ("th", "การประชุมเริ่มเวลาสิบโมงครึ่ง กรุณานำรายงานมาด้วยทุกคนเลยนะครับ",
         ["การประชุมเริ่มเวลาสิบโมงครึ่ง", "กรุณานำรายงานมาด้วยทุกคนเลยนะครับ"]),
        ("zh", "请大家带上2024年的报告和COVID-19的数据，谢谢。",
         ["请大家带上2024年的报告", "和COVID-19的数据，谢谢。"]),
        ("ja", "おはようございます。会議は10時30分に始まります。",
         ["おはようございます。", "会議は10時30分に始まります。"]),
        ("ja", "誰に聞いたんですか？私には誰も何も言いませんでした。",
         ["誰に聞いたんですか？", "私には誰も何も言いませんでした。"]),
    ],
)  # fmt: skip
def test_scripts_without_spaces_break_between_phrases(language, text, lines):
    assert lay_out(text, layout_for(language, None, 2)).split("\n") == lines
