"""`main`: parses the arguments, runs the command, and turns errors into one line and a hint.

A command is a module with `NAME`, `HELP`, `add(parser)` and `run(arguments, output) -> exit code`. Those of
the bridge and the plugin come through the entry-point group `rythmo.commands`; a command's module is imported
only when it is called, so that `--help` stays fast.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import NoReturn, Protocol, cast

from rythmo.cli.output import Output, make_output
from rythmo.errors import CancelledError, RythmoError, UsageError
from rythmo.version import __version__

OWN = {
    "dub": "dub a film or clip into one language or several",
    "line": "change one line, and hear it again",
    "faces": "show who is on screen; look for faces, and say whose they are",
    "lips": "make lips that follow the dub, and show what was made",
    "speakers": "show who speaks; name, merge and split them",
    "takes": "import takes that people recorded: shown first, then taken",
    "cast": "keep the cast for the next film; record who may be cloned",
    "deliver": "write the deliveries of a project again",
    "loops": "show the recording loops, and who is in them",
    "qc": "measure a delivery, and write the report",
    "provenance": "read and verify what a file says about how it was made",
    "estimate": "estimate the time and money of a dub",
    "trust": "review the permissions that a project asks for",
    "engines": "show the engines, what each can do, and how to get the others",
    "models": "show, get, check and remove the models that engines need",
    "doctor": "check this machine and say what is missing",
}
OTHERS = {
    "conform": "bring a project in line with a timeline that was edited",
    "convert": "turn one timeline format into another",
    "export": "write the table that a translator works on (XLSX or CSV)",
    "import": "read a translator's table or subtitles in: shown first, then taken",
    "send": "place a dub in Pro Tools",
    "serve": "start the helper service and open its page",
    "install": "put Rythmo into Resolve or Premiere",
    "uninstall": "take Rythmo out of Resolve or Premiere",
}
"""Help for commands that the upper packages register."""

_MORE = "`rythmo COMMAND --help` explains each. A path that begins with a dash comes after --."
_log = logging.getLogger("rythmo")
INTERRUPTED = 130


class Command(Protocol):
    """What a command's module holds."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, arguments: argparse.Namespace, output: Output) -> int:
        """Do it; the exit code."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        near = "".join(f"Did you mean {option}? " for option in self._find_near_options(message))
        raise UsageError(f"{self.prog}: {message}", hint=f"{near}See: {self.prog} --help")

    def _find_near_options(self, message: str) -> list[str]:
        """Return the option that is spelled most like the first unknown one in the message, if any is."""
        unknown = re.search(r"unrecognized arguments: .*?(--[\w-]+)", message)
        options = [name for name in self._option_string_actions if name.startswith("--")]
        return difflib.get_close_matches(unknown.group(1), options, 1) if unknown else []


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code and never shows a traceback for a user's mistake."""
    words = list(sys.argv[1:] if argv is None else argv)
    output = make_output(json="--json" in words)
    try:
        return _run_command(words, output)
    except CancelledError as error:
        output.error(error.message, error.hint)
        return INTERRUPTED
    except RythmoError as error:
        output.error(error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        output.error("Stopped.", "Run the same command again to go on from here.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`rythmo engines | head`).
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        output.error(
            f"The operating system refused: {error.strerror or error}{place}.", "Check the disk and the path."
        )
        _log.debug("refused", exc_info=True)
        return 1
    except Exception:  # noqa: BLE001 - process border: a defect of ours, logged whole
        _log.exception("a defect in Rythmo")
        output.error("Rythmo failed because of a bug; see the log above.", "Please report it with the log.")
        return 1
    finally:
        output.close()


def _run_command(words: list[str], output: Output) -> int:
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    commands = _find_commands()
    name = next((word for word in words if not word.startswith("-")), None)
    if name not in commands:
        top = _make_top_parser(commands)
        top.parse_args([word for word in words if word != "--json"])
        top.print_help()
        return 0
    command = cast(Command, importlib.import_module(commands[name]))
    does = _describe_command(name)
    parser = _Parser(prog=f"rythmo {name}", description=f"{does[0].upper()}{does[1:]}.")
    parser.add_argument("--json", action="store_true", help="one event a line, for programs")
    command.add(parser)
    words.remove(name)
    return command.run(parser.parse_args(words), output)


def _find_commands() -> dict[str, str]:
    """Name -> module. Those of the bridge and the plugin register under their name."""
    found = {name: f"rythmo.cli.{name}" for name in OWN}
    found.update((entry.name, entry.module) for entry in entry_points(group="rythmo.commands"))
    return found


def _describe_command(name: str) -> str:
    return OWN.get(name) or OTHERS.get(name, name)


def _make_top_parser(commands: dict[str, str]) -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:10} {_describe_command(name)}" for name in commands)
    parser = _Parser(
        prog="rythmo",
        description="Rythmo dubs a scene and hands back a timeline: a track per speaker, the M&E, subtitles.",
        epilog=f"commands:\n{lines}\n\n{_MORE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="rythmo COMMAND ...",
    )
    parser.add_argument("--version", action="version", version=f"rythmo {__version__}")
    parser.add_argument(
        "command", choices=list(commands), metavar="COMMAND", help=argparse.SUPPRESS, nargs="?"
    )
    return parser
