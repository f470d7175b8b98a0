"""A model folder with a program in its checkpoint, in the real libraries: refused, and nothing runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rythmo.engines.adapters import demucs, funasr
from rythmo.engines.adapters.pyannote import engines
from rythmo.engines.adapters.pyannote.pipeline_parts import find_parts
from rythmo.engines.local import safe_loading
from rythmo.engines.local.devices import MODELS
from rythmo.errors import EngineMissingError, EngineRefusedError
from rythmo.media.audio import Audio

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' own warnings are not ours to mend
SOUND = Audio((0.2 * np.sin(np.arange(96_000) / 40))[np.newaxis].astype(np.float32), 48_000)


class Program:
    """A value that makes the canary when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return open, (str(self.canary), "w")


@pytest.fixture(autouse=True)
def forget_models():
    MODELS.free()
    yield
    MODELS.free()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


def poison(file: Path, canary: Path) -> None:
    """Add the program to a checkpoint that is otherwise as it was."""
    import torch

    whole = torch.load(file, "cpu", weights_only=False)
    torch.save({**whole, "more": Program(canary)}, file)


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "model"))


def require_refused(run: Any, canary: Path) -> None:
    with pytest.raises(EngineRefusedError) as caught:
        run()
    assert "\n" not in caught.value.message
    assert not canary.exists()


def test_the_canary_sings(tmp_path, canary, tiny_demucs) -> None:
    """Loaded as the library would by itself, the program runs: the test can fail."""
    import torch

    poison(file := next(copied(tiny_demucs, tmp_path).glob("*.th")), canary)
    torch.load(file, "cpu", weights_only=False)
    assert canary.exists()


def test_demucs(tmp_path, canary, tiny_demucs) -> None:
    folder = copied(tiny_demucs, tmp_path)
    poison(next(folder.glob("*.th")), canary)
    for file in list(folder.glob("*.th")):
        # The name holds a checksum, which the maker of the program would have set too.
        file.rename(folder / "tiny.th")
    engine = demucs.create({"repo": str(folder), "model": "htdemucs", "device": "cpu"})
    require_refused(lambda: engine.separate(Audio(np.repeat(SOUND.samples, 2, 0), 48_000)), canary)


@pytest.mark.parametrize("part", ["segmentation", "embedding"])
def test_pyannote(tmp_path, canary, tiny_pyannote, part) -> None:
    folder = copied(tiny_pyannote, tmp_path)
    poison(folder / part / "pytorch_model.bin", canary)
    engine = engines.create({"model": str(folder), "device": "cpu"})
    require_refused(lambda: engine.diarize(SOUND), canary)


def test_pyannotes_embedding(tmp_path, canary, tiny_pyannote) -> None:
    folder = copied(tiny_pyannote, tmp_path)
    poison(folder / "embedding" / "pytorch_model.bin", canary)
    engine = engines.create_embedder({"model": str(folder), "device": "cpu"})
    require_refused(lambda: engine.embed([SOUND]), canary)


def test_a_part_of_pyannotes_is_not_taken_from_the_folder_that_the_user_is_in(
    tmp_path, monkeypatch, tiny_pyannote
) -> None:
    folder = copied(tiny_pyannote, tmp_path)
    config = json.loads((folder / "config.yaml").read_text("utf-8"))
    config["pipeline"]["params"]["segmentation"] = "somebody/segmentation"
    (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
    shutil.copytree(folder / "segmentation", tmp_path / "somebody" / "segmentation")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngineMissingError):
        find_parts(folder)


def test_funasr(tmp_path, canary, tiny_sensevoice) -> None:
    folder = copied(tiny_sensevoice, tmp_path)
    poison(folder / "model.pt", canary)
    engine = funasr.create({"model": str(folder), "device": "cpu"})
    require_refused(lambda: engine.transcribe(SOUND, language="en"), canary)


def test_funasr_imports_no_file_that_a_configuration_names(tmp_path, canary, tiny_sensevoice) -> None:
    folder = copied(tiny_sensevoice, tmp_path)
    config = json.loads((folder / "config.yaml").read_text("utf-8"))
    program = folder / "model.py"
    program.write_text(f"open({str(canary)!r}, 'w')\n", "utf-8")
    config |= {"trust_remote_code": True, "remote_code": str(program)}
    (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
    funasr.create({"model": str(folder), "device": "cpu"}).transcribe(SOUND, language="en")
    assert not canary.exists()


@pytest.mark.parametrize("kind", ["GLMASR", "QwenAudioChat", None])
def test_funasr_takes_only_kinds_that_hold_no_code(tmp_path, kind) -> None:
    (tmp_path / "config.yaml").write_text(json.dumps({"model": kind}), "utf-8")
    with pytest.raises(EngineRefusedError):
        funasr._require_known(tmp_path)


def test_who_trusts_every_checkpoint_says_so(tmp_path, canary, tiny_demucs, monkeypatch) -> None:
    import torch

    file = tmp_path / "x.pt"
    torch.save({"more": Program(canary)}, file)
    with pytest.raises(EngineRefusedError), safe_loading.load_only_tensors(tmp_path, ()):
        torch.load(file, weights_only=False)
    assert not canary.exists()
    monkeypatch.setenv(safe_loading.TRUSTED, "1")
    with safe_loading.load_only_tensors(tmp_path, ()):
        torch.load(file, weights_only=False)
    assert canary.exists()
