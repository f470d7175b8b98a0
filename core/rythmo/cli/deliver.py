"""`rythmo deliver PROJECT`: write the deliveries again, or in other formats."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag, loop_flags, mix_flags, signing_flags, subtitle_flags, turnover_flags
from rythmo.cli.output import Output
from rythmo.cli.summary import collect_signing, format_summary, list_deliveries
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.dubbing.pipeline import redo


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    parser.add_argument(
        "--formats", "--deliver", metavar="NAMES", help="comma-separated, for example otio,srt,mp4"
    )
    mix_flags.add_flags(parser)
    subtitle_flags.add_flags(parser)
    loop_flags.add_flags(parser)
    turnover_flags.add_flags(parser)
    signing_flags.add_flags(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Bring everything up to date with the script, and deliver."""
    project = language_flag.open_project(arguments, output)
    script = project.load()
    flags = {
        "engines": {"watermark": arguments.watermark},
        "deliver": {"formats": arguments.formats},
        "mix": mix_flags.read_flags(arguments),
        "subtitles": subtitle_flags.read_flags(arguments),
        "loops": loop_flags.read_flags(arguments),
        "turnover": turnover_flags.read_flags(arguments),
        "provenance": signing_flags.read_flags(arguments),
    }
    chosen = settings_file.resolve_settings(
        file=project.root / "settings.toml", environment=os.environ, flags=flags
    )
    result = redo(project, script, chosen, report=output.progress)
    keep_settings(project, {name: flags[name] for name in ("engines", "mix", "subtitles", "loops")})
    output.say(format_summary(result))
    output.data(
        "done", project=str(project.root), deliveries=list_deliveries(result), **collect_signing(result)
    )
    return 0
