"""`rythmo dub INPUT --to LANG`."""

from __future__ import annotations

import argparse
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from rythmo import languages
from rythmo.cli import (
    execution_flags,
    language_flag,
    lip_flags,
    loop_flags,
    mix_flags,
    signing_flags,
    subtitle_flags,
    timeline_flags,
    turnover_flags,
)
from rythmo.cli.output import Output
from rythmo.cli.summary import collect_costs, collect_signing, format_summary, list_deliveries
from rythmo.dubbing.pipeline import Job, dub_prepared
from rythmo.dubbing.preparation import prepare
from rythmo.errors import UsageError
from rythmo.script import glossary
from rythmo.settings import Changes

ENGINES = ("separator", "diarizer", "transcriber", "translator", "voice", "facetracker")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("input", type=Path, help="a film, clip or sound file, or a timeline of them")
    parser.add_argument(
        "--to", required=True, metavar="LANGS", help="target language, or several: es, or es,pt-br"
    )
    parser.add_argument(
        "--from",
        dest="source",
        default="",
        metavar="LANG",
        help="original language (default: detected)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="parent of the project folder (default: here)",
    )
    _add_source_flags(parser)
    _add_dub_flags(parser)
    mix_flags.add_flags(parser)
    for kind in ENGINES:
        parser.add_argument(f"--{kind}", metavar="NAME", help=f"the {kind} to use (see rythmo engines)")
    subtitle_flags.add_flags(parser)
    loop_flags.add_flags(parser)
    turnover_flags.add_flags(parser)
    signing_flags.add_flags(parser)
    execution_flags.add_flags(parser)


def _add_source_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says more about the original."""
    parser.add_argument(
        "--script",
        type=Path,
        metavar="FILE",
        help="your own script instead of recognition (subtitles, DAPT, DetX, XLSX)",
    )
    parser.add_argument(
        "--dx", metavar="TRACK", help="existing dialogue instead of separation: a file, or #2 (a track)"
    )
    parser.add_argument("--me", metavar="TRACK", help="existing M&E instead of separation")
    parser.add_argument(
        "--audio-track", metavar="N|LANG", help="the sound track to dub when the file has several: 2, or en"
    )
    parser.add_argument(
        "--encoding", metavar="NAME", help="the encoding of --script and --translation, such as cp1251"
    )
    parser.add_argument(
        "--script-offset",
        metavar="auto|SECONDS",
        help="move a --script that is early or late (--script-offset=-2.5: it is late)",
    )
    timeline_flags.add_flags(parser)


def _add_dub_flags(parser: argparse.ArgumentParser) -> None:
    """Add what says how it is translated, spoken and delivered."""
    parser.add_argument(
        "--translation", type=Path, metavar="FILE", help="your own translation instead of the machine's"
    )
    parser.add_argument(
        "--glossary",
        type=Path,
        metavar="FILE",
        help="names and terms with fixed translations (csv, toml, txt)",
    )
    parser.add_argument(
        "--speakers", type=int, metavar="N", help="the number of speakers (0: detect it, the default)"
    )
    parser.add_argument("--cast", type=Path, metavar="FILE", help="a cast file: people and their voices")
    parser.add_argument(
        "--territories", metavar="LIST", help="where the dub is shown (FR,BE), for consents that say where"
    )
    parser.add_argument(
        "--deliver", "--formats", metavar="FORMATS", help="comma-separated, for example otio,srt,mp4"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="ENGINE.NAME=VALUE", help="an option of one engine"
    )
    parser.add_argument(
        "--faces",
        action="store_true",
        default=None,
        help="look who is on screen while each line is said (rythmo models get faces)",
    )
    lip_flags.add_flags(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Dub, and print where the results are."""
    if arguments.speakers is not None and not 0 <= arguments.speakers <= 100:
        raise UsageError(
            f"--speakers {arguments.speakers}  is out of range.",
            hint="Give a number from 1 to 100, or 0 to detect it.",
        )
    flags = {
        "engines": {
            **{kind: getattr(arguments, kind) for kind in (*ENGINES, "watermark")},
            "lipsync": arguments.lips,
        },
        "tracks": {
            "dx": _resolve_track(arguments.dx),
            "me": _resolve_track(arguments.me),
            "audio": arguments.audio_track,
        },
        "script": {"encoding": arguments.encoding, "offset": arguments.script_offset},
        "speakers": {"count": arguments.speakers},
        "cast": {
            "file": str(arguments.cast.resolve()) if arguments.cast else None,
            "territories": arguments.territories,
        },
        "translate": {"glossary": glossary.read_glossary(arguments.glossary) if arguments.glossary else None},
        "deliver": {"formats": arguments.deliver},
        "mix": mix_flags.read_flags(arguments),
        "timeline": timeline_flags.read_flags(arguments),
        "subtitles": subtitle_flags.read_flags(arguments),
        "faces": {"find": True if arguments.lips or arguments.burn_lips else arguments.faces},
        "lips": lip_flags.read_flags(arguments),
        "loops": loop_flags.read_flags(arguments),
        "turnover": turnover_flags.read_flags(arguments),
        "provenance": signing_flags.read_flags(arguments),
        "execution": execution_flags.read_flags(arguments),
        "options": parse_engine_options(arguments.set),
    }
    wanted = _parse_targets(arguments)
    job = Job(
        source=arguments.input,
        target_language=wanted[0],
        source_language=languages.parse_language(arguments.source) if arguments.source else "",
        out=arguments.out,
        script=arguments.script,
        translation=arguments.translation,
    )
    for number, language in enumerate(wanted):
        # The script is the original's, which the first language brings and the others share.
        own = replace(job, target_language=language, script=job.script if number == 0 else None)
        _dub_language(own, flags, output)
    return 0


def _parse_targets(arguments: argparse.Namespace) -> list[str]:
    names = [name for name in arguments.to.split(",") if name.strip()]
    wanted = list(dict.fromkeys(languages.parse_language(name) for name in names))
    if not wanted:
        raise UsageError("--to names no language.", hint="For example --to es, or --to es,pt.")
    if arguments.translation and len(wanted) > 1:
        raise UsageError(
            "--translation is in one language.", hint="Dub into one language at a time, each with its own."
        )
    return wanted


def _dub_language(job: Job, flags: Changes, output: Output) -> None:
    """Dub into one language, and say where everything is."""
    with timeline_flags.list_missing_media(output):
        prepared = prepare(job, flags, os.environ)
        result = dub_prepared(prepared, report=output.progress)
    for note in result.notes:
        output.warn(note)
    output.say(format_summary(result))
    language_flag.tell_out_of_date(result.project, output)
    output.data(
        "done",
        project=str(result.project.root),
        language=job.target_language,
        deliveries=list_deliveries(result),
        **collect_costs(result),
        **collect_signing(result),
    )


def _resolve_track(name: str | None) -> str | None:
    """Make a file's path absolute, because the project keeps it; `#2`, a track of the input, stays."""
    return name if not name or name.startswith("#") else os.path.abspath(name)  # noqa: PTH100 - resolve() would follow links


def parse_engine_options(given: list[str]) -> dict[str, dict[str, Any]]:
    """`openai.model=gpt-4o` and the like, by engine; values are read as TOML where they can be."""
    options: dict[str, dict[str, Any]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        engine, dot, setting = name.partition(".")
        if not (equals and dot and engine and setting):
            raise UsageError(
                f"--set {text} is not ENGINE.NAME=VALUE.", hint="For example --set openai.model=gpt-4o."
            )
        options.setdefault(engine, {})[setting] = _parse_value(value)
    return options


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
