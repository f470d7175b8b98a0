"""Where the wheels of silero-vad and Resemblyzer keep their weights, found without importing them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from rythmo.engines.base import Missing
from rythmo.errors import EngineMissingError

SILERO = Missing("the weights in the silero-vad wheel", "pip install --no-deps silero-vad==6.2.3")
RESEMBLYZER = Missing("the weights in the Resemblyzer wheel", "pip install --no-deps Resemblyzer==0.1.4")
ONNXRUNTIME = Missing("onnxruntime", "pip install onnxruntime")
THREADPOOLCTL = Missing("threadpoolctl", "pip install threadpoolctl")
_MODULES = {ONNXRUNTIME: "onnxruntime", THREADPOOLCTL: "threadpoolctl"}
_FILES = {
    SILERO: ("silero_vad", "data/silero_vad_16k_sequence.onnx"),
    RESEMBLYZER: ("resemblyzer", "pretrained.pt"),
}


def weight_file(part: Missing) -> Path:
    """The file of SILERO or RESEMBLYZER; raises EngineMissingError where it is not installed."""
    found = _look(part)
    if found is None:
        raise EngineMissingError(f"{part.what} cannot be found.", hint=f"Install it with: {part.command}")
    return found


def missing_of(*parts: Missing) -> tuple[Missing, ...]:
    """Those of the parts that are not here."""
    return tuple(part for part in parts if not _present(part))


def _present(part: Missing) -> bool:
    return find_spec(_MODULES[part]) is not None if part in _MODULES else _look(part) is not None


def _look(part: Missing) -> Path | None:
    package, inside = _FILES[part]
    spec = find_spec(package)  # of a top-level package: looks, and runs nothing of it
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None
