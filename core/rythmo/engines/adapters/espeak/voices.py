"""espeak-ng's languages, and the text of our own voice files. Pure, apart from reading espeak-ng's data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

VERSION = "1.52"

# ISO 639-1 codes that espeak-ng uses too. A test checks that the library has them all.
_SAME = (
    "af am an ar as az ba be bg bn ca cs cv cy da de el eo es et eu fa fi fo fr ga gd gn gu he hi hr ht "
    "hu hy ia id io is it ja ka kk kl kn ko ku ky la lb lt lv mi mk ml mr ms mt my ne nl om or pa pl pt "
    "qu ro ru sd si sk sl sq sr sv sw ta te th ti tk tn tr tt ug uk ur uz vi"
)
_OTHER = {
    "en": "en-us", "zh": "cmn", "no": "nb", "nb": "nb", "nn": "nb", "bs": "hbs", "hr": "hbs", "sr": "hbs",
    "sh": "hbs", "iw": "he", "in": "id",
}  # fmt: skip
_REGIONAL = {
    "en-us": "en-us", "en-gb": "en-gb", "en-029": "en-029", "es-es": "es", "es-419": "es-419",
    "es-mx": "es-419", "es-ar": "es-419", "es-co": "es-419", "es-cl": "es-419", "es-us": "es-419",
    "fr-fr": "fr", "fr-be": "fr-be", "fr-ch": "fr-ch", "fr-ca": "fr", "pt-pt": "pt", "pt-br": "pt-br",
    "de-de": "de", "it-it": "it", "zh-cn": "cmn", "zh-tw": "cmn", "zh-hans": "cmn", "zh-hant": "cmn",
    "zh-hk": "yue", "zh-yue": "yue", "yue": "yue", "cmn": "cmn",
}  # fmt: skip
CODES: dict[str, str] = {**{code: code for code in _SAME.split()}, **_OTHER, **_REGIONAL}
"""Lower-case language tag -> espeak-ng's code."""

# The lines of a variant that make its timbre. We set the pitch ourselves, an echo would smear over cuts, and
# stress and intonation belong to the language.
_TIMBRE = frozenset(
    {"formant", "voicing", "tone", "breath", "breathw", "consonants", "roughness", "flutter", "klatt"}
)


@dataclass(frozen=True, slots=True)
class Design:
    """espeak-ng's parameters of a voice.

    `variant` is a file of its data folder. F0 runs from `low` to `high` in nominal Hz. `formants` is a factor
    on the formants; above 1.0 it means a shorter vocal tract.
    """

    variant: str
    low: int
    high: int
    formants: float = 1.0


def find_code(language: str) -> str | None:
    """Return espeak-ng's code for an ISO 639-1 code or a regional tag (es-419, pt-BR), or None."""
    tag = language.strip().lower().replace("_", "-")
    return CODES.get(tag) or CODES.get(tag.split("-")[0])


def language_files(data: Path) -> dict[str, Path]:
    """Return espeak-ng's language codes, each with the file that defines it."""
    found: dict[str, tuple[int, Path]] = {}
    for path in sorted((data / "lang").rglob("*")):
        if not path.is_file():
            continue
        for words in map(str.split, path.read_text("utf-8", "replace").splitlines()):
            if len(words) < 2 or words[0] != "language":
                continue
            # The number is the priority of the file for this code: low is better, and 5 is the default.
            fit = int(words[2]) if len(words) > 2 and words[2].isdigit() else 5
            if fit < found.get(words[1], (99, path))[0]:
                found[words[1]] = (fit, path)
    return {code: path for code, (_, path) in found.items()}


def compose_voice_file(language_text: str, variant_text: str, design: Design) -> str:
    """Return the text of a voice file: the language, the variant's timbre, the design's pitch and
    formants."""
    lines = [language_text.rstrip("\n")]
    for words in map(str.split, variant_text.splitlines()):
        if not words or words[0] not in _TIMBRE:
            continue
        if words[0] == "formant" and len(words) > 2:
            words[2] = str(round(int(words[2]) * design.formants))
        lines.append(" ".join(words))
    lines.append(f"pitch {design.low} {design.high}")
    return "\n".join(lines) + "\n"
