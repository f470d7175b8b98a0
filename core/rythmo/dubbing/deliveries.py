"""Write a dub's deliveries, by what the bridge registers, and read its subtitles back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rythmo import hooks
from rythmo.dubbing.signed_deliveries import sign_deliveries
from rythmo.files import write_atomically
from rythmo.mix import turnover
from rythmo.provenance.disclosure import CARD, CARD_FILE, add_disclosure_cue, find_disclosure
from rythmo.provenance.record import SignedDeliveries
from rythmo.qc.report_model import TimedText
from rythmo.script.model import Script
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested

FILM_WITH_LIPS = "mp4-lips"
"""The format that `--burn-lips` adds."""


def write_formats(
    script: Script, formats: Sequence[str], ingested: Ingested, context: Context
) -> tuple[Path, ...]:
    """Write the script in these formats and return the files. Raises what the deliverer raises."""
    if not formats:
        return ()
    return tuple(
        hooks.load_deliverer()(
            context.project.root,
            add_disclosure_cue(script, context.settings.provenance),
            formats,
            source=ingested.info.path,
            subtitles=context.settings.subtitles,
            loops=context.settings.loops,
            report=context.report,
            cancel=context.cancel,
        )
    )


def write_deliveries(
    script: Script, ingested: Ingested, context: Context
) -> tuple[tuple[Path, ...], SignedDeliveries]:
    """Write the formats of the settings and, if they ask for it, the mixer's turnover, and sign them.

    Returns the files and the record of what was signed.
    """
    files = write_formats(script, _wanted_formats(context), ingested, context)
    if context.settings.turnover.stems:
        folder = context.project.root / "deliver" / script.target_language / turnover.FOLDER
        files = (
            *files,
            *turnover.write_turnover(context.project.root, script, folder, context.settings.turnover),
        )
    if card := find_disclosure(script, context.settings.provenance, CARD):
        path = context.project.root / "deliver" / script.target_language / CARD_FILE
        write_atomically(path, f"{card}\n".encode())
        files = (*files, path)
    signed = sign_deliveries(script, files, ingested, context)
    context.step("deliver", 1, 1)
    return files, signed


def _wanted_formats(context: Context) -> tuple[str, ...]:
    """Return the formats of the settings, with the film with lips where it is asked for."""
    names, lips = context.settings.deliver.names, context.settings.lips
    return (*names, FILM_WITH_LIPS) if lips.burn and FILM_WITH_LIPS not in names else names


def read_delivered_cues(script: Script, files: Sequence[Path]) -> dict[str, tuple[TimedText, ...]]:
    """Read the delivered subtitles, by language."""
    languages, read = (script.source_language, script.target_language), hooks.load_shown_cue_reader()
    return {
        language: read(path, script.programme.sample_rate)
        for language in languages
        for path in files
        # A programme without speech has subtitle files without a cue.
        if path.name.endswith(f".{language}.srt") and path.stat().st_size
    }
