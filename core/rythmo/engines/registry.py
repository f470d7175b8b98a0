"""The installed engines, found through the entry-point group `rythmo.engines`, and the choice among them.

An entry point is called `KIND.NAME` and refers to an `EngineSpec`. Built-in engines register in the same way
as those of third parties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from rythmo.engines.base import EngineSpec, Kind, Missing
from rythmo.errors import EngineMissingError, LanguageError, UnknownEngineError, UsageError
from rythmo.installed_plugins import load_registered

GROUP = "rythmo.engines"
AUTO = "auto"
# Settings that the pool understands for every engine.
_COMMON_OPTIONS = frozenset({"concurrency", "workers"})


@cache
def installed() -> Mapping[Kind, tuple[EngineSpec, ...]]:
    """Return all engines by kind, best first: highest rank, then by name."""
    found: dict[Kind, list[EngineSpec]] = {kind: [] for kind in Kind}
    for spec in load_registered(GROUP, EngineSpec):
        found[spec.info.kind].append(spec)
    return {
        kind: tuple(sorted(specs, key=lambda s: (-s.info.rank, s.info.name))) for kind, specs in found.items()
    }


def find(kind: Kind, name: str) -> EngineSpec:
    """Return the engine of that name. Raises UnknownEngineError, which lists those that exist."""
    specs = installed()[kind]
    for spec in specs:
        if spec.info.name == name:
            return spec
    names = ", ".join(spec.info.name for spec in specs) or "none"
    raise UnknownEngineError(
        f"There is no {kind} engine called {name!r}.",
        hint=f"Choose one of: {names}. `rythmo engines` describes them.",
    )


def choose(
    kind: Kind,
    name: str = AUTO,
    *,
    language: str | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    absent: frozenset[str] = frozenset(),
) -> EngineSpec:
    """Return the engine to use: the one named, or for "auto" the best that is installed for this language.

    `settings` (by engine name, see options_of) can supply what would otherwise be missing. `absent` names
    engines that run elsewhere, of which nothing needs to be installed here.

    A named engine that cannot work is an error; no other is used in its place without the user's knowledge.
    "auto" never takes an engine that sends data away: a key in the environment doesn't mean that the user
    wants it. Raises UnknownEngineError, EngineMissingError or LanguageError.
    """
    known = settings or {}
    if name != AUTO:
        spec = find(kind, name)
        if name not in absent:
            _require_parts(spec, options_of(known, kind, name))
        _require_language(spec, language)
        return spec
    here = [spec for spec in installed()[kind] if spec.info.local]
    ready = [spec for spec in here if not missing(spec, options_of(known, kind, spec.info.name))]
    fitting = [spec for spec in ready if spec.info.speaks(language)]
    if fitting:
        return fitting[0]
    if ready and language:
        spoken = sorted(set().union(*(spec.info.languages for spec in ready)))
        raise LanguageError(
            f"No installed {kind} engine supports {language!r}.",
            hint=f"Installed engines support: {', '.join(spoken)}. `rythmo engines` shows how to get others.",
        )
    raise EngineMissingError(f"No {kind} engine is ready on this machine.", hint=_ways(here))


def options_of(settings: Mapping[str, Mapping[str, Any]], kind: Kind, name: str) -> Mapping[str, Any]:
    """Return an engine's settings: those under its name, overridden by those under KIND.NAME.

    Engines of several kinds share a name when one service offers them all.
    """
    return {**settings.get(name, {}), **settings.get(f"{kind}.{name}", {})}


def check_options(settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise UsageError for settings of an engine that doesn't exist, and for settings that it doesn't
    have."""
    specs = [spec for found in installed().values() for spec in found]
    for name, values in settings.items():
        kind, _, base = name.rpartition(".")
        meant = [s for s in specs if s.info.name == base and kind in ("", str(s.info.kind))]
        if not meant:
            raise UsageError(
                f"--set {name}...: there is no engine called {name!r}.",
                hint="`rythmo engines` lists them; write openai, or voice.openai for one kind only.",
            )
        if any(spec.options is None for spec in meant):
            continue
        known = _COMMON_OPTIONS.union(*(spec.options or () for spec in meant))
        wrong = sorted(set(values) - known)
        if wrong:
            there = ", ".join(sorted(known - _COMMON_OPTIONS)) or "none of its own"
            raise UsageError(f"{name} has no setting {wrong[0]!r}.", hint=f"It has: {there}.")


def choose_stand_in(language: str) -> EngineSpec:
    """Return the best local voice that needs no reference, for speakers who may not be cloned.

    Raises EngineMissingError.
    """
    ready = [spec for spec in installed()[Kind.VOICE] if spec.info.local and not spec.missing()]
    for spec in ready:
        if "clones" not in spec.info.capabilities and spec.info.speaks(language):
            return spec
    raise EngineMissingError(
        f"No voice on this machine speaks {language!r} without a reference.",
        hint='pip install "rythmo[embedded]", or record the speakers\' consent: rythmo cast --help',
    )


def create(spec: EngineSpec, settings: Mapping[str, Any] | None = None) -> Any:
    """Start the engine with its settings. Raises EngineMissingError when a part is missing."""
    _require_parts(spec, settings)
    return spec.create(settings or {})


def missing(spec: EngineSpec, settings: Mapping[str, Any] | None = None) -> tuple[Missing, ...]:
    """Return what the engine lacks on this machine, without what its settings supply."""
    given = settings or {}
    return tuple(part for part in spec.missing() if not (part.setting and given.get(part.setting)))


def _require_language(spec: EngineSpec, language: str | None) -> None:
    if not spec.info.speaks(language):
        raise LanguageError(
            f"{spec.info.name} does not support {language!r}.",
            hint=f"It supports: {', '.join(sorted(spec.info.languages))}.",
        )


def _require_parts(spec: EngineSpec, settings: Mapping[str, Any] | None = None) -> None:
    lacking = missing(spec, settings)
    if lacking:
        what = ", ".join(part.what for part in lacking)
        commands = " && ".join(dict.fromkeys(part.command for part in lacking))
        raise EngineMissingError(f"{spec.info.name} needs {what}.", hint=f"Get it with: {commands}")


def _ways(specs: Iterable[EngineSpec]) -> str:
    # The engine that lacks least comes first: embedded engines often lack only their models.
    lacking = sorted((spec for spec in specs if spec.missing()), key=lambda spec: len(spec.missing()))
    listed = [f"{spec.info.name}: {_commands([spec])}" for spec in lacking]
    return f"Install one, for example {listed[0]}" if listed else "Install a package that provides one."


def _commands(specs: Iterable[EngineSpec]) -> str:
    commands = dict.fromkeys(part.command for spec in specs for part in spec.missing())
    return " && ".join(commands)
