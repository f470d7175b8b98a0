"""The parts of the Kokoro engine that need no model: symbols, lengths, voices, the graph's outline, sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.engines.adapters.kokoro import durations
from rythmo.engines.adapters.kokoro.graph import GraphError, durations_model
from rythmo.engines.adapters.kokoro.phonemes import symbols
from rythmo.engines.adapters.kokoro.pieces import split_symbols
from rythmo.engines.adapters.kokoro.profiles import profiles
from rythmo.engines.adapters.kokoro.sound import RATE, join_pieces
from rythmo.engines.adapters.kokoro.voices import Blend, parse_voice, phoneme_language
from rythmo.errors import EngineFailedError
from rythmo.mix.take_check import check_take

TABLE = {
    char: n for n, char in enumerate(";:,.!?—… AIOQSWYᵊabdefhijklmnoprstuvwxzɐəɛɜɡɪŋɾɹʃʊʌʒʤʧʦˈˌː\u0303", 1)
}


def of(text: str, language: str = "es", **said: str) -> str:
    """The symbols of a text whose words are said as given, or as they are written."""
    return symbols(text, language, lambda texts: [said.get(one, one) for one in texts], TABLE)


def test_punctuation_stays_where_it_is() -> None:
    assert of("hola, ella dise; bien... no? (si) - oi!") == "hola, ella dise; bien… no? si— oi!"


def test_numerals_keep_their_marks() -> None:
    heard = []
    symbols("1,000 men. 2.5 more.", "en", lambda texts: heard.extend(texts) or ["a"] * len(texts), TABLE)
    assert heard == ["1,000 men", "2.5 more"]


@pytest.mark.parametrize(
    ("language", "ipa", "expected"),
    [
        ("en-us", "d^ʒˈo^ʊ", "ʤˈO"),
        ("en-us", "bˈɜːd nˈɪɹ ɚ", "bˈɜɹd nˈɪɹ əɹ"),
        ("en-gb", "nˈə^ʊ bˈɜːd", "nˈQ bˈɜːd"),
        ("es", "t^ʃˈiko", "ʧˈiko"),
        ("pt-br", "nˈɐ̃^ʊ̃ (en)wˈik(pt)", "nˈɐ̃ʊ̃ wˈik"),
        ("de", "ɡʏt ɫa", "ɡut la"),
    ],
)
def test_phonemes_become_the_symbols_that_the_model_was_trained_on(language, ipa, expected) -> None:
    table = TABLE | {"y": 90}
    found = symbols("w", language, lambda _: [ipa], table)
    assert found == expected.replace("ɡut", "ɡyt")


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_gives_a_symbol_that_is_not_in_the_table(text, ipa) -> None:
    assert set(symbols(text, "en-us", lambda texts: [ipa] * len(texts), TABLE)) <= set(TABLE)


@given(st.text("ab ,.;", max_size=300), st.integers(5, 40))
def test_pieces_are_short_enough_and_lose_no_letter(text, longest) -> None:
    pieces = split_symbols(text, longest)
    assert all(len(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_voice_is_read_as_it_is_written() -> None:
    for voice in ("pm_alex", "0.6*pm_alex+0.4*am_adam", "0.7*af_heart+0.3*bf_emma"):
        assert parse_voice(voice).id == voice
    for wrong in ("", "pm_alex+am_adam", "0.6*pm_alex", "../x", "0.6*a_b+0.6*c_d", "pm_alex; rm"):
        with pytest.raises(EngineFailedError, match="not a voice"):
            parse_voice(wrong)


@pytest.mark.parametrize(
    ("voice", "language", "tag"),
    [
        ("pm_alex", "pt", "pt-br"),
        ("pm_alex", "pt-PT", "pt-pt"),
        ("bm_george", "en", "en-gb"),
        ("af_heart", "en", "en-us"),
        ("af_heart", "en-GB", "en-gb"),
        ("pm_alex", "en", "en-us"),
        ("am_adam", "es-419", "es-419"),
    ],
)
def test_phonemes_are_those_of_the_voices_own_accent(voice, language, tag) -> None:
    assert phoneme_language(Blend(((voice, 1.0),)), language) == tag


FRAMES = np.array([9.7, 2.2, 3.4, 2.9, 6.0, 3.5, 1.0], np.float32)


def test_silence_at_the_ends_is_no_speech() -> None:
    assert durations.seconds_of([FRAMES]) == pytest.approx((2 + 3 + 3 + 6) * 0.025)


@given(st.floats(0.3, 3.0))
def test_a_wanted_length_is_met_as_far_as_the_limits_go(factor) -> None:
    frames = np.random.default_rng(3).uniform(1, 6, 60).astype(np.float32)
    natural = durations.seconds_of([frames])
    speed = durations.speed_for([frames], natural * factor)
    found = durations.seconds_of([frames], speed)
    if 0.55 < factor < 1.9:
        assert found == pytest.approx(natural * factor, rel=0.05)
    assert durations.SLOWEST <= speed <= durations.FASTEST


def field(number: int, body: bytes) -> bytes:
    size = bytes([len(body) & 127 | 128, len(body) >> 7])
    return bytes([number << 3 | 2]) + size + body


def node(operation: str, inputs: list[str], output: str) -> bytes:
    parts = [field(1, name.encode()) for name in inputs]
    return field(1, b"".join([*parts, field(2, output.encode()), field(4, operation.encode())]))


def test_the_graph_is_cut_down_to_what_says_how_long_each_symbol_lasts() -> None:
    weights = [field(5, field(8, name.encode()) + field(9, b"\0" * 4)) for name in ("w1", "w2")]
    inputs = [field(11, field(1, name.encode())) for name in ("tokens", "style", "speed")]
    nodes = [
        node("MatMul", ["tokens", "w1"], "hidden"),
        node("ReduceSum", ["hidden"], "frames"),
        node("Div", ["frames", "speed"], "scaled"),
        node("Conv", ["scaled", "w2"], "audio"),
    ]
    outputs = [field(12, field(1, b"audio"))]
    model = b"\x08\x09" + field(7, b"".join([*nodes, *weights, *inputs, *outputs]))
    cut = durations_model(model)
    for kept in (b"tokens", b"w1", b"frames", b"\x08\x09"):
        assert kept in cut
    for gone in (b"speed", b"w2", b"audio", b"Conv", b"style"):
        assert gone not in cut


@pytest.mark.parametrize("broken", [b"", b"not a model at all", field(7, b""), b"\x3a\x7f\x00", b"\xff" * 9])
def test_what_is_not_a_model_of_kokoro_is_said_to_be_none(broken) -> None:
    with pytest.raises(GraphError):
        durations_model(broken)


def test_pieces_are_joined_without_silence_at_the_ends_and_without_clipping() -> None:
    tone = 1.2 * np.sin(np.arange(RATE) * 0.05).astype(np.float32)
    sound = np.concatenate([np.zeros(6000, np.float32), tone, np.zeros(9000, np.float32)])
    line = join_pieces([sound, sound])
    assert line.seconds == pytest.approx(2 * (1 + 0.04) + durations.PAUSE_SECONDS, abs=0.002)
    assert np.abs(line.samples).max() <= 0.98
    assert check_take(line).spoken.start < 0.02 * 48_000
    for silent in (np.zeros(0, np.float32), np.zeros(100, np.float32), np.full(100, np.nan, np.float32)):
        with pytest.raises(EngineFailedError, match="no sound"):
            join_pieces([silent])


def test_every_voice_has_a_profile() -> None:
    found = profiles()
    assert len(found) == 54
    assert {len(one.vector) for one in found} == {192}
    assert all(60 < one.pitch_low_hz < one.pitch_hz < one.pitch_high_hz < 500 for one in found)
