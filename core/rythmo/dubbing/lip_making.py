"""When lips are made: in a dub that asks for them, after edits of such a dub, and on request."""

from __future__ import annotations

from collections.abc import Collection

from rythmo.script.model import Script
from rythmo.stages import lips
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested


def update_lips(
    script: Script, ingested: Ingested, context: Context, *, only: Collection[str] = ()
) -> tuple[str, ...]:
    """Make the lips that the settings ask for, and return notes for the user.

    Lips that are still right are not made again. Raises EngineMissingError when no engine is ready.
    """
    if not context.settings.lips.make:
        return ()
    return lips.run(script, ingested, context, only=only)[1]
