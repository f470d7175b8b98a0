"""The embedded separator: DeepFilterNet finds the speech, and a mask separates it in every channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rythmo.engines.adapters.deepfilternet import library
from rythmo.engines.base import EngineInfo, EngineSpec, Kind, Missing
from rythmo.engines.speech.guided_separator import AT_ONCE, GuidedSeparator
from rythmo.models import get_command
from rythmo.models.catalog import catalog

INFO = EngineInfo(
    kind=Kind.SEPARATOR,
    name="deepfilternet",
    version="3+centre2",
    summary="DeepFilterNet 3 with a Wiener mask; in stereo it also uses the position in the panorama."
    " A draft bed.",
    licence="MIT or Apache-2.0 (code and weights)",
    capabilities=frozenset({"sums"}),
    draft=True,
    rank=20,
    at_once=AT_ONCE,
)


def missing() -> tuple[Missing, ...]:
    """Return the library when it is not installed; where there is no build of it, what to take instead."""
    if library.find_files():
        return ()
    if not catalog().find("deepfilternet").is_for_this_platform:
        instead = f"pip install 'rythmo[demucs]' && {get_command('htdemucs')}"
        return (Missing("a build of DeepFilterNet for this machine", instead),)
    return (Missing("DeepFilterNet", library.INSTALL),)


def create(_: Mapping[str, Any]) -> GuidedSeparator:
    """Start the engine; it has no settings."""
    return GuidedSeparator(INFO, library.denoise)


ENGINE = EngineSpec(INFO, create, missing, frozenset())
