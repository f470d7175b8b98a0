"""script.json, and what a person did carried over to a new script."""

import zlib
from dataclasses import replace
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import ScriptError
from rythmo.script import store
from rythmo.script.diff import carry_over_edits
from rythmo.script.model import (
    Flag,
    Line,
    Manner,
    Programme,
    Prosody,
    Script,
    Severity,
    Speaker,
    Status,
    Word,
)
from rythmo.script.takes import Piece, Placement, Take, VoiceRef

PROGRAMME = Programme("scene", "/m/scene.mp4", 480_000, 48_000, 2, Fraction(24000, 1001), 86_400)


def line(line_id, start, end, speaker="S1", **more):
    return Line(line_id, speaker, start, end, text=more.pop("text", "hello"), **more)


def script(*lines):
    speakers = tuple(Speaker(i, f"Speaker {i}") for i in sorted({line.speaker for line in lines}))
    return Script(PROGRAMME, "en", "es", speakers, lines)


def test_a_full_script_comes_back_equal(tmp_path):
    voice = VoiceRef("espeak", "m3", {"pitch": 40, "tilt": -1.5, "list": [1, "a"]})
    take = Take("t01", "takes/S1_0001_t01.wav", 48_000, "hola", "espeak 1", voice, "key")
    full = line(
        "S1_0001",
        10,
        20,
        words=(Word("hello", 10, 20, 0.5), Word("you", 20, 30)),
        takes=(take,),
        chosen="t01",
        placement=Placement(10, 30, 40, 1.1, -2.0, "why", (Piece(0, 20, 10, 30),)),
        prosody=Prosody(pitch_hz=120.0),
        edited=("translation",),
        status=Status.VOICED,
        flags=(Flag("fast", "too fast", Severity.INFO),),
    )
    whole = replace(script(full), engines={"voice": "espeak 1"}, dialogue=((0, 10), (20, 30)))
    store.save_script(whole, tmp_path / "script.json")
    assert store.load_script(tmp_path / "script.json") == whole


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 1, "script": {"lines": 3}}']
)
def test_a_damaged_script_is_told(tmp_path, data):
    (tmp_path / "script.json").write_bytes(data)
    with pytest.raises(ScriptError, match="damaged"):
        store.load_script(tmp_path / "script.json")


@given(st.lists(st.tuples(st.integers(0, 5), st.text(max_size=8)), max_size=6))
def test_a_script_that_is_saved_edit_by_edit_has_the_bytes_of_one_that_is_saved_once(edits):
    lines = [line(f"S1_{n:04d}", n * 100, n * 100 + 90, text="“¿Qué?”\n{}[]") for n in range(6)]
    now, written = script(*lines), store.WrittenLines()
    for number, words in edits:
        now = now.with_line(replace(now.lines[number], translation=words))
        assert written.encode(now) == store.dumps(now)
    plain = store.encode_json({"version": store.VERSION, "script": now}, indent=1)
    sealed = msgspec.json.decode(store.dumps(now), type=store._Sealed)
    assert sealed.crc32 == f"{zlib.crc32(sealed.script):08x}"
    assert b"".join(store.dumps(now).splitlines(keepends=True)[2:]) == b"".join(
        (plain + b"\n").splitlines(keepends=True)[1:]
    )


def test_a_line_that_cannot_be_is_refused_whatever_was_saved_before(tmp_path):
    now, written = script(line("S1_0001", 0, 90), line("S1_0002", 100, 190)), store.WrittenLines()
    store.save_script(now, tmp_path / "script.json", written)
    before = (tmp_path / "script.json").read_bytes()
    for wrong in (replace(now.lines[1], end=50), replace(now.lines[1], id="S1_0001")):
        with pytest.raises(ScriptError, match="cannot be saved"):
            store.save_script(replace(now, lines=(now.lines[0], wrong)), tmp_path / "script.json", written)
    assert (tmp_path / "script.json").read_bytes() == before


def test_a_newer_script_is_refused(tmp_path):
    (tmp_path / "script.json").write_bytes(b'{"version": 99, "script": {}}')
    with pytest.raises(ScriptError, match="newer"):
        store.load_script(tmp_path / "script.json")


def test_fields_of_a_later_minor_version_are_passed_over(tmp_path):
    store.save_script(script(line("S1_0001", 0, 10)), tmp_path / "script.json")
    data = (tmp_path / "script.json").read_bytes().replace(b'"lines"', b'"later": 1, "lines"', 1)
    assert store.parse_script(data, tmp_path).lines[0].id == "S1_0001"


def test_edits_and_takes_are_carried_over():
    take = Take("t01", "takes/S1_0001_t01.wav", 9, "hola", "e", VoiceRef("e", "v"))
    old = script(
        line("S1_0001", 0, 100, translation="mano", edited=("translation",), takes=(take,), chosen="t01")
    )
    new = carry_over_edits(old, script(line("S1_0001", 2, 98, translation="")))
    assert (new.lines[0].translation, new.lines[0].takes, new.lines[0].start) == ("mano", (take,), 2)


def test_ids_are_stable_when_lines_are_cut_differently():
    old = script(line("S1_0001", 0, 100), line("S1_0002", 200, 300))
    new = carry_over_edits(
        old, script(line("S1_0001", 0, 20), line("S1_0002", 0, 98), line("S1_0003", 200, 300))
    )
    assert {(found.start, found.end): found.id for found in new.lines} == {
        (0, 20): "S1_0003",
        (0, 98): "S1_0001",
        (200, 300): "S1_0002",
    }


def test_a_named_speaker_keeps_the_name():
    old = script(line("S1_0001", 0, 10))
    old = replace(old, speakers=(Speaker("S1", "ANNA", VoiceRef("e", "v"), edited=("name",)),))
    kept = carry_over_edits(old, script(line("S1_0001", 0, 10))).speakers[0]
    assert (kept.name, kept.voice) == ("ANNA", VoiceRef("e", "v"))


spans = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 500), st.sampled_from(["S1", "S2"])), max_size=12
)


@given(spans, spans)
def test_ids_never_double(old, new):
    def made(found):
        ordered = sorted(found)
        return script(*(line(f"{s}_{i:04}", a, a + n, s) for i, (a, n, s) in enumerate(ordered, 1)))

    kept = carry_over_edits(made(old), made(new))
    ids = [found.id for found in kept.lines]
    assert len(ids) == len(set(ids)) == len(new)
    assert [found.start for found in kept.lines] == sorted(found[0] for found in new)


@given(spans)
def test_the_same_script_keeps_its_ids(found):
    lines = [line(f"{s}_{i:04}", a, a + n, s) for i, (a, n, s) in enumerate(sorted(set(found)), 1)]
    same = carry_over_edits(script(*lines), script(*lines))
    assert len(same.lines) == len(lines)
    assert {found.id for found in same.lines} == {found.id for found in lines}


def test_flags_of_one_code_replace_each_other():
    marked = (
        line("S1_0001", 0, 10).add_flags(Flag("fast", "a")).add_flags(Flag("fast", "b"), Flag("short", "c"))
    )
    assert [(flag.code, flag.message) for flag in marked.flags] == [("fast", "b"), ("short", "c")]
    assert [flag.code for flag in marked.without_flags("fast").flags] == ["short"]


def test_a_wrong_id_lists_the_right_ones():
    with pytest.raises(ScriptError) as caught:
        script(line("S1_0001", 0, 10)).line("S9_9999")
    assert "S1_0001" in caught.value.hint


OLDEST = b"""{"version": 1, "script": {
 "programme": {"name": "f", "source": "f.wav", "length": 480000, "sample_rate": 48000, "channels": 2},
 "source_language": "en", "target_language": "es",
 "speakers": [{"id": "S1", "name": "Anna", "voice": {"engine": "espeak", "id": "m3"}}],
 "lines": [{"id": "S1_0001", "speaker": "S1", "start": 0, "end": 48000, "text": "Hi", "chosen": "t01",
  "takes": [{"id": "t01", "file": "takes/S1_0001_t01.wav", "length": 48000, "text": "Hola",
   "engine": "espeak 1", "voice": {"engine": "espeak", "id": "m3"}, "key": "k"}]}]}}"""
"""As the first Rythmo wrote it: no manner, no prosody, no record of what a take follows."""


def test_a_script_of_before_is_read_and_says_of_its_takes_no_more_than_is_known(tmp_path):
    (tmp_path / "script.json").write_bytes(OLDEST)
    read = store.load_script(tmp_path / "script.json")
    (line,) = read.lines
    assert (line.manner, line.prosody, line.direction, line.until, line.said_at) == (
        None,
        None,
        "",
        None,
        None,
    )
    assert (line.take.follows, line.take.direction, line.take.variation) == ((), "", 0)
    store.save_script(read, tmp_path / "script.json")
    assert store.load_script(tmp_path / "script.json") == read


def test_how_a_line_is_said_is_kept_while_its_speaker_says_it():
    said = {"prosody": Prosody(pitch_hz=120.0), "manner": Manner(pitch=2.0)}
    old = script(line("S1_0001", 0, 100, **said), line("S1_0002", 200, 300, **said))
    new = script(line("S1_0001", 0, 100), line("S1_0002", 200, 300))
    assert [one.manner for one in carry_over_edits(old, new).lines] == [Manner(pitch=2.0)] * 2
    other = script(line("S1_0001", 0, 100), line("S2_0002", 200, 300, "S2"))
    assert [one.manner for one in carry_over_edits(old, other).lines] == [Manner(pitch=2.0), None]
