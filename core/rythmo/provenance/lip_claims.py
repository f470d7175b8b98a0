"""What is claimed about pictures with changed lips: which engine, whose, where, with whose leave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from rythmo.casting.face_consent import FaceConsent
from rythmo.lips.lip_map import LipClip, LipMap, LipPart
from rythmo.provenance.claims import PARTLY_GENERATED, Claim, Dub, PartEdit, claim_film

FILMED = "compositeCapture"
"""IPTC's type of what is put together from filmed frames alone: nothing in it is generated."""
LIPS = "lips"
"""The name of the fact among a claim's."""


@dataclass(frozen=True, slots=True)
class ChangedLips:
    """The lips of a dub with what the claims need besides.

    `filmed` says whether the engine shows only frames that were filmed, else it generates. `faces` are the
    consent records for the faces, by speaker.
    """

    lips: LipMap
    filmed: bool
    faces: Mapping[str, FaceConsent] = field(default_factory=dict)

    @property
    def source_type(self) -> str:
        """The digital source type of a picture with these lips in it."""
        return FILMED if self.filmed else PARTLY_GENERATED

    @property
    def agent(self) -> tuple[str, str]:
        """The engine's name and version."""
        name, _, version = self.lips.engine.partition(" ")
        return name, version


def claim_film_with_lips(dub: Dub, title: str, changed: ChangedLips) -> Claim:
    """Claim the dubbed film with the lips burnt into its picture."""
    claim = claim_film(dub, title)
    parts = [part for clip in changed.lips.clips for part in clip.parts]
    kind = claim.source_type if changed.filmed else PARTLY_GENERATED
    facts = {**claim.facts, LIPS: _describe_lips(dub, changed, parts)}
    return replace(claim, source_type=kind, facts=facts, parts=(_edit_lips(changed, parts, 0),))


def claim_lip_clip(dub: Dub, title: str, clip: LipClip, changed: ChangedLips) -> Claim:
    """Claim a clip of lips: a part of the source's picture, edited, without sound."""
    script = dub.script
    facts = {
        "what": "lip clip",
        "programme": script.programme.name,
        "original_language": script.source_language,
        "language": script.target_language,
        "sources": [{"title": origin.title, "sha256": origin.sha256} for origin in dub.origins],
        "lines": [],
        LIPS: _describe_lips(dub, changed, clip.parts),
    }
    edit = _edit_lips(changed, clip.parts, clip.first - clip.head)
    return Claim(title, changed.source_type, dub.product, changed.agent, facts, edited=True, parts=(edit,))


def _edit_lips(changed: ChangedLips, parts: Sequence[LipPart], first: int) -> PartEdit:
    """Return the edit of these parts in a file that begins with the film's frame `first`."""
    rate = Fraction(changed.lips.rate)
    spans: list[tuple[int, int]] = []
    for low, high in sorted((part.unit.first - first, part.unit.last - first) for part in parts):
        if spans and low <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], high)
        else:
            spans.append((low, high))
    seconds = tuple((float(low / rate), float(high / rate)) for low, high in spans)
    how = "frames of the same people, filmed elsewhere in it" if changed.filmed else "generated mouths"
    text = f"The lips of people on screen follow the dubbed sound: {how}."
    return PartEdit(changed.agent, changed.source_type, text, seconds)


def _describe_lips(dub: Dub, changed: ChangedLips, parts: Sequence[LipPart]) -> dict[str, Any]:
    speakers = dict.fromkeys(part.unit.speaker for part in parts)
    names = {speaker.id: speaker.name for speaker in dub.script.speakers}
    rate = Fraction(changed.lips.rate)
    return {
        "engine": changed.lips.engine,
        "made_from": "filmed frames" if changed.filmed else "generated",
        "draft": changed.lips.draft,
        "seconds": round(float(sum(part.unit.count for part in parts) / rate), 2),
        "lines": list(dict.fromkeys(part.unit.line for part in parts)),
        "faces": [
            {
                "speaker": speaker,
                "name": names.get(speaker, speaker),
                **_describe_record(changed.faces.get(speaker), named=dub.consent_names),
            }
            for speaker in speakers
        ],
    }


def _describe_record(record: FaceConsent | None, *, named: bool) -> dict[str, Any]:
    if record is None:
        return {}
    told = {"record": record.fingerprint}
    if not named:
        return {"consent": told}
    names = {"face_of": record.face_of, "granted_by": record.granted_by, "granted_to": record.granted_to}
    return {"consent": {**told, **names, "until": record.expires.isoformat()}}
