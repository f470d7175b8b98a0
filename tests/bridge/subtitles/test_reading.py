"""Subtitle files as people leave them, and the notes about what was repaired."""

from fractions import Fraction
from itertools import pairwise

import pytest

from rythmo.errors import SubtitleError
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.subtitles.srt import read_file

SPANISH = ("Buenos días, señores.", "¿Quién te lo ha dicho?", "Llama al doctor Smith.", "Lo hago hoy mismo.")
ENGLISH = (
    "Good morning to you all.",
    "Who told you about that?",
    "Call Doctor Smith.",
    "I will do it today.",
)
SOUND = "sound descriptions: they stay in the subtitles and are not spoken"


def clock(seconds):
    return f"00:00:{int(seconds):02},{round(seconds % 1 * 1000):03}"


def srt(*texts, step=3.0, length=2.0):
    return "\n\n".join(
        f"{n + 1}\n{clock(1 + n * step)} --> {clock(1 + n * step + length)}\n{text}"
        for n, text in enumerate(texts)
    )


def read(tmp_path, text, language="es", other="", **wanted):
    path = tmp_path / "in.srt"
    path.write_text(text, encoding="utf-8")
    return read_file(path, 48_000, ExpectedSubtitles(language, other, **wanted))


def texts(found):
    return [cue.text for cue in found.cues]


def test_notes_of_sounds_are_kept_and_told(tmp_path):
    found = read(tmp_path, srt("(risas) Buenos días.", "[portazo]", "Llama [suspira] ya.", "♪ Hoy lo hago ♪"))
    assert texts(found) == ["(risas) Buenos días.", "Llama [suspira] ya.", "♪ Hoy lo hago ♪"]
    assert [cue.text for cue in found.sounds] == ["[portazo]"]
    assert found.notes[0].endswith(f"3 cues hold {SOUND}.") and "1 cue is marked as sung" in found.notes[1]


@pytest.mark.parametrize(
    ("label", "people"),
    [
        ("Anna: {}", ["Anna"] * 4),  # it comes again
        ("[Anna] {}", ["Anna"] * 4),
        ("（田中）{}", ["田中"] * 4),
        ("[sighs] {}", [None] * 4),
        ("Remember: {}", [None] * 4),
        ("(WHISPERING) {}", [None] * 4),
    ],
)
def test_labels_are_names_by_the_company_they_keep(tmp_path, label, people):
    found = read(tmp_path, srt(*(label.format(text) for text in SPANISH)))
    assert [cue.speaker for cue in found.cues] == people


def test_a_name_of_the_cast_need_not_come_again(tmp_path):
    found = read(tmp_path, srt("Anna: Hola.", *SPANISH), cast=("Anna",))
    assert (found.cues[0].speaker, found.cues[0].text) == ("Anna", "Hola.")


def test_two_people_in_a_cue_follow_each_other(tmp_path):
    found = read(tmp_path, srt("- ¿Quién?\n- Yo, claro que yo."))
    assert [(cue.part, cue.text) for cue in found.cues] == [(0, "¿Quién?"), (1, "Yo, claro que yo.")]
    assert found.cues[0].end == found.cues[1].start < found.cues[1].end == 144_000


def test_italics_and_breaks_are_kept_for_the_screen(tmp_path):
    found = read(tmp_path, srt("<em>¿Quién</em> te lo<br>ha dicho?", "{\\i1}Hoy{\\i0}", "Hola."))
    assert [cue.shown for cue in found.cues] == ["<i>¿Quién</i> te lo\nha dicho?", "<i>Hoy</i>", ""]
    assert texts(found) == ["¿Quién te lo ha dicho?", "Hoy", "Hola."]


def test_cues_without_blank_lines(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\nHola.\n2\n00:00:03,000 --> 00:00:04,000\nDiez\n10\n3\n"
    found = read(tmp_path, text + "00:00:05,000 --> 00:00:06,000\nAdiós.\n")
    assert texts(found) == ["Hola.", "Diez 10", "Adiós."]


def test_frames_at_the_end_of_a_time(tmp_path):
    text = "1\n00:00:01:12 --> 00:00:02:00\nHola.\n\n2\n00:00:03:24 --> 00:00:04:06\nAdiós.\n"
    found = read(tmp_path, text, rate=Fraction(25))
    assert [cue.start for cue in found.cues] == [48_000 * 148 // 100, 48_000 * 396 // 100]
    at_film = read(tmp_path, text.replace(":24", ":23"), rate=Fraction(24000, 1001))
    assert at_film.cues[0].start == round(36 * 1001 / 24000 * 48_000)


def test_drop_frame_labels(tmp_path):
    text = "1\n00:01:00;02 --> 00:01:01;00\nHola.\n"
    found = read(tmp_path, text, rate=Fraction(30000, 1001))
    assert found.cues[0].start == round(1800 * 1001 / 30000 * 48_000)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ("00:00:13,500 --> 00:00:11,000", "ends before it begins"),
        ("00:00:11,000 --> 00:00:11,000", "has no length"),
        ("-00:00:00,500 --> 00:00:01,000", "begins before the film"),
    ],
)
def test_times_that_cannot_be_are_put_right_and_told(tmp_path, times, told):
    found = read(tmp_path, f"1\n{times}\nLlama al doctor.\n\n2\n00:00:20,000 --> 00:00:21,000\nHola.\n")
    assert len(found.cues) == 2 and all(0 <= cue.start < cue.end for cue in found.cues)
    assert told in found.notes[0] and "(line 2)" in found.notes[0]


def test_doubles_are_read_once(tmp_path):
    once = srt(*SPANISH)
    found = read(tmp_path, once + "\n\n9\n00:00:04,000 --> 00:00:06,000\n" + SPANISH[1])
    assert texts(found) == list(SPANISH) and "occurs twice" in found.notes[0]


def test_words_said_twice_in_a_row_are_not_doubles(tmp_path):
    assert texts(read(tmp_path, srt("No.", "No.", "¡Que no!"))) == ["No.", "No.", "¡Que no!"]


def test_rolling_captions_are_read_once_each(tmp_path):
    rows = ["uno dos", "tres cuatro", "cinco seis", "siete ocho"]
    rolled = [rows[0], *("\n".join(pair) for pair in pairwise(rows))]
    found = read(tmp_path, srt(*rolled, step=2.0))
    assert texts(found) == rows and "roll up or grow" in found.notes[0]


def test_captions_that_grow_are_one_line(tmp_path):
    found = read(tmp_path, srt("Hoy", "Hoy no", "Hoy no voy", step=2.0))
    assert texts(found) == ["Hoy no voy"] and found.cues[0].end == 7 * 48_000


def test_of_two_scripts_the_expected_one_is_taken(tmp_path):
    both = [f"{a}\n{b}" for a, b in zip(ENGLISH, ("早上好", "谁说的", "打电话", "今天做"), strict=True)]
    found = read(tmp_path, srt(*both), language="zh")
    assert texts(found) == ["早上好", "谁说的", "打电话", "今天做"] and "in two languages" in found.notes[0]
    assert texts(read(tmp_path, srt(*both), language="en")) == list(ENGLISH)


def test_of_two_languages_in_one_script_the_expected_one_is_taken(tmp_path):
    both = [f"{a}\n{b}" for a, b in zip(ENGLISH, SPANISH, strict=True)]
    assert texts(read(tmp_path, srt(*both), language="es")) == list(SPANISH)
    assert texts(read(tmp_path, srt(*both), language="en")) == list(ENGLISH)


@pytest.mark.parametrize(
    ("language", "other", "words", "says"),
    [
        ("ru", "en", SPANISH, "not in the script of Russian"),
        ("en", "ru", ["Доброе утро, господа."] * 2, "not in the script of English"),
        ("ja", "en", SPANISH, "not in the script of Japanese"),
        ("es", "en", ENGLISH, "in English, not in Spanish"),
    ],
)
def test_a_file_in_another_language_is_refused(tmp_path, language, other, words, says):
    with pytest.raises(SubtitleError, match=says):
        read(tmp_path, srt(*words), language, other)


def test_webvtt_is_read(tmp_path):
    text = (
        "WEBVTT\n\nNOTE by hand\nof two lines\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v Anna>Hola.</v>\n\n"
        "STYLE\n::cue {}\n\n00:03.000 --> 00:04.000\n<b>Adiós</b>.\n"
    )
    found = read(tmp_path, text)
    assert [(cue.speaker, cue.text) for cue in found.cues] == [("Anna", "Hola."), (None, "Adiós.")]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("(phone rings) ANNA: Hello?", "ANNA", "(phone rings) Hello?"),  # a note before the label
        ("WARNING: Do not enter.", None, "WARNING: Do not enter."),  # a word in capitals is no name
        ("CHAPTER 1: The beginning.", None, "CHAPTER 1: The beginning."),
        ("ВНИМАНИЕ: поезд.", None, "ВНИМАНИЕ: поезд."),
        ("2ND MAN: I saw him.", "2ND MAN", "I saw him."),
        ("ÉLODIE: Oui.", "ÉLODIE", "Oui."),
        ("ΑΝΝΑ: Γεια σου.", "ΑΝΝΑ", "Γεια σου."),
        ("McCLANE: Come out.", "McCLANE", "Come out."),
        ("GROßMUTTER: Komm.", "GROßMUTTER", "Komm."),
        ("TOM and ANNA: Yes!", "TOM and ANNA", "Yes!"),
        ("ANNA [on phone]: Hi.", "ANNA", "Hi."),
        ("ANNA (ON PHONE, WHISPERING): Hi.", "ANNA", "Hi."),
    ],
)
def test_labels_in_capitals(tmp_path, text, name, words):
    cue = read(tmp_path, srt(text), "").cues[0]
    assert (cue.speaker, cue.text) == (name, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[door slams\nand dog barks]\nHm.", "Hm."),
        ("# All right, today #", "All right, today"),
        ("I *said* no.", "I said no."),
        ("*porte claque* Quoi ?", "Quoi?"),
        ("Hello. (laughs", "Hello."),
        ("Room #5, at 10:30 (half past ten).", "Room #5, at 10:30 (half past ten)."),
        ('<tt:span tts:color="red">Red.</tt:span> <sdh>Yes</sdh>', "Red. Yes"),
        ("{a comment}Words {\\k20}by {\\kf30}beat.", "Words by beat."),
        ("m 0 0 l 100 0 100 100\nText.", "Text."),
        ("One|two. | am.", "One two. | am."),
        ("/In italics/", "In italics"),
        ("**Bold** and _this_, snake_case_too", "Bold and this, snake_case_too"),
        ("Tom &amp;amp; &lt;i&gt;Jerry&lt;/i&gt;", "Tom & Jerry"),
        ("[b]Bold[/b][br]and", "Bold and"),
        ("z\u200bw\u200dj \u2060x\ufeff\x1a", "zwj x"),
        ("می\u200cشود", "می\u200cشود"),
        ("a < b and c > d, <door>", "a < b and c > d, <door>"),
    ],
)
def test_what_is_said(tmp_path, text, words):
    assert strip_sound_notes(read(tmp_path, srt(text), "").cues[0].text) == words


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("-5 degrees.\n-6 degrees.", ["-5 degrees. -6 degrees."]),
        ("-How old?\n-5.", ["How old?", "5."]),
        ("−5 degrees.\n-Really?", ["−5 degrees.", "Really?"]),
        ("-Who? -Me.", ["Who?", "Me."]),
        ("--Who is it?\n--Me.", ["Who is it?", "Me."]),
        ("•Who?\n•Me.", ["Who?", "Me."]),
        ("-.5 percent.", ["-.5 percent."]),
    ],
)
def test_dashes_and_minus_signs(tmp_path, text, people):
    assert texts(read(tmp_path, srt(text), "en")) == people


def test_names_of_cues_are_not_said(tmp_path):
    text = "\n".join(f"c-{n}\n00:00:0{n},000 --> 00:00:0{n},900\nLine {n}.\n" for n in (1, 3, 5))
    assert texts(read(tmp_path, text, "en")) == ["Line 1.", "Line 3.", "Line 5."]


@pytest.mark.parametrize(
    ("times", "start"),
    [
        ("００：００：０１，５００ --> ００：００：０３，０００", 72_000),
        ("٠٠:٠٠:٠١,٥٠٠ --> ٠٠:٠٠:٠٣,٠٠٠", 72_000),
        ("00:00:-2,000 --> 00:00:03,000", 0),
        ("0:00:01.500,0:00:03.000", 72_000),
    ],
)
def test_times_in_other_forms(tmp_path, times, start):
    assert read(tmp_path, f"1\n{times}\nHello there.\n", "").cues[0].start == start


def test_a_skipped_drop_frame_label_is_the_next_one(tmp_path):
    rate = Fraction(30_000, 1001)
    found = read(tmp_path, "1\n00:02:00;00 --> 00:02:02;00\nHello there.\n", "en", rate=rate)
    assert found.cues[0].start == round(3598 / rate * 48_000)


def test_a_third_language_is_told(tmp_path):
    found = read(
        tmp_path,
        srt("Dzień dobry. Spotkanie zaczyna się o dziesiątej.", "Kto ci to powiedział? Zrobię to."),
        "en",
    )
    assert any("reads as Polish, not as English" in note for note in found.notes)
    assert not read(tmp_path, srt(*ENGLISH), "en").notes


def said(found):
    return [(cue.speaker, strip_sound_notes(cue.text)) for cue in found.cues]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        # Labels inside a line, with a manner, without a colon, in angle brackets.
        (["ANNA: Where? BEN: There."], [("ANNA", "Where?"), ("BEN", "There.")]),
        (
            ["Ben: Hi. Anna: Hm.", "Ben: Yes.", "Anna: No."],
            [("Ben", "Hi."), ("Anna", "Hm."), ("Ben", "Yes."), ("Anna", "No.")],
        ),
        (["MRS. O'HARA: Yes. DR. NO: No."], [("MRS. O'HARA", "Yes."), ("DR. NO", "No.")]),
        (["ANNA, whispering: Come here."], [("ANNA", "Come here.")]),
        (
            ["Well, look: it rains.", "Well, see: it rains."],
            [(None, "Well, look: it rains."), (None, "Well, see: it rains.")],
        ),
        (["ANNA (O.S.) Come in!"], [("ANNA", "Come in!")]),
        (["<Anna> Hi.", "Anna: And?"], [("Anna", "Hi."), ("Anna", "And?")]),
        (["(man #2 on radio): Copy that."], [(None, "Copy that.")]),
        # Scripts whose vowels are marks.
        (["อันนา: สวัสดี", "อันนา: ลาก่อน"], [("อันนา", "สวัสดี"), ("อันนา", "ลาก่อน")]),
        (["अन्ना: नमस्ते", "अन्ना: अलविदा"], [("अन्ना", "नमस्ते"), ("अन्ना", "अलविदा")]),
        # What stays words.
        (["He said. Look: a dog."], [(None, "He said. Look: a dog.")]),
        (["Call me at 3:15. Then: go."], [(None, "Call me at 3:15. Then: go.")]),
        (["~ Happy birthday ~", "About ~5 of them"], [(None, "Happy birthday"), (None, "About ~5 of them")]),
    ],
)
def test_who_says_what(tmp_path, texts, expected):
    assert said(read(tmp_path, srt(*texts), "")) == expected


@pytest.mark.parametrize("nothing", ["...", "…", "?!", "—", "- -", "😀🎉", "♪"])
def test_a_cue_without_a_word_is_not_spoken(tmp_path, nothing):
    found = read(tmp_path, srt(nothing, "Yes."), "en")
    assert texts(found) == ["Yes."] and len(found.sounds) == 1
    assert "1 cue holds no words" in found.notes[0]


@pytest.mark.parametrize(
    "credit",
    [
        "Subtitles by the Amara.org community",
        "Synced & corrected by Anna",
        "© 2020 Captions by Foo",
        "www.OpenSubtitles.org",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Subtítulos por la comunidad de Amara.org",
        "Untertitel im Auftrag des ZDF",
        "Редактор субтитров А. Семкин",
    ],
)
def test_credits_of_subtitles_are_left_out_and_told(tmp_path, credit):
    found = read(tmp_path, srt(credit, "The subtitles are by my bed.", "Corrected by me, it reads well."), "")
    assert texts(found)[0] == "The subtitles are by my bed."
    assert "1 cue is a credit of the subtitles" in found.notes[0]


def test_numbers_that_occur_twice_are_no_words(tmp_path):
    text = "".join(f"1\n{clock(n)} --> {clock(n + 0.9)}\nLine {n}.\n" for n in range(4))
    assert texts(read(tmp_path, text, "en")) == ["Line 0.", "Line 1.", "Line 2.", "Line 3."]


def test_a_year_alone_stays_words(tmp_path):
    assert texts(read(tmp_path, srt("Which year?", "1984"), "en")) == ["Which year?", "1984"]


def test_an_escaped_arrow_is_an_arrow(tmp_path):
    assert texts(read(tmp_path, srt("One.", "Two.").replace("-->", "--&gt;"), "en")) == ["One.", "Two."]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("layout", ["{} / {}", "{} | {}", "cues"])
def test_two_languages_behind_a_stroke_and_in_two_cues(tmp_path, layout, language):
    pairs = zip(ENGLISH, SPANISH, strict=True)
    if layout == "cues":
        text = "\n\n".join(
            f"{clock(n)} --> {clock(n + 0.9)}\n{said}" for n, pair in enumerate(pairs) for said in pair
        )
    else:
        text = srt(*(layout.format(*pair) for pair in pairs))
    found = read(tmp_path, text, language, "es" if language == "en" else "en")
    assert texts(found) == list(ENGLISH if language == "en" else SPANISH)
    assert "two languages" in found.notes[0]


def test_two_people_at_a_time_in_one_language_both_stay(tmp_path):
    text = "\n\n".join(
        f"{clock(n)} --> {clock(n + 0.9)}\n{said}" for n in range(4) for said in (ENGLISH[n], "Yes, I do.")
    )
    assert len(read(tmp_path, text, "en").cues) == 8


def test_capitals_tell_nothing_in_a_file_in_capitals(tmp_path):
    found = read(
        tmp_path,
        srt("HE SAID: GO AWAY FROM HERE.", "WHAT DO YOU WANT?", "ANNA: COME IN.", "ANNA: NOW."),
        "en",
    )
    assert said(found) == [
        (None, "HE SAID: GO AWAY FROM HERE."),
        (None, "WHAT DO YOU WANT?"),
        ("ANNA", "COME IN."),
        ("ANNA", "NOW."),
    ]


def test_the_sixtieth_second_of_a_rounding_program_is_read(tmp_path):
    found = read(tmp_path, "1\n00:00:59,000 --> 00:00:60,000\nHello.\n", "en")
    assert found.cues[0].end == 60 * 48_000
    with pytest.raises(SubtitleError, match="line 2"):
        read(tmp_path, "1\n00:00:59,000 --> 00:00:61,000\nHello.\n", "en")


def test_other_characters_for_line_breaks_part_words(tmp_path):
    assert texts(read(tmp_path, srt("one\x0btwo\x85three\u2028four"), "en")) == ["one two three four"]
