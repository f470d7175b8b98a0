"""Kokoro's voices: their languages, mixtures of two of them, and the style vectors.

A voice is written as its name, or as a mixture: "0.6*pm_alex+0.4*am_adam". The first letter of a name is the
language that the voice was trained on; the second is f or m.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import EngineFailedError

ACCENTS: Mapping[str, tuple[str, str]] = {
    "a": ("en", "en-us"),
    "b": ("en", "en-gb"),
    "e": ("es", "es"),
    "f": ("fr", "fr"),
    "h": ("hi", "hi"),
    "i": ("it", "it"),
    "j": ("ja", "ja"),
    "p": ("pt", "pt-br"),
    "z": ("zh", "cmn"),
}
"""First letter of a voice's name -> ISO code of its language, and the language tag of its phonemes."""
_PART = re.compile(r"(?:(0\.\d{1,2}|1(?:\.0)?)\*)?([a-z]{2}_[a-z0-9]+)")
_ROWS, _WIDTH = 510, 256
_HINT = "Cast the speaker again, or get the model again: rythmo models get kokoro"


@dataclass(frozen=True, slots=True)
class Blend:
    """A voice, or two with shares that sum to 1, the larger share first."""

    parts: tuple[tuple[str, float], ...]

    @property
    def id(self) -> str:
        """The voice as it is written in scripts and cast files."""
        if len(self.parts) == 1:
            return self.parts[0][0]
        return "+".join(f"{share:.2g}*{name}" for name, share in self.parts)

    @property
    def accent(self) -> str:
        """The first letter of the main voice, which stands for its language."""
        return self.parts[0][0][0]


def parse_voice(voice: str) -> Blend:
    """Parse a voice or mixture. Raises EngineFailedError when it is not one."""
    found = [_PART.fullmatch(part) for part in voice.split("+")]
    parts = tuple((match[2], float(match[1] or 1.0)) for match in found if match)
    total = sum(share for _, share in parts)
    if len(parts) != len(found) or not 1 <= len(parts) <= 2 or abs(total - 1) > 0.02:
        raise EngineFailedError(
            f"{voice!r} is not a voice of Kokoro.",
            hint='Write one like "pm_alex" or "0.6*pm_alex+0.4*am_adam".',
        )
    return Blend(parts)


def phoneme_language(voice: Blend, language: str) -> str:
    """Return the tag whose phonemes the voice gets for a language.

    Portuguese is Brazilian, like the voices, unless European is requested. English is the voice's own
    variety.
    """
    tag = language.lower().replace("_", "-")
    base = tag.split("-")[0]
    own, accent = ACCENTS.get(voice.accent, ("", ""))
    if base == "en":
        return tag if tag in ("en-us", "en-gb") else accent if own == "en" else "en-us"
    return "pt-br" if tag == "pt" else tag


class Styles:
    """The style vectors of the voices in a folder, each read when first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, NDArray[np.float32]] = {}

    def names(self) -> tuple[str, ...]:
        """Return all voices, in order of name."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.bin")))

    def style(self, voice: Blend, row: int) -> NDArray[np.float32]:
        """Return the vector, shape (256,), for a text of `row` + 1 symbols. Raises EngineFailedError."""
        row = min(max(row, 0), _ROWS - 1)
        mixed = sum(np.float32(share) * self._table(name)[row] for name, share in voice.parts)
        return np.asarray(mixed, np.float32)

    def _table(self, name: str) -> NDArray[np.float32]:
        if name not in self._tables:
            try:
                values = np.fromfile(self._folder / f"{name}.bin", "<f4")
                self._tables[name] = values.reshape(_ROWS, _WIDTH)
            except (OSError, ValueError) as error:
                raise EngineFailedError(f"Kokoro has no voice {name!r} here.", hint=_HINT) from error
        return self._tables[name]
