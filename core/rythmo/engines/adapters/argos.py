"""Translation by Argos Translate on this machine: small neural models, one package for each language pair.

Packages are never downloaded here. If Argos is configured to use a server, this engine refuses to run,
because it promises that nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, TranslationRequest
from rythmo.engines.local.background import in_background
from rythmo.engines.remote.keys import missing_package
from rythmo.errors import EngineFailedError, LanguageError
from rythmo.models import get_command, models_folder
from rythmo.progress import NEVER, CancelToken

# After a full stop and space, or after the full stop of Chinese and Japanese.
_BETWEEN = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")  # noqa: RUF001 - their punctuation is meant
_GET = get_command("argos-en-es")

INFO = EngineInfo(
    kind=Kind.TRANSLATOR,
    name="argos",
    version="1",
    summary="Argos Translate: small neural models for many language pairs, without budgets or context.",
    licence="MIT (code), CC0 or CC-BY (most packages)",
    # Its languages depend on the installed packages, so "auto" prefers engines that declare the language.
    rank=5,
    draft=True,
)


class Argos:
    """A Translator that runs Argos Translate on this machine."""

    def __init__(self) -> None:
        self.info = replace(INFO, version=version("argostranslate"))

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs of the installed packages, and those reached through other languages."""
        return list_reachable_pairs(_direct())

    def pair_command(self, source: str, target: str) -> str:
        """Return the command that installs the package of a pair."""
        return f"argospm update && argospm install translate-{source}_{target}"

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Return one translation for each line; each is translated without its neighbours.

        Raises LanguageError when no package for the pair is installed, EngineFailedError.
        """
        cancel.check()
        translation = in_background(lambda: self._translation(request.source, request.target), cancel)
        return tuple(self._one(translation, line.text, cancel) for line in request.lines)

    def _one(self, translation: Any, text: str, cancel: CancelToken) -> str:
        cancel.check()
        if not text.strip():
            return ""
        found = str(in_background(lambda: translation.translate(text), cancel)).strip()
        if not found:
            raise EngineFailedError(
                f"Argos returned no translation for {text!r}.", hint="Translate that line by hand."
            )
        return found

    def _translation(self, source: str, target: str) -> Any:
        from argostranslate import settings, translate

        if settings.model_provider != settings.ModelProvider.OPENNMT:
            raise EngineFailedError(
                "Argos Translate is configured to send text to a server.",
                hint="Set ARGOS_MODEL_PROVIDER to OPENNMT, or choose an engine that states what it sends.",
            )
        settings.package_dirs = [*dict.fromkeys((*settings.package_dirs, *_folders()))]
        try:
            found = translate.get_translation_from_codes(source, target)
        except AttributeError:
            # The library raises this for a language of which it has no package at all.
            found = None
        if found is None:
            raise LanguageError(
                f"Argos has no package for {source} to {target}.",
                hint=f"Get it: {get_command(f'argos-{source}-{target}')}, or argospm install "
                f"translate-{source}_{target}",
            )
        _split_here(found)
        return found

    def close(self) -> None:
        """Do nothing: packages stay loaded for the next job."""


class _Sentences:
    """A sentence splitter by punctuation, in place of the model that Argos would download for it."""

    def split_sentences(self, text: str) -> list[str]:
        """Return the sentences with their punctuation."""
        return [part for part in _BETWEEN.split(text.strip()) if part]


def _split_here(translation: Any) -> None:
    """Set our sentence splitter on every model of a translation, which may go through several."""
    if hasattr(translation, "sentencizer"):
        translation.sentencizer = _Sentences()
    for inner in ("underlying", "t1", "t2"):
        if hasattr(translation, inner):
            _split_here(getattr(translation, inner))


def list_reachable_pairs(direct: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return all pairs that can be reached through other languages: (a, b) and (b, c) give (a, c)."""
    pairs = set(direct)
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c and a != d} - pairs
        if not more:
            return frozenset(pairs)
        pairs |= more


def _direct() -> frozenset[tuple[str, str]]:
    return frozenset(pair for folder in _folders() for pair in _pairs_in(folder))


def _folders() -> tuple[Path, ...]:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "argos-translate"
    ours = sorted(models_folder().glob("argos-*"))
    return (Path(os.environ.get("ARGOS_PACKAGES_DIR") or data / "packages"), *ours)


def _pairs_in(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob("*/metadata.json")):
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(data, dict) and data.get("from_code") and data.get("to_code"):
            yield str(data["from_code"]), str(data["to_code"])


def missing() -> tuple[Missing, ...]:
    """Return what is missing of the library and a package for at least one language pair."""
    packages = () if _direct() else (Missing("a language package", _GET),)
    return (*missing_package("argostranslate", "argos"), *packages)


def create(_: Mapping[str, Any]) -> Argos:
    """Start the engine; it has no settings."""
    return Argos()


ENGINE = EngineSpec(INFO, create, missing, frozenset())
