"""What a dub's lips are, for whoever signs them: the engine, and the records that allow it."""

from __future__ import annotations

from rythmo.engines import registry
from rythmo.engines.base import FILMED, Kind
from rythmo.provenance.lip_claims import ChangedLips
from rythmo.script.model import Script
from rythmo.stages.cast import cast_of
from rythmo.stages.context import Context
from rythmo.stages.lips import find_consent, load_lips


def describe_lips(script: Script, context: Context) -> ChangedLips | None:
    """Return the lips that were made of a dub with what is claimed about them; None where there are none."""
    lips = load_lips(context.project)
    if lips is None or not lips.clips:
        return None
    name = lips.engine.partition(" ")[0]
    specs = registry.installed()[Kind.LIP_SYNC]
    filmed = any(spec.info.name == name and FILMED in spec.info.capabilities for spec in specs)
    speakers = {part.unit.speaker for clip in lips.clips for part in clip.parts}
    cast, settings = cast_of(context), context.settings
    found = {speaker: find_consent(speaker, script, cast, settings)[0] for speaker in sorted(speakers)}
    return ChangedLips(lips, filmed, {speaker: one for speaker, one in found.items() if one is not None})
