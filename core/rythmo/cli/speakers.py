"""`rythmo speakers PROJECT`: who speaks; name them, make two of them one, or one of them two."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from rythmo import settings_file
from rythmo.cli import language_flag
from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.counts import format_count
from rythmo.dubbing.project_edits import edit_project
from rythmo.errors import UsageError
from rythmo.script.edits import merge_speakers, recolour_speaker, rename_speaker, split_speaker
from rythmo.script.model import Script, Speaker


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--rename", action="append", default=[], metavar="S1=NAME", help="who this is; may be given again"
    )
    parser.add_argument(
        "--merge", action="append", default=[], metavar="S3=S1", help="S3 is the same person as S1"
    )
    parser.add_argument(
        "--split",
        action="append",
        default=[],
        metavar="S1:LINE,LINE=NAME",
        help="these lines of S1 are somebody else's, for example S1:S1_0004,S1_0007=Bob",
    )
    parser.add_argument(
        "--colour", action="append", default=[], metavar="S1=#RRGGBB", help="colour in timelines and pages"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show who speaks; with a change, voice the lines that are somebody else's now, mix and deliver again."""
    project = language_flag.open_project(arguments, output)
    script, made = project.load(), []
    if _apply_edits(script, arguments) != script:
        chosen = settings_file.resolve_settings(file=project.root / "settings.toml", environment=os.environ)
        result = edit_project(
            project,
            lambda script: _apply_edits(script, arguments),
            chosen,
            what="change speakers",
            report=output.progress,
        ).result
        for note in result.notes:
            output.warn(note)
        script, made = result.script, list_deliveries(result)
    output.say("\n".join(format_speakers(script)))
    if made:
        language_flag.tell_out_of_date(project, output)
    people = [_as_data(speaker, script) for speaker in script.speakers]
    output.data("done", project=str(project.root), speakers=people, deliveries=made)
    return 0


def _apply_edits(script: Script, arguments: argparse.Namespace) -> Script:
    """Splits before merges before names, so that one call may do all three."""
    for given in arguments.split:
        which, name = _parse_pair(given, "--split", "S1:S1_0004,S1_0007=Bob")
        speaker, colon, lines = which.partition(":")
        if not colon:
            raise UsageError(f"--split {given} names no lines.", hint="For example S1:S1_0004,S1_0007=Bob.")
        ids = [line.strip() for line in lines.split(",") if line.strip()]
        script, _ = split_speaker(script, speaker.strip(), ids, name)
    for given in arguments.merge:
        script = merge_speakers(script, *_parse_pair(given, "--merge", "S3=S1"))
    for given in arguments.rename:
        script = rename_speaker(script, *_parse_pair(given, "--rename", "S1=Anna"))
    for given in arguments.colour:
        script = recolour_speaker(script, *_parse_pair(given, "--colour", "S1=#4f9dff"))
    return script


def _parse_pair(given: str, option: str, example: str) -> tuple[str, str]:
    left, equals, right = given.partition("=")
    if not (equals and left.strip() and right.strip()):
        raise UsageError(f"{option} {given} is not understood.", hint=f"For example {option} {example}.")
    return left.strip(), right.strip()


def format_speakers(script: Script) -> list[str]:
    """Return a row for each speaker."""
    width = max((len(speaker.name) for speaker in script.speakers), default=0)
    return [
        f"  {speaker.id:4} {speaker.name:{width}}  {_format_line_count(speaker, script):>10}"
        f"  {_format_speech_time(speaker, script)}"
        f"{_format_pitch(speaker)}  {_format_voice(speaker)}".rstrip()
        for speaker in script.speakers
    ] or ["Nobody speaks in this project."]


def _format_line_count(speaker: Speaker, script: Script) -> str:
    count = sum(line.speaker == speaker.id for line in script.lines)
    return format_count(count, "line")


def _format_speech_time(speaker: Speaker, script: Script) -> str:
    samples = sum(line.length for line in script.lines if line.speaker == speaker.id)
    return f"{samples / script.programme.sample_rate:6.1f} s"


def _format_pitch(speaker: Speaker) -> str:
    pitch = speaker.prosody.pitch_hz if speaker.prosody else None
    return f"  {pitch:4.0f} Hz" if pitch else "         "


def _format_voice(speaker: Speaker) -> str:
    return f"{speaker.voice.engine} {speaker.voice.id}" if speaker.voice else ""


def _as_data(speaker: Speaker, script: Script) -> dict[str, Any]:
    voice = {"engine": speaker.voice.engine, "id": speaker.voice.id} if speaker.voice else None
    return {
        "id": speaker.id,
        "name": speaker.name,
        "colour": speaker.colour,
        "voice": voice,
        "lines": [line.id for line in script.lines if line.speaker == speaker.id],
    }
