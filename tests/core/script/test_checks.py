"""A script of somebody else's is data: what it says is doubted when it is loaded."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from rythmo.errors import ScriptError
from rythmo.script import store
from rythmo.script.checks import find_fault
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Piece, Placement, Take, VoiceRef

VOICE = VoiceRef("espeak", "v")
TAKE = Take("t01", "takes/S1_0001_t01.wav", 100, "hola", "espeak 1", VOICE)
PLACEMENT = Placement(0, 100, 200, pieces=(Piece(0, 100, 0, 100),))
LINE = Line("S1_0001", "S1", 0, 100, "hello", takes=(TAKE,), chosen="t01", placement=PLACEMENT)
SCRIPT = Script(
    Programme("film", "/film.mp4", 1000, 48_000, 2, Fraction(24)),
    "en",
    "es",
    (Speaker("S1", "Anna", VOICE, colour="#4f9dff"),),
    (LINE,),
)


def with_line(**changes):
    return replace(SCRIPT, lines=(replace(LINE, **changes),))


def with_take(**changes):
    return with_line(takes=(replace(TAKE, **changes),))


def with_programme(**changes):
    return replace(SCRIPT, programme=replace(SCRIPT.programme, **changes))


ODD = {
    "a take elsewhere": with_take(file="../../home/x.wav"),
    "a take at a whole path": with_take(file="/etc/cron.d/x.wav"),
    "a take in a folder of its own": with_take(file="takes/placed/../../x.wav"),
    "a take that is no sound": with_take(file="takes/x.sh"),
    "a take with a stream": with_take(file="takes/x:y.wav"),
    "the id of a take": with_take(id="../t01"),
    "the id of a line": with_line(id="../../S1"),
    "the speaker of a line": with_line(speaker="../S1"),
    "the id of a speaker": replace(SCRIPT, speakers=(Speaker("a/b", "A"),)),
    "an empty id": with_line(id=""),
    "a language": replace(SCRIPT, target_language="../../x"),
    "two lines of one id": replace(SCRIPT, lines=(LINE, LINE)),
    "two speakers of one id": replace(SCRIPT, speakers=SCRIPT.speakers * 2),
    "a removed line": replace(SCRIPT, removed=(replace(LINE, id="/x"),)),
    "a colour": replace(SCRIPT, speakers=(Speaker("S1", "A", colour="red;}</style><script>1</script>"),)),
    "channels": with_programme(channels=2**31),
    "no channels": with_programme(channels=0),
    "a length": with_programme(length=2**62),
    "a rate of nothing": with_programme(sample_rate=0),
    "a frame rate": with_programme(frame_rate=Fraction(-1)),
    "a size": with_programme(size=(2**40, 2)),
    "a null in the source": with_programme(source="/a\0b"),
    "a line that ends first": with_line(start=100, end=1),
    "a line before the programme": with_line(start=-5),
    "a place that ends first": with_line(placement=replace(PLACEMENT, start=300)),
    "a phrase outside its place": with_line(placement=replace(PLACEMENT, pieces=(Piece(0, 9, 0, 2**40),))),
    "no speed": with_line(placement=replace(PLACEMENT, speed=0.0)),
    "a gain": with_line(placement=replace(PLACEMENT, gain_db=1e300)),
    "a dialogue region": replace(SCRIPT, dialogue=((5, 5),)),
}


def test_what_we_write_is_without_fault():
    assert find_fault(SCRIPT) == ""
    assert (
        store.parse_script(
            store.encode_json({"version": store.VERSION, "script": SCRIPT}), Path("script.json")
        )
        == SCRIPT
    )


@pytest.mark.parametrize("script", ODD.values(), ids=ODD)
def test_odd_scripts_are_refused_in_one_line(script):
    with pytest.raises(ScriptError) as error:
        store.parse_script(
            store.encode_json({"version": store.VERSION, "script": script}), Path("script.json")
        )
    assert error.value.hint
    assert "\n" not in error.value.message


@pytest.mark.parametrize("rate", ["1/0", "0/0", "1e999999999", "1/00", "x", " 1", "9" * 50])
def test_a_rate_that_is_none_is_damage(rate):
    data = store.encode_json({"version": store.VERSION, "script": SCRIPT}).replace(
        b'"frame_rate":"24"', f'"frame_rate":"{rate}"'.encode()
    )
    with pytest.raises(ScriptError, match="damaged"):
        store.parse_script(data, Path("script.json"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"settings":{}', b'"settings":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        (b"Anna", b"\xff\xfe"),
    ],
)
def test_what_breaks_a_parser_is_damage(old, new):
    with pytest.raises(msgspec.MsgspecError):
        store.decode_json(store.encode_json(SCRIPT).replace(old, new), Script)
