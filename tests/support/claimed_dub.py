"""A script of two speakers whose lines are spoken by the engines that a test names, ready to be claimed."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from rythmo.casting.consent import Consent
from rythmo.provenance.claims import Dub, Origin
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Placement, Take, VoiceRef

RECORD = Consent("Anna Example", "Anna Example", "Studio", "season 1", ("es",), date(2027, 1, 31), "ab" * 32)


def take(engine, **more):
    more |= {"human": engine == "an actor"}
    return Take(
        "t01", f"takes/{engine}.wav", 100, "secret words", f"{engine} 1.2", VoiceRef(engine, "v"), **more
    )


def line(number, speaker, engine, **more):
    one = take(engine)
    return Line(
        f"{speaker}_{number:04}", speaker, number, number + 10, "secret original", takes=(one,), chosen="t01",
        translation="secret words", placement=Placement(number, number + 100, number + 200), **more,
    )  # fmt: skip


def dub(*engines, names=True):
    speakers = (
        Speaker("S1", "Anna", VoiceRef("cloner", "clone-12"), consent=RECORD.fingerprint),
        Speaker("S2", "Ben", VoiceRef("kokoro", "am_adam")),
    )
    lines = tuple(line(n, f"S{1 + n % 2}", engine) for n, engine in enumerate(engines))
    programme = Programme("film", "/somewhere/film.mp4", 48_000, 48_000, 2, Fraction(25))
    script = Script(programme, "en", "es", speakers, lines, {"voice": "kokoro 1.2", "separator": "demucs 4"})
    origins = (Origin("film.mp4", "cd" * 32, "/somewhere/film.mp4", "video/mp4", parent=True),)
    return Dub(script, ("Rythmo", "9"), origins, frozenset({"espeak"}), {RECORD.fingerprint: RECORD}, names)
