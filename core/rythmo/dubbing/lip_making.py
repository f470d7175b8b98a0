"""When lips are made: in a dub that asks for them, after edits of such a dub, and on request."""

from __future__ import annotations

from collections.abc import Collection

from rythmo.lips.units import LipSkip
from rythmo.script.model import Script
from rythmo.stages import lips
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested

_DROPPED = "The lips were made for another cut of the picture, so they are no longer delivered."


def update_lips(
    script: Script, ingested: Ingested, context: Context, *, only: Collection[str] | None = None
) -> tuple[str, ...]:
    """Make the lips that the settings ask for, and return notes for the user.

    Lips that are still right are not made again. `only` names the lines whose lips are asked for, none of
    them meaning every line. Without it, as after an edit, lines that were left out on request stay without
    lips. Raises EngineMissingError when no engine is ready.
    """
    if not context.settings.lips.make:
        return (_DROPPED,) if lips.drop_stale_lips(ingested, context) else ()
    asked = _find_asked(script, context) if only is None else only
    return lips.run(script, ingested, context, only=asked)[1]


def _find_asked(script: Script, context: Context) -> tuple[str, ...]:
    """Return the lines that are not left out; none where every line is asked for."""
    known = lips.load_lips(context.project)
    left = {one.line for one in known.skipped if one.reason is LipSkip.NOT_ASKED} if known else set()
    return tuple(line.id for line in script.lines if line.id not in left) if left else ()
