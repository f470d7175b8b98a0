"""When faces are looked for: in a dub that asks for it, after edits that need it, and on request."""

from __future__ import annotations

from rythmo.engines.base import Kind
from rythmo.errors import EngineMissingError
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.script.model import Script
from rythmo.stages import faces
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested


def update_faces(
    script: Script, ingested: Ingested, speech: ChunkedAudio, context: Context, *, whole: bool
) -> tuple[Script, tuple[str, ...]]:
    """Return the script with who is on screen, and notes, where that is wanted or out of date.

    A whole dub looks when the settings ask for it. After an edit, lines of which nothing is known any more
    are looked up in the faces that were found before; without their engine they stay unknown. Raises
    EngineMissingError when a dub asks for faces and no tracker is ready.
    """
    if whole and context.settings.faces.find:
        return faces.run(script, ingested, speech, context)
    if not _is_out_of_date(script, ingested, context):
        return script, ()
    try:
        context.engines.spec(Kind.FACE_TRACKER)
    except EngineMissingError:
        return script, ()
    return faces.run(script, ingested, speech, context)


def _is_out_of_date(script: Script, ingested: Ingested, context: Context) -> bool:
    known = faces.load_faces(context.project)
    if known is None:
        return False
    # After an undo the lines are as they were, but the faces still have the names that were taken back.
    if known.names != script.faces or any(line.on_screen is None for line in script.lines):
        return True
    # Whoever cuts a film often saves it under the same name.
    picture = faces.open_picture(ingested, context) if known.picture else None
    return picture is not None and known.is_of_other_picture(picture.key)
