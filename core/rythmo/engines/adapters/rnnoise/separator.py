"""A separator guided by RNNoise, the fastest one. A mask in every channel does the separating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rythmo.engines.adapters.rnnoise import library
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.speech.guided_separator import AT_ONCE, GuidedSeparator
from rythmo.models import get_command
from rythmo.models.catalog import catalog

INFO = EngineInfo(
    kind=Kind.SEPARATOR,
    name="rnnoise",
    version="0.2+centre2",
    summary="RNNoise with a Wiener mask; in stereo it also uses the position in the panorama. A draft bed.",
    licence="BSD-3-Clause (RNNoise), Apache-2.0 (its wheel)",
    capabilities=frozenset({"sums"}),
    draft=True,
    rank=10,
    at_once=AT_ONCE,
)


def missing() -> tuple[Missing, ...]:
    """Return the library when it is not installed; where there is no build of it, what to take instead."""
    if library.library_path():
        return ()
    if not catalog().find("rnnoise").is_for_this_platform:
        return (Missing("a build of RNNoise for this machine", get_command("embedded")),)
    return (Missing("RNNoise", library.INSTALL),)


def create(_: Mapping[str, Any]) -> GuidedSeparator:
    """Start the engine; it has no settings."""
    return GuidedSeparator(INFO, library.denoise)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
