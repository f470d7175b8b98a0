"""Draft translation by Apertium, which uses rules and dictionaries. It is a program of Debian and Ubuntu.

English is translated directly to Spanish, Catalan, Galician and Esperanto. French, Portuguese, Italian and
Romanian are reached through Spanish, with more errors. Word budgets and the lines around a line are not used.
Apertium is GPL-2.0 and runs as its own program.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from rythmo.engines.adapters.apertium import stream
from rythmo.engines.adapters.apertium.dialogue import FORMULAS, correct_from_english, ease_english
from rythmo.engines.adapters.apertium.portuguese_spanish import correct_from_portuguese, ease_portuguese
from rythmo.engines.adapters.apertium.routes import (
    USUAL,
    Hop,
    find_packages,
    find_shortest_route,
    list_reachable_pairs,
    parse_modes,
)
from rythmo.engines.adapters.apertium.translation_route import Translated, translate_lines
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, TranslationRequest
from rythmo.engines.local.child_process import minimal_environment
from rythmo.errors import EngineFailedError, EngineMissingError, LanguageError
from rythmo.progress import NEVER, CancelToken
from rythmo.scratch import scratch_folder

NAME = "apertium"
_TICK_SECONDS = 0.25
_DIALOGUE_MODES = frozenset({"eng-spa"})
_NEAR_SPANISH = "pt-es"
_START_SECONDS, _LINE_SECONDS = 30.0, 2.0
_FETCH = "sudo apt-get install"
_ON_LINUX = platform.system() == "Linux"

INFO = EngineInfo(
    kind=Kind.TRANSLATOR,
    name=NAME,
    version="3-2",
    summary="Apertium: rule-based translation; a draft to be corrected. Package of Debian and Ubuntu",
    licence="GPL-2.0-or-later (its own program)",
    languages=frozenset({"ca", "en", "eo", "es", "fr", "gl", "it", "pt", "pt-br", "ro"}),
    capabilities=frozenset({"glossary"}),
    draft=True,
    rank=10,
    at_once=2,
)

# Debian's apertium-es-ro contains all of Spanish to Romanian but doesn't list the mode. This is `es-ro` of
# its modes.xml, written out. The `apertium` command fills in $1 and $2.
_UNLISTED = {
    "es-ro": (
        "lt-proc '{d}/es-ro.automorf.bin' | apertium-tagger -g $2 '{d}/es-ro.prob' | apertium-pretransfer | "
        "apertium-transfer '{d}/apertium-es-ro.es-ro.t1x' '{d}/es-ro.t1x.bin' '{d}/es-ro.autobil.bin' | "
        "apertium-interchunk '{d}/apertium-es-ro.es-ro.t2x' '{d}/es-ro.t2x.bin' | "
        "apertium-postchunk '{d}/apertium-es-ro.es-ro.t3x' '{d}/es-ro.t3x.bin' | "
        "lt-proc $1 '{d}/es-ro.autogen.bin' | lt-proc -p '{d}/es-ro.autopgen.bin'\n"
    )
}


def missing() -> tuple[Missing, ...]:
    """Return what has to be installed: the program, unless it is on the PATH."""
    if shutil.which("apertium"):
        return ()
    where = "Apertium (packages of Debian and Ubuntu; elsewhere give --translation or another translator)"
    return (Missing("Apertium" if _ON_LINUX else where, f"{_FETCH} {' '.join(USUAL)}"),)


class Apertium:
    """A Translator that runs the `apertium` program once for each batch of lines."""

    info = INFO

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Find the program. Settings: `program` (default: `apertium` on the PATH).

        Raises EngineMissingError when it is not installed.
        """
        found = shutil.which(str(settings.get("program", "apertium")))
        if found is None:
            raise EngineMissingError("Apertium is not installed.", hint=f"{_FETCH} {' '.join(USUAL)}")
        self._program = found
        self._scratch = ExitStack()
        self._unlisted = self._scratch.enter_context(scratch_folder("apertium"))

    @cached_property
    def hops(self) -> tuple[Hop, ...]:
        """The pairs that the installed packages translate directly."""
        listed = self._run(["-l"], "", seconds=_START_SECONDS, cancel=NEVER).split()
        return parse_modes([*listed, *self._write_unlisted(listed)])

    def _write_unlisted(self, listed: Sequence[str]) -> list[str]:
        folder = self._unlisted / "modes"
        folder.mkdir(exist_ok=True)
        written = []
        for mode, pipeline in _UNLISTED.items():
            data = Path(self._program).resolve().parent.parent / "share" / "apertium" / f"apertium-{mode}"
            if mode not in listed and (data / f"{mode}.autobil.bin").is_file() and "'" not in str(data):
                (folder / f"{mode}.mode").write_text(pipeline.format(d=data), "utf-8")
                written.append(mode)
        return written

    def close(self) -> None:
        """Remove the temporary folder of unlisted modes. No process runs between calls."""
        self._scratch.close()

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs that the installed packages translate, directly or through one pivot."""
        return list_reachable_pairs(self.hops)

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Return one translation for each line, in order; glossary terms appear as given.

        Raises EngineMissingError (the package of the pair is not installed), LanguageError,
        EngineFailedError.
        """
        way = self._route(request.source, request.target)
        return translate_lines(request, way, lambda lines, hop: self.run_hop(lines, hop, cancel))

    def _route(self, source: str, target: str) -> tuple[Hop, ...]:
        way = find_shortest_route(self.hops, source, target)
        if way is not None:
            return way
        if command := self.pair_command(source, target):
            raise EngineMissingError(
                f"Apertium's package for {source} to {target} is not installed.", hint=command
            )
        targets = sorted({to for come, to in self.pairs() if come == source.lower().split("-")[0]})
        raise LanguageError(
            f"Apertium does not translate from {source!r} to {target!r}.",
            hint=f"From {source} it translates to: {', '.join(targets)}."
            if targets
            else f"It has no {source} at all; choose another translator.",
        )

    def pair_command(self, source: str, target: str) -> str:
        """Return the command that installs what a pair needs, or "" when no package would help."""
        packages = find_packages(source, target, self.hops)
        return f"{_FETCH} {' '.join(packages)}" if packages else ""

    def run_hop(self, lines: Sequence[str], hop: Hop, cancel: CancelToken) -> list[Translated]:
        """Translate lines over one hop; each comes back with the words that Apertium did not know."""
        if hop.mode == _NEAR_SPANISH:
            near = self._batch([ease_portuguese(line) for line in lines], hop, cancel)
            return [(correct_from_portuguese(text), unknown) for text, unknown in near]
        if hop.mode not in _DIALOGUE_MODES:
            return self._batch(lines, hop, cancel)
        # Tokens of set phrases are numbered from 1024, between those of the glossary and those of names.
        eased = [stream.protect_patterns(line, FORMULAS, 1024) for line in lines]
        found = self._batch([ease_english(text) for text, _ in eased], hop, cancel)
        plain = [line for line, (_, values), (text, _) in zip(lines, eased, found, strict=True)
                 if not stream.holds_tokens(text, values)]  # fmt: skip
        again = dict(zip(plain, self._batch(plain, hop, cancel), strict=True)) if plain else {}
        return [
            _mended(*again.get(line, answer), {} if line in again else values)
            for line, answer, (_, values) in zip(lines, found, eased, strict=True)
        ]

    def _batch(self, lines: Sequence[str], hop: Hop, cancel: CancelToken) -> list[Translated]:
        arguments = ["-f", "none", hop.mode]
        if hop.mode in _UNLISTED:
            arguments = ["-d", str(self._unlisted), *arguments]
        seconds = _START_SECONDS + _LINE_SECONDS * len(lines)
        found = stream.decode(self._run(arguments, stream.encode(lines), seconds=seconds, cancel=cancel))
        if len(found) == len(lines):
            return [
                (stream.settle_case(text, line), unknown)
                for line, (text, unknown) in zip(lines, found, strict=True)
            ]
        if len(lines) == 1:
            raise EngineFailedError(
                f"Apertium split or merged the line {lines[0]!r}.",
                hint="Change the line, or translate it by hand.",
            )
        return [self._batch([line], hop, cancel)[0] for line in lines]

    def _run(self, arguments: Sequence[str], text: str, *, seconds: float, cancel: CancelToken) -> str:
        process = subprocess.Popen(  # noqa: S603 - a fixed program, no shell of ours
            [self._program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=minimal_environment({"LC_ALL": "C.UTF-8"}),
            # `apertium` is a script that starts a pipeline, so it has to be killed as a process group.
            start_new_session=True,
        )
        try:
            output, errors = _communicate(process, text.encode("utf-8"), seconds, cancel)
        except BaseException:
            _kill(process)
            raise
        # `-l` exits with code 1 in some versions, so only an empty answer counts as a failure.
        if not output.strip() and (text.strip() or process.returncode):
            reason = errors.decode("utf-8", "replace").strip().splitlines()
            why = reason[-1] if reason else "no answer"
            raise EngineFailedError(
                f"Apertium failed with the arguments {' '.join(arguments)}: {why}.",
                hint="Run `apertium -l` to check that it works.",
            )
        return output.decode("utf-8", "replace")


def _mended(text: str, unknown: frozenset[str], formulas: Mapping[int, str]) -> Translated:
    whole = correct_from_english(stream.tidy_line(stream.fill_tokens(text, formulas)))
    return whole, frozenset(word for word in unknown if not stream.is_token(word))


def _communicate(
    process: subprocess.Popen[bytes], data: bytes, seconds: float, cancel: CancelToken
) -> tuple[bytes, bytes]:
    end = time.monotonic() + seconds
    unsent: bytes | None = data
    while True:
        cancel.check()
        try:
            return process.communicate(unsent, timeout=_TICK_SECONDS)
        except subprocess.TimeoutExpired:
            # communicate() keeps the rest of the input between calls.
            unsent = None
            if time.monotonic() > end:
                raise EngineFailedError(
                    f"Apertium gave no answer within {seconds:.0f} s.",
                    hint="Try again, or use another translator.",
                ) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


ENGINE = EngineSpec(info=INFO, create=Apertium, missing=missing, options=frozenset({"program"}))
