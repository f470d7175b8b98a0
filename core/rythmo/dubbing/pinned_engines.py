"""Keep a project with the engines that made it, where the user leaves the choice to Rythmo.

"auto" takes the best engine that is ready today. For a new dub that is right; for a project that exists, a
better engine installed since would separate everything again, or give every speaker another voice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rythmo.engines.base import Kind
from rythmo.engines.registry import AUTO, installed, missing, options_of
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


def _is_ready(kind: Kind, name: str, settings: Settings) -> bool:
    return any(
        spec.info.name == name
        and spec.info.local
        and not missing(spec, options_of(settings.options, kind, name))
        for spec in installed()[kind]
    )
