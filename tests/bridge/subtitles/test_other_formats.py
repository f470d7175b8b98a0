"""ASS, MicroDVD, MPL2 and TTML as scripts."""

from fractions import Fraction

import pytest

from rythmo.errors import SubtitleError
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.subtitles.srt import read_file

ASS = """[Script Info]
; a comment
[V4+ Styles]
Format: Name, Fontname
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,not shown
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Anna,0,0,0,,{\\i1}Hello{\\i0}, there\\Nyou
Dialogue: 0,0:00:04.00,0:00:06.00,Sign,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
Dialogue: 0,0:00:07.00,0:00:08.00,Sing,,0,0,0,,{\\k30}Ka{\\kf40}ra{\\ko20}o{\\K10}ke
"""
TTML = """<?xml version="1.0"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"
    xmlns:tts="http://www.w3.org/ns/ttml#styling" ttp:frameRate="25"><head/><body begin="1s"><div>
<p begin="00:00:00.500" end="00:00:02:00">Hello <span tts:fontStyle="italic">there</span><br/>
  you &amp; me</p>
<p begin="100f" dur="500ms">Who?</p></div></body></tt>
"""


def read(tmp_path, text, suffix, rate=None):
    path = tmp_path / f"in.{suffix}"
    path.write_text(text, encoding="utf-8")
    found = read_file(path, 1000, ExpectedSubtitles("en", rate=rate))
    return [(cue.start, cue.end, cue.speaker, cue.text) for cue in found.cues]


def test_ass_has_speakers_and_no_comments(tmp_path):
    assert read(tmp_path, ASS, "ass") == [
        (1000, 3000, "Anna", "Hello, there you"),
        (7000, 8000, None, "Karaoke"),
    ]
    with pytest.raises(SubtitleError, match=r"line 8.*is not a time"):
        read(tmp_path, ASS.replace("0:00:01.00,0:00:03.00", "soon,0:00:03.00"), "ass")


@pytest.mark.parametrize(
    ("head", "rate", "start"),
    [
        ("", Fraction(25), 1000),
        ("{1}{1}50\n", Fraction(25), 500),
        ("{1}{1}23.976\n", None, round(25000 * 1001 / 24000)),
        ("", None, 1000),
    ],
)
def test_microdvd_counts_frames(tmp_path, head, rate, start):
    text = f"{head}{{25}}{{100}}{{y:i}}Hello there.|You.\n{{200}}{{}}Bye.\n"
    found = read(tmp_path, text, "sub", rate)
    assert found[0][0] == start and [cue[3] for cue in found] == ["Hello there. You.", "Bye."]


def test_mpl2_counts_tenths_of_a_second(tmp_path):
    assert read(tmp_path, "[10][35]/Hello|/there.\n[50][62]Bye.\n", "txt") == [
        (1000, 3500, None, "Hello there."),
        (5000, 6200, None, "Bye."),
    ]


def test_ttml(tmp_path):
    assert read(tmp_path, TTML, "ttml") == [
        (1500, 3000, None, "Hello there you & me"),
        (5000, 5500, None, "Who?"),
    ]
    with pytest.raises(SubtitleError, match="cannot be read as TTML"):
        read(tmp_path, TTML.replace("</body>", ""), "ttml")


def test_webvtt_names_a_second_voice_in_a_cue(tmp_path):
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>One <v Ben>two\n- <v Anna>Yes.\n- <v Ben>No.\n"
    found = read(tmp_path, text, "vtt")
    assert [(name, words) for _, _, name, words in found] == [
        ("Anna", "One"),
        ("Ben", "two"),
        ("Anna", "Yes."),
        ("Ben", "No."),
    ]


def test_signs_of_ass_are_not_spoken(tmp_path):
    path = tmp_path / "in.ass"
    path.write_text(ASS.replace("{\\p1}m 0 0 l 1 1{\\p0}", "EXIT"), encoding="utf-8")
    found = read_file(path, 1000, ExpectedSubtitles("en"))
    assert "EXIT" not in [cue.text for cue in found.cues] and [cue.text for cue in found.sounds] == ["EXIT"]
    assert any("1 cue is writing in the picture" in note for note in found.notes)


HEAD = """<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
xml:lang="en"><head>
<metadata><ttm:agent xml:id="a" type="character"><ttm:name type="alias">ANNA</ttm:name></ttm:agent></metadata>
</head><body>"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<div><p begin="1s" end="2s" ttm:agent="a">Hi.</p></div>', [(1000, 2000, "ANNA", "Hi.")]),
        ('<div ttm:agent="a"><p begin="1s" end="2s">Hi.</p></div>', [(1000, 2000, "ANNA", "Hi.")]),
        (
            (
                '<div begin="10s"><p><span begin="1s" end="2s">One</span> '
                '<span begin="2s" dur="1s">two</span></p></div>'
            ),
            [(11000, 12000, None, "One"), (12000, 13000, None, "two")],
        ),
        (
            (
                '<div><p begin="5s" timeContainer="seq"><span dur="1s">One</span>'
                '<span dur="2s">two</span></p></div>'
            ),
            [(5000, 6000, None, "One"), (6000, 8000, None, "two")],
        ),
        (
            '<div><p begin="1s" end="4s">Karaoke <span begin="1s">word</span></p></div>',
            [(1000, 4000, None, "Karaoke word")],
        ),
        (
            (
                '<div xml:lang="fr"><p begin="1s" end="2s">Oui.</p></div>'
                '<div><p begin="1s" end="2s">Yes.</p></div>'
            ),
            [(1000, 2000, None, "Yes.")],
        ),
    ],
)
def test_ttml_spans_agents_and_languages(tmp_path, body, expected):
    assert read(tmp_path, HEAD + body + "</body></tt>", "ttml") == expected
