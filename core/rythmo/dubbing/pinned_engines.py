"""Keep a project with the engines that made it, where the user leaves the choice to Rythmo.

"auto" takes the best engine that is ready today. For a new dub that is right; for a project that exists, a
better engine installed since would separate everything again, or give every speaker another voice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rythmo.engines.base import Kind
from rythmo.engines.registry import AUTO, choose, installed, missing, options_of
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo.settings import Settings


def pin_engines(settings: Settings, script: Script, kinds: Iterable[Kind] = tuple(Kind)) -> Settings:
    """Return settings that name the engines which made the project, for the kinds that are left to "auto".

    An engine that is not ready here any more is not pinned, and never one that sends data away: a script may
    come from somebody else.
    """
    chosen = settings.engine_names()
    pinned = {}
    for kind in kinds:
        name = script.engines.get(str(kind), "").partition(" ")[0]
        if name and chosen.get(kind) == AUTO and _is_ready(kind, name, settings):
            pinned[str(kind)] = name
    return replace(settings, engines=replace(settings.engines, **pinned)) if pinned else settings


def keep_separator(settings: Settings, project: Project) -> tuple[Settings, tuple[str, ...]]:
    """Return settings with which a project that exists keeps its separator, and notes for the user.

    With other speech, every word and speaker would be heard again. There is a note where a new dub would
    take another separator today. Raises ScriptError when the project's script cannot be read.
    """
    if not project.exists():
        return settings, ()
    kept = pin_engines(settings, project.load(), [Kind.SEPARATOR])
    if kept == settings:
        return settings, ()
    name, today = kept.engines.separator, choose(Kind.SEPARATOR, settings=settings.options).info.name
    if name == today:
        return settings, ()
    note = (
        f"Speech and M&E are still those of {name}, which made this project."
        f" To separate anew, and hear everything again: --separator {today}."
    )
    return kept, (note,)


def _is_ready(kind: Kind, name: str, settings: Settings) -> bool:
    return any(
        spec.info.name == name
        and spec.info.local
        and not missing(spec, options_of(settings.options, kind, name))
        for spec in installed()[kind]
    )
