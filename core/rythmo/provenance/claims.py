"""What is claimed about a delivered file: how it came about, from which source, by which engines. Pure.

The words for how sound came about are IPTC's digital source types, which C2PA uses too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rythmo.casting.consent import Consent
from rythmo.script.model import Line, Script, Speaker
from rythmo.script.takes import Take, TakeKind

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

GENERATED = "trainedAlgorithmicMedia"
BY_RULES = "algorithmicMedia"
"""Made by an algorithm that learned from nobody's recordings, such as formant synthesis."""
RECORDED = "digitalCapture"
ENHANCED = "algorithmicallyEnhanced"
PARTLY_GENERATED = "compositeWithTrainedAlgorithmicMedia"
PARTLY_BY_RULES = "compositeSynthetic"
COMPOSED = "composite"
WRITTEN = "digitalCreation"

WATERMARK = "watermark"
"""The name of the engine among a script's engines, and of the fact among a claim's."""
_NOT_EVERYWHERE = (WATERMARK, "lipsync")


@dataclass(frozen=True, slots=True)
class Origin:
    """A file that something was made from. `parent` marks the one that was edited; others went in."""

    title: str
    sha256: str
    path: str = ""
    """Where it lies; "" where it is gone or C2PA cannot read its kind."""
    media_type: str = ""
    parent: bool = False
    guide: bool = False
    """Whether it only said where things lie, as an edited timeline does: nothing of it is seen or heard."""


@dataclass(frozen=True, slots=True)
class PartEdit:
    """An edit of some stretches [start, end) of a file, in seconds, by an engine of its own."""

    agent: tuple[str, str]
    source_type: str
    description: str
    stretches: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed about one file. `edited` says that it continues its parent, else it is new.

    `product` is Rythmo's name and version, `agent` those of what made the sound, and `languages` what it was
    translated from and into. `parts` are edits that an engine made in some stretches of it.
    """

    title: str
    source_type: str
    product: tuple[str, str]
    agent: tuple[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    edited: bool = False
    languages: tuple[str, str] | None = None
    parts: tuple[PartEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Dub:
    """A script with what the claims need besides.

    `by_rules` are names of voice engines that no recording was learned by. `consents` are those of the cast
    file by fingerprint. `product` is Rythmo's name and version.
    """

    script: Script
    product: tuple[str, str]
    origins: tuple[Origin, ...] = ()
    by_rules: frozenset[str] = frozenset()
    consents: Mapping[str, Consent] = field(default_factory=dict)
    consent_names: bool = True


def claim_film(dub: Dub, title: str) -> Claim:
    """Claim the dubbed film: the source, edited, with all lines in it."""
    return _claim_edited(dub, title, heard_lines(dub.script), "film")


def claim_stem(dub: Dub, title: str, stem: str) -> Claim:
    """Claim a stem: "MIX" and "ME" continue the source, "DX" and "DX_<speaker>" are new."""
    lines = heard_lines(dub.script)
    if stem == "ME":
        facts = _facts(dub, (), stem) | {"separation": dub.script.engines.get("separator", "")}
        return Claim(title, ENHANCED, dub.product, dub.product, facts, edited=True)
    if stem == "MIX":
        return _claim_edited(dub, title, lines, stem)
    speaker = stem.removeprefix("DX_") if stem.startswith("DX_") else None
    spoken = [line for line in lines if speaker in (None, line.speaker)]
    return Claim(title, classify(spoken, dub), dub.product, _agent(spoken, dub), _facts(dub, spoken, stem))


def claim_paper(dub: Dub, title: str) -> Claim:
    """Claim a script or list of the dub: it is new, and holds words that a person or a machine translated."""
    lines = heard_lines(dub.script)
    facts = _facts(dub, lines, "paper")
    facts.pop(WATERMARK, None)
    words = [told.get("translation") for told in facts["lines"]]
    kind = PARTLY_GENERATED if "machine" in words else WRITTEN
    return Claim(title, kind, dub.product, dub.product, facts)


def claim_take(dub: Dub, title: str, line: Line, take: Take, *, placed: bool = False) -> Claim:
    """Claim one take of a line. A watermark is in its `placed` sound, not in the take as it was spoken."""
    facts = _facts(dub, (), "take") | {"lines": [_describe_line(line, take)]}
    facts |= _describe_watermark(dub, [take] if placed else ())
    facts |= {"speakers": _describe_speakers(dub, {line.speaker})}
    return Claim(title, _classify_takes([take], dub), dub.product, _name_engine(take, dub), facts)


def heard_lines(script: Script) -> tuple[Line, ...]:
    """Return the lines that are in the mix."""
    return tuple(line for line in script.lines if line.take is not None and line.placement is not None)


def classify(lines: Sequence[Line], dub: Dub) -> str:
    """Return the digital source type of dialogue that consists of these lines."""
    return _classify_takes([line.take for line in lines if line.take is not None], dub)


def _classify_takes(takes: Sequence[Take], dub: Dub) -> str:
    kinds = {_made_by(take, dub) for take in takes}
    if not kinds:
        return COMPOSED
    if kinds <= {TakeKind.HUMAN, TakeKind.ORIGINAL}:
        return RECORDED
    if kinds <= {GENERATED, BY_RULES}:
        return GENERATED if GENERATED in kinds else BY_RULES
    return PARTLY_GENERATED if GENERATED in kinds else PARTLY_BY_RULES


def _made_by(take: Take, dub: Dub) -> str:
    if take.kind is not TakeKind.SYNTHETIC:
        return take.kind
    return BY_RULES if take.voice.engine in dub.by_rules else GENERATED


def _claim_edited(dub: Dub, title: str, lines: Sequence[Line], what: str) -> Claim:
    kinds = {_made_by(line.take, dub) for line in lines if line.take is not None}
    by_rules = PARTLY_BY_RULES if BY_RULES in kinds else COMPOSED
    kind = PARTLY_GENERATED if GENERATED in kinds else by_rules
    languages = dub.script.source_language, dub.script.target_language
    facts = _facts(dub, lines, what)
    return Claim(title, kind, dub.product, dub.product, facts, edited=True, languages=languages)


def _agent(lines: Sequence[Line], dub: Dub) -> tuple[str, str]:
    """Return the engine that spoke all these lines, else Rythmo, which put them together."""
    agents = {_name_engine(line.take, dub) for line in lines if line.take is not None}
    return agents.pop() if len(agents) == 1 else dub.product


def _name_engine(take: Take, dub: Dub) -> tuple[str, str]:
    if take.kind is not TakeKind.SYNTHETIC:
        return dub.product
    name, _, version = take.engine.partition(" ")
    return name, version


def _facts(dub: Dub, lines: Sequence[Line], what: str) -> dict[str, Any]:
    script = dub.script
    people = {line.speaker for line in lines}
    return {
        "what": what,
        "programme": script.programme.name,
        "original_language": script.source_language,
        "language": script.target_language,
        # The watermark and lips are facts of their own: they are not in every file of the dub.
        "engines": {
            str(kind): stamp for kind, stamp in sorted(script.engines.items()) if kind not in _NOT_EVERYWHERE
        },
        "sources": [{"title": origin.title, "sha256": origin.sha256} for origin in dub.origins],
        "speakers": _describe_speakers(dub, people),
        "lines": [_describe_line(line, line.take) for line in lines if line.take is not None],
        **_describe_watermark(dub, [line.take for line in lines if line.take is not None]),
    }


def _describe_watermark(dub: Dub, takes: Sequence[Take]) -> dict[str, str]:
    """Name the watermark in sound that holds these takes; nothing where it is off or no engine spoke."""
    stamp = dub.script.engines.get(WATERMARK, "")
    spoken = any(take.kind is TakeKind.SYNTHETIC for take in takes)
    return {WATERMARK: stamp} if stamp and spoken else {}


def _describe_speakers(dub: Dub, ids: set[str]) -> list[dict[str, Any]]:
    return [_describe_speaker(speaker, dub) for speaker in dub.script.speakers if speaker.id in ids]


def _describe_speaker(speaker: Speaker, dub: Dub) -> dict[str, Any]:
    told: dict[str, Any] = {"id": speaker.id, "name": speaker.name}
    if speaker.voice is not None:
        told |= {"engine": speaker.voice.engine, "cloned": bool(speaker.consent)}
    if speaker.consent:
        told["consent"] = _describe_consent(speaker.consent, dub)
    return told


def _describe_consent(fingerprint: str, dub: Dub) -> dict[str, Any]:
    record = dub.consents.get(fingerprint)
    told: dict[str, Any] = {"record": fingerprint}
    if record is None or not dub.consent_names:
        return told
    return told | {
        "voice_of": record.voice_of,
        "granted_by": record.granted_by,
        "granted_to": record.granted_to,
        "until": record.expires.isoformat(),
    }


def _describe_line(line: Line, take: Take) -> dict[str, Any]:
    """Describe whose voice and whose words a line has. The words themselves stay out: they may be secret."""
    told: dict[str, Any] = {"id": line.id, "take": take.id, "voice": str(take.kind)}
    if take.kind is TakeKind.SYNTHETIC:
        told["engine"] = take.engine
    if take.kind is not TakeKind.ORIGINAL:
        told["translation"] = "person" if "translation" in line.edited else "machine"
    return told
