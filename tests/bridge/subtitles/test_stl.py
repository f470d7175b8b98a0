"""EBU STL: characters, timecodes, long texts; written, and read by us and by an independent reader."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import SubtitleError, UsageError
from rythmo.script.subtitle_file import ExpectedSubtitles
from rythmo_bridge.deliver import deliver
from rythmo_bridge.subtitles.cues import Cue, Subtitles
from rythmo_bridge.subtitles.srt import read_file
from rythmo_bridge.subtitles.stl_reader import looks_like_stl, parse_stl
from rythmo_bridge.subtitles.stl_text import (
    LATIN,
    TABLES,
    decode_text,
    encode_readably,
    encode_text,
)
from rythmo_bridge.subtitles.stl_writer import render_stl

PATH = Path("x.stl")
SECOND = 48_000


def _render(*texts, language="es", rate=Fraction(25), **options):
    cues = tuple(Cue(n * 2 * SECOND, (n * 2 + 1) * SECOND, text) for n, text in enumerate(texts))
    return render_stl(Subtitles(language, cues), rate, SECOND, **options)


def test_latin_letters_come_back(tmp_path):
    data = _render("¿Qué tal, señor Łukasz?\n<i>Čert: Œuvre, 10 £ & $5</i>")
    assert looks_like_stl(data) and len(data) == 1024 + 128
    (entry,) = parse_stl(data, PATH).entries
    assert entry.text == "¿Qué tal, señor Łukasz?\n<i>Čert: Œuvre, 10 £ &amp; $5</i>"
    assert (entry.start, entry.end) == (0, 1)


@pytest.mark.parametrize(
    ("language", "table", "text"),
    [
        ("ru", "01", "Добрый вечер, друзья"),
        ("ar", "02", "مساء الخير"),
        ("el", "03", "Καλησπέρα σας"),
        ("he", "04", "ערב טוב"),
        ("cs", "00", "Příliš žluťoučký kůň"),
        ("ro", "00", "Bună ziua şi noapte bună"),
    ],
)
def test_each_alphabet_has_its_table(language, table, text):
    data = _render(text, language=language)
    assert data[12:14] == table.encode()
    read = parse_stl(data, PATH)
    assert (read.entries[0].text, read.language) == (text, language)


def test_letters_of_no_table_are_refused_with_what_to_do():
    with pytest.raises(UsageError, match="no letters for Japanese") as caught:
        _render("こんばんは", language="ja")
    assert "ttml" in caught.value.hint


def test_single_characters_that_are_missing_become_plainer():
    assert encode_readably("„Ja“ – nein… ♪", LATIN) == b'"Ja\xaa - nein... \xd5'
    assert encode_readably("«да» 日", "01") == encode_text('"да" ?', "01")


@given(st.text(st.sampled_from("".join(chr(c) for c in range(0x20, 0x180)) + "“”‘’♪"), max_size=40))
def test_what_a_table_holds_comes_back_and_the_rest_stays_readable(text):
    made = encode_text(text, LATIN)
    if made is not None:
        assert decode_text(made, LATIN).replace("\u00a0", " ") == text.replace("\u00a0", " ")
    assert isinstance(encode_readably(text, LATIN), bytes)


@pytest.mark.parametrize("table", [LATIN, *TABLES])
@given(data=st.binary(max_size=60))
def test_any_bytes_decode(table, data):
    assert isinstance(decode_text(data, table), str)


def test_a_long_text_goes_over_several_blocks():
    text = "\n".join(["palabra " * 12] * 4).replace(" \n", "\n").strip()
    data = _render(text, "after")
    blocks = [data[at : at + 128] for at in range(1024, len(data), 128)]
    assert [block[3] for block in blocks] == [0, 1, 2, 0xFF, 0xFF]
    assert [entry.text for entry in parse_stl(data, PATH).entries] == [text, "after"]


@pytest.mark.parametrize(
    ("rate", "drop", "code"),
    [
        (Fraction(25), False, b"STL25.01"),
        (Fraction(24), False, b"STL24.01"),
        (Fraction(24000, 1001), False, b"STL23.01"),
        (Fraction(30000, 1001), True, b"STL30.01"),
        (Fraction(30), False, b"STL30.01"),
        (Fraction(50), False, b"STL25.01"),
        (Fraction(60000, 1001), True, b"STL30.01"),
    ],
)
def test_times_keep_their_frame_at_every_rate(rate, drop, code):
    hour = 3600 * round(rate) - (108 if rate < 40 else 216) * drop
    cues = tuple(Cue(start, start + 96_096, "text") for start in (0, 4_800_480, 28_828_800))
    data = render_stl(Subtitles("en", cues), rate, SECOND, start=hour, drop=drop)
    assert data[3:11] == code and data[256:264] == b"01000000"
    read = parse_stl(data, PATH, rate, drop=drop)
    shown = rate / 2 if rate >= 48 else rate
    for cue, entry in zip(cues, read.entries, strict=True):
        assert abs(entry.start - Fraction(cue.start, SECOND)) <= 1 / shown
    assert read.rate == shown and read.start == hour // (2 if rate >= 48 else 1)


def test_comments_user_data_and_teletext_colours(tmp_path):
    data = bytearray(_render("one", "two", "three"))
    data[1024 + 15] = 1
    data[1024 + 128 + 3] = 0xFE
    data[1024 + 256 + 16 : 1024 + 256 + 30] = b"\x0d\x07\x0b\x0bUno\x02dos\x0a\x0a\x8a"
    (entry,) = parse_stl(bytes(data), PATH).entries
    assert entry.text == "Uno dos"


def test_a_file_without_a_start_of_programme_counts_from_midnight():
    data = bytearray(_render("one", start=90_000))
    data[256:264] = b"        "
    assert parse_stl(bytes(data), PATH).entries[0].start == 3600


@pytest.mark.parametrize(
    "data",
    [
        _render(),
        _render("one")[:1030],
        _render("one")[: 1024 + 5] + bytes([99, 99, 99, 99]) + _render("one")[1024 + 9 :],
    ],
)
def test_damaged_files_get_one_clear_error(data, tmp_path):
    path = tmp_path / "x.stl"
    path.write_bytes(data)
    with pytest.raises(SubtitleError, match=r"x\.stl"):
        read_file(path)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data):
    file = _render("one")[:1024] + data.ljust(256, b"\x8f")
    try:
        parse_stl(file, PATH)
    except SubtitleError as error:
        assert "x.stl" in error.message


def test_a_delivery_is_read_as_a_translation(dub):
    made = deliver(dub.folder, dub.script, ["stl"], source=None)
    assert [path.name for path in made] == ["Scene.es.stl", "Scene.en.stl"]
    expected = ExpectedSubtitles("es", "en", rate=dub.script.programme.rate)
    read = read_file(made[0], expected=expected)
    assert [cue.text for cue in read.cues] == [line.translation for line in dub.script.lines]
    assert read.encoding == "Tech 3264"


def test_an_independent_reader_reads_the_same(dub, tmp_path):
    reader = pytest.importorskip("ttconv.stl.reader", reason="needs ttconv")
    model = pytest.importorskip("ttconv.model")
    script = replace(
        dub.script, programme=replace(dub.script.programme, frame_rate=Fraction(25), start_frame=0)
    )
    (path, _) = deliver(dub.folder, script, ["stl"], source=None)
    with path.open("rb") as file:
        document = reader.to_model(file)
    found = [element for element in document.get_body().dfs_iterator() if isinstance(element, model.P)]
    ours = parse_stl(path.read_bytes(), path).entries
    assert [p.get_begin() for p in found] == [entry.start for entry in ours]
