"""`rythmo convert IN OUT`: converts a timeline, or a script or subtitles, from one format to another."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.errors import InputError, UsageError
from rythmo.files import make_printable, require_writable
from rythmo.timebase import can_drop, snap_rate
from rythmo_bridge.formats.edl.reader import read_at
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format, find_format, format_by_path, read_timeline, writers
from rythmo_bridge.frame_grid import on_frames
from rythmo_bridge.script_file import is_script_file, open_script_file
from rythmo_bridge.timeline import Timeline

_NEEDS_A_DUB = frozenset({"mp4", "markers", "as-recorded", "as-recorded-pdf", "dapt-as-recorded"})
"""Formats about a dub that a script file does not hold."""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    inputs = (
        "timeline (.otio .xml .fcpxml .edl .aaf), script (.dapt.ttml .detx) or subtitles (.srt .stl .vtt)"
    )
    parser.add_argument("input", type=Path, help=inputs)
    parser.add_argument("output", type=Path, help="the file to write; its suffix chooses the format")
    parser.add_argument("--to", metavar="FORMAT", help="the format, if the suffix does not give it")
    parser.add_argument(
        "--sequence", metavar="NAME", default="", help="the timeline to read, if the file holds several"
    )
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    parser.add_argument(
        "--rate", help="frame rate of files that do not contain it (EDLs, subtitles): 23.976, 25 ..."
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read the file, move a timeline to frame borders if the format counts in frames, and write it."""
    target: Path = arguments.output
    form = find_format(arguments.to) if arguments.to else format_by_path(target)
    ((_, write),) = writers([form.name])
    script = is_script_file(arguments.input)
    _require_kind(form, arguments.input, script=script)
    rate = _rate(arguments.rate)
    if script:
        delivery = open_script_file(arguments.input, rate)
    else:
        delivery = _read(arguments.input, rate, arguments.sequence)
    if target.exists() and target.samefile(arguments.input):
        raise UsageError(f"{make_printable(target)} would overwrite itself.", hint="Choose another name.")
    if target.exists() and not arguments.force:
        raise UsageError(
            f"{make_printable(target)} already exists.",
            hint="Choose another name, or overwrite it with --force.",
        )
    require_writable(target.absolute().parent)
    fitted = delivery if script else _fit_to_format(delivery, form, target)
    made = write(fitted, target.absolute())
    for note in delivery.notes if script else _notes(delivery, form):
        output.warn(note)
    output.say("\n".join(make_printable(path) for path in made))
    output.data("done", input=str(arguments.input), files=[str(path) for path in made])
    return 0


def _require_kind(form: Format, path: Path, *, script: bool) -> None:
    """Raise UsageError where a file cannot become one of a format."""
    if script and (form.timeline or form.name in _NEEDS_A_DUB):
        raise UsageError(
            f"{make_printable(path)} is a script: it has no clips to make {form.name} of.",
            hint="`rythmo dub --script` dubs a film with it.",
        )
    if not script and not form.timeline:
        raise UsageError(
            f"{form.name} is not a timeline format.",
            hint="`rythmo deliver` writes lists, scripts and films of a project.",
        )


def _rate(text: str | None) -> Fraction | None:
    try:
        return snap_rate(text) if text else None
    except InputError as error:
        raise UsageError(error.message, hint=error.hint) from error


def _read(path: Path, rate: Fraction | None, sequence: str) -> Timeline:
    if path.suffix.lower() == ".edl" and not sequence:
        return read_at(path, rate, None) if path.exists() else read_timeline(path)
    if rate is not None:
        raise UsageError("--rate is for EDLs; other formats contain their frame rate.", hint="Leave it out.")
    return read_timeline(path, sequence)


def _fit_to_format(delivery: Timeline, form: Format, target: Path) -> Timeline:
    """Move the timeline to frame borders for formats that count in frames.

    Takes get files with heads in `media`, beside the target.
    """
    if delivery.drop and not can_drop(delivery.frame_rate):
        delivery = replace(delivery, drop=False)
    return delivery if form.exact else on_frames(delivery, target.absolute().parent / "media")


def _notes(delivery: Timeline, form: Format) -> list[str]:
    notes = [*delivery.notes, *_losses(delivery, form)]
    offline = sum(item.media is None and item.kind == "clip" for _, item in delivery.items())
    if offline:
        notes.append(f"{format_count(offline, 'clip names', 'clips name')} no media.")
    if delivery.metadata.get("edl", {}).get("rate_inferred"):
        rate = float(delivery.frame_rate)
        notes.append(f"An EDL holds no frame rate: {rate:.3f} was inferred. Set another with --rate.")
    return notes


def _losses(delivery: Timeline, form: Format) -> Iterator[str]:
    """Yield what the timeline has and the format cannot hold."""
    items = [item for _, item in delivery.items()]
    found = {
        Feature.NESTED: (sum(i.nested is not None for i in items), _clips("the timeline in {them}")),
        Feature.TRANSITIONS: (
            sum(len(t.transitions) for t in delivery.tracks),
            ("transition becomes a cut", "transitions become cuts"),
        ),
        Feature.SPEED: (sum(i.speed != 1 for i in items), _clips("{their} change of speed")),
        Feature.GAIN: (sum(bool(i.gain_db) for i in items), _clips("{their} gain")),
        Feature.LEVELS: (sum(bool(i.levels) for i in items), _clips("{their} keyframed gain")),
        Feature.FADES: (sum(bool(i.fade_in or i.fade_out) for i in items), _clips("{their} fades")),
        Feature.MARKERS: (len(delivery.markers), _markers("the timeline")),
        Feature.CLIP_MARKERS: (sum(len(i.markers) for i in items), _markers("clips")),
    }
    for feature, (count, what) in found.items():
        if count and feature not in form.keeps and feature not in form.partly:
            yield f"{format_count(count, *what)} in {form.name}."


def _clips(what: str) -> tuple[str, str]:
    return (
        f"clip loses {what.format(them='it', their='its')}",
        f"clips lose {what.format(them='them', their='their')}",
    )


def _markers(where: str) -> tuple[str, str]:
    return f"marker of {where} is lost", f"markers of {where} are lost"
