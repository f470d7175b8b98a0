"""What a dub's lips are, for whoever signs them: the engine, and the records that allow it."""

from __future__ import annotations

from rythmo.casting.consent import Use, find_allowing, parse_territories, read_utc_date
from rythmo.casting.face_consent import FaceConsent, explain_face_consent
from rythmo.engines import registry
from rythmo.engines.base import FILMED, Kind
from rythmo.provenance.lip_claims import ChangedLips
from rythmo.script.model import Script
from rythmo.stages.cast import cast_of
from rythmo.stages.context import Context
from rythmo.stages.lips import load_lips


def describe_lips(script: Script, context: Context) -> ChangedLips | None:
    """Return the lips that were made of a dub with what is claimed about them; None where there are none."""
    lips = load_lips(context.project)
    if lips is None or not lips.clips:
        return None
    name = lips.engine.partition(" ")[0]
    specs = registry.installed()[Kind.LIP_SYNC]
    filmed = any(spec.info.name == name and FILMED in spec.info.capabilities for spec in specs)
    speakers = {part.unit.speaker for clip in lips.clips for part in clip.parts}
    found = {speaker: _find_record(speaker, script, context) for speaker in sorted(speakers)}
    return ChangedLips(lips, filmed, {speaker: one for speaker, one in found.items() if one is not None})


def _find_record(speaker_id: str, script: Script, context: Context) -> FaceConsent | None:
    name = next((one.name for one in script.speakers if one.id == speaker_id), "")
    person = cast_of(context).find_person(name) if name else None
    use = Use(
        script.target_language, script.programme.name, parse_territories(context.settings.cast.territories)
    )
    records, day = person.face_consents if person else (), read_utc_date()
    return find_allowing(records, lambda record: explain_face_consent(record, use, day))[0]
