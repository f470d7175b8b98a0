"""Tuning of a voice's parameters in a loop: speak a sentence, measure the sound, correct the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rythmo.engines.adapters.espeak.cast import Timbre
from rythmo.engines.adapters.espeak.voices import Design
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.prosody import active_level_db, measure_prosody
from rythmo.script.model import Prosody

LEVEL_DB = -23.0
"""The active speech level of every voice, in dBFS RMS; the mix matches each line to its original."""
_ROUNDS = 4
_PITCH_LIMITS = (55.0, 420.0)
# The 90th percentile of pitch divided by the 10th: less sounds monotonous, more sounds like a siren.
_RANGE_LIMITS = (1.08, 1.9)
_MOST_TILT_DB = 9.0
_LOWEST_END = 0.62
_USUAL_BRIGHTNESS = 1200.0
# Variations for further takes: a factor on the melody's range in octaves, and one on the pace.
_READINGS = ((1.15, 0.95), (0.85, 1.05), (1.08, 1.06), (0.92, 0.94), (1.22, 1.0), (0.8, 0.98), (1.3, 0.92))
# The tolerance of pitch and brightness: 1 % (a sixth of a semitone).
_CLOSE = 0.01

# Texts to measure a voice with. Other languages use numerals, which espeak-ng reads in every language.
_SENTENCES = {
    "en": "I did not know that you were here. I have not seen Maria. She said she would, but nobody came. "
    "Close the door. What do you want from me? We have no time.",
    "es": "No sabía que estabas aquí. No he visto a María. Dijo que vendría, pero nadie ha venido. "
    "Cierra la puerta. ¿Qué quieres de mí? No tenemos tiempo.",
    "fr": "Je ne savais pas que tu étais là. Je n'ai pas vu Marie. Elle a dit qu'elle viendrait, mais non. "
    "Ferme la porte. Que veux-tu de moi ? Nous n'avons pas le temps.",
    "pt": "Não sabia que estavas aqui. Não vi a Maria. Ela disse que vinha, mas ninguém apareceu. "
    "Fecha a porta. O que queres de mim? Não temos tempo.",
    "it": "Non sapevo che fossi qui. Non ho visto Maria. Ha detto che veniva, ma non è venuto nessuno. "
    "Chiudi la porta. Che cosa vuoi da me? Non abbiamo tempo.",
    "de": "Ich wusste nicht, dass du hier bist. Ich habe Maria nicht gesehen. Sie wollte, aber niemand kam. "
    "Mach die Tür zu. Was willst du von mir? Wir haben keine Zeit.",
    "ca": "No sabia que eres aquí. No he vist la Maria. Va dir que vindria, però no ha vingut ningú. "
    "Tanca la porta. Què vols de mi? No tenim temps.",
    "ro": "Nu știam că ești aici. Nu am văzut-o pe Maria. A spus că vine, dar nu a venit nimeni. "
    "Închide ușa. Ce vrei de la mine? Nu avem timp.",
}
_NUMERALS = "12, 345, 678. 90, 21? 43, 65, 87. 19, 28, 37."

Model = Callable[["Tuning", str], Audio]
"""Return the sound of a text, spoken with a tuning."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """The complete definition of a voice: espeak-ng's parameters, and the processing of its sound.

    `design` goes to espeak-ng. `pitch_hz` is the median pitch; `tilt_db` and `gain_db` are applied to the
    sound.
    """

    design: Design
    pitch_hz: float
    tilt_db: float = 0.0
    gain_db: float = 0.0

    @property
    def timbre(self) -> Timbre:
        """The properties by which the voice is compared with others."""
        return Timbre(self.design.variant, self.design.formants, self.pitch_hz)

    @property
    def name(self) -> str:
        """The voice's name for people: variant, formant factor and pitch."""
        return f"{self.design.variant}-{self.design.formants:.2f}-{self.pitch_hz:.0f}Hz"

    def settings(self) -> dict[str, Any]:
        """Return the tuning as JSON values, for `VoiceRef.settings`."""
        return {
            "variant": self.design.variant,
            "pitch_low": self.design.low,
            "pitch_high": self.design.high,
            "formants": round(self.design.formants, 4),
            "pitch_hz": round(self.pitch_hz, 2),
            "tilt_db": self.tilt_db,
            "gain_db": self.gain_db,
        }

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Tuning:
        """Read a tuning from `VoiceRef.settings`. Raises EngineFailedError when they are not those of a
        voice."""
        try:
            low, high = int(settings["pitch_low"]), int(settings["pitch_high"])
            design = Design(str(settings["variant"]), low, high, float(settings["formants"]))
            return cls(
                design, float(settings["pitch_hz"]), float(settings["tilt_db"]), float(settings["gain_db"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EngineFailedError(
                f"These are not settings of an espeak voice: {dict(settings)!r}.",
                hint="Cast the speaker again.",
            ) from error


def vary_take(tuning: Tuning, variation: int) -> tuple[Tuning, float]:
    """Return a livelier or calmer tuning for another take of the same words, and a factor on its pace.

    Variation 0 is the voice as it was cast. Seven others follow, and then they repeat.
    """
    if not variation:
        return tuning, 1.0
    lively, pace = _READINGS[(variation - 1) % len(_READINGS)]
    low, high = tuning.design.low, tuning.design.high
    middle, half = math.sqrt(low * high), math.sqrt(high / low) ** lively
    design = replace(tuning.design, low=round(middle / half), high=round(middle * half))
    return replace(tuning, design=design), pace


def sample_text(language: str) -> str:
    """Return the text with which voices are measured in a language."""
    return _SENTENCES.get(language.lower().replace("_", "-").split("-")[0], _NUMERALS)


def tune(model: Model, timbre: Timbre, target: Prosody, language: str = "") -> Tuning:
    """Return the tuning with which the model has the target's median pitch, pitch range and brightness.

    Values that the target lacks stay as the voice has them.
    """
    pitch = min(max(timbre.pitch_hz, _PITCH_LIMITS[0]), _PITCH_LIMITS[1])
    ratio = _range_of(target)
    design = Design(
        timbre.variant, round(pitch / math.sqrt(ratio)), round(pitch * math.sqrt(ratio)), timbre.formants
    )
    tuning = Tuning(design, pitch)
    text = sample_text(language)
    for _ in range(_ROUNDS):
        heard = measure_prosody(model(tuning, text))
        if heard.pitch_hz is None or heard.pitch_low_hz is None or heard.pitch_high_hz is None:
            break
        if _close(heard.pitch_hz, pitch) and _close(heard.brightness_hz, target.brightness_hz):
            break
        tuning = _correct(tuning, heard, pitch, ratio, target.brightness_hz)
    level = active_level_db(model(tuning, text))
    return replace(
        tuning, gain_db=round(tuning.gain_db + LEVEL_DB - (LEVEL_DB if level is None else level), 2)
    )


def _close(heard: float | None, wanted: float | None) -> bool:
    return not heard or not wanted or abs(heard / wanted - 1) < _CLOSE


def _range_of(target: Prosody) -> float:
    if not (target.pitch_low_hz and target.pitch_high_hz):
        return 1.3
    return min(max(target.pitch_high_hz / target.pitch_low_hz, _RANGE_LIMITS[0]), _RANGE_LIMITS[1])


def _correct(tuning: Tuning, heard: Prosody, pitch: float, ratio: float, brightness: float | None) -> Tuning:
    assert heard.pitch_hz and heard.pitch_low_hz and heard.pitch_high_hz
    low, high = _contour(tuning.design, heard, pitch, ratio)
    design = replace(tuning.design, low=low, high=high)
    tilt = tuning.tilt_db
    if brightness and heard.brightness_hz:
        # 6 dB of tilt move the spectral centroid by roughly a third of an octave.
        tilt += 14.0 * math.log2(brightness / heard.brightness_hz)
    tilt = round(min(max(tilt, -_MOST_TILT_DB), _MOST_TILT_DB), 1)
    return replace(tuning, design=design, tilt_db=tilt)


def _contour(design: Design, heard: Prosody, pitch: float, ratio: float) -> tuple[int, int]:
    """Return the low and high pitch in Hz that give the wanted median and ratio of percentiles.

    espeak-ng's F0 is low + u (high - low), where u comes from the intonation and hardly depends on low and
    high, so that the equations can be solved for them.
    """
    span = design.high - design.low
    below, middle, above = (
        ((hertz or pitch) - design.low) / span
        for hertz in (heard.pitch_low_hz, heard.pitch_hz, heard.pitch_high_hz)
    )
    span_wanted = pitch * (ratio - 1) / max((above - middle) + ratio * (middle - below), 1e-3)
    # Lines end near the low end. Further down they would creak, and no pitch could be measured.
    lowest = max(_PITCH_LIMITS[0], _LOWEST_END * pitch)
    span_wanted = min(span_wanted, (pitch - lowest) / max(middle, 1e-3))
    low = pitch - span_wanted * middle
    return round(low), max(round(low + span_wanted), round(low) + 4)


def natural_brightness(model: Model, variant: str, pitch_hz: float, language: str) -> float:
    """Measure a variant's own brightness in Hz, at a given pitch."""
    tuning = Tuning(Design(variant, round(pitch_hz * 0.8), round(pitch_hz * 1.1)), pitch_hz)
    first, _, _ = sample_text(language).partition(". ")
    return measure_prosody(model(tuning, first)).brightness_hz or _USUAL_BRIGHTNESS
