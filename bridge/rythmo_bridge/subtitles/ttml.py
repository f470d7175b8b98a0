"""Writes TTML in the text profile of IMSC 1.1 (W3C), the subtitle format of broadcasters and streaming
services.

Times are counts of frames (`1234f`) at the programme's rate (`ttp:frameRate` with its multiplier), so they
are exact. `HH:MM:SS:FF` would not be, because TTML counts real seconds there, which are not whole frames at
23.976.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from rythmo.timebase import SAMPLE_RATE, nearest_frame, nominal_rate
from rythmo_bridge.subtitles.cues import Cue, Subtitles
from rythmo_bridge.xml_text import document, element, inline, leaf, text

_NAMESPACES = {
    "xmlns": "http://www.w3.org/ns/ttml",
    "xmlns:ttp": "http://www.w3.org/ns/ttml#parameter",
    "xmlns:tts": "http://www.w3.org/ns/ttml#styling",
    "xmlns:ttm": "http://www.w3.org/ns/ttml#metadata",
}
_PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_REGION = {
    "xml:id": "bottom",
    "tts:origin": "10% 80%",
    "tts:extent": "80% 15%",
    "tts:displayAlign": "after",
    "tts:textAlign": "center",
}
_STYLE = {
    "xml:id": "plain",
    "tts:color": "white",
    "tts:fontFamily": "proportionalSansSerif",
    "tts:fontSize": "100%",
    "tts:lineHeight": "125%",
}


def render(subtitles: Subtitles, rate: Fraction, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Return the file's bytes."""
    base = nominal_rate(rate)
    multiplier = rate / base
    agents = {name: f"speaker{n}" for n, name in enumerate(_speakers(subtitles), start=1)}
    cues = (
        _paragraph(cue, number, rate, sample_rate, agents) for number, cue in enumerate(subtitles.cues, 1)
    )
    root = element(
        "tt",
        element("head", _agents(agents), *_LOOKS),
        element("body", element("div", *cues), attributes={"region": "bottom", "style": "plain"}),
        attributes={
            **_NAMESPACES,
            "xml:lang": subtitles.language,
            "ttp:timeBase": "media",
            "ttp:frameRate": base,
            "ttp:frameRateMultiplier": f"{multiplier.numerator} {multiplier.denominator}",
            "ttp:contentProfiles": _PROFILE,
        },
    )
    return document(root)


_LOOKS = (
    element("styling", element("style", attributes=_STYLE)),
    element("layout", element("region", attributes=_REGION)),
)


def _speakers(subtitles: Subtitles) -> list[str]:
    return sorted({cue.speaker for cue in subtitles.cues if cue.speaker})


def _agents(agents: Mapping[str, str]) -> str:
    if not agents:
        return ""
    people = (
        element(
            "ttm:agent",
            leaf("ttm:name", name, {"type": "full"}),
            attributes={"xml:id": key, "type": "person"},
        )
        for name, key in agents.items()
    )
    return element("metadata", *people)


def _paragraph(cue: Cue, number: int, rate: Fraction, sample_rate: int, agents: Mapping[str, str]) -> str:
    attributes = {
        "xml:id": f"cue{number}",
        "begin": f"{nearest_frame(cue.start, rate, sample_rate)}f",
        "end": f"{nearest_frame(cue.end, rate, sample_rate)}f",
        "ttm:agent": agents.get(cue.speaker or ""),
    }
    body = "<br/>".join(text(line) for line in cue.text.split("\n"))
    body = body.replace("&lt;i&gt;", '<span tts:fontStyle="italic">').replace("&lt;/i&gt;", "</span>")
    return inline("p", body, attributes)
