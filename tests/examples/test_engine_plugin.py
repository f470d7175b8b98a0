"""The example of a third-party engine: installed as a package, it is found like our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rythmo.engines import registry
from rythmo.engines.base import Kind, SpeakerProfile, SpeechRequest
from rythmo.errors import EngineFailedError
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

EXAMPLE = Path(__file__).parents[2] / "examples" / "engine_plugin"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """What an installer leaves behind: the package and its metadata on the path."""
    import tomllib

    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    metadata = tmp_path / "rythmo_morse-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    points = "".join(f"{k} = {v}\n" for k, v in project["entry-points"]["rythmo.engines"].items())
    (metadata / "entry_points.txt").write_text(f"[rythmo.engines]\n{points}")
    for folder in (tmp_path, EXAMPLE / "src"):
        monkeypatch.syspath_prepend(str(folder))
    registry.installed.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    registry.installed.cache_clear()


def test_it_is_found_and_speaks(installed) -> None:
    voice = registry.create(registry.choose(Kind.VOICE, "morse"))
    one, two = voice.cast([SpeakerProfile(n, n, Prosody()) for n in "ab"], language="es")
    (three,) = voice.cast([SpeakerProfile("c", "c", Prosody())], language="es", taken=(one, two))
    assert len({one.id, two.id, three.id}) == 3
    sos = voice.speak(SpeechRequest("SOS", "es", one))
    # ... --- ... with its gaps is 27 dots long.
    assert sos.length == pytest.approx(27 * 0.06 * 16_000, abs=1)
    assert not np.array_equal(sos.samples, voice.speak(SpeechRequest("SOS", "es", two)).samples)
    assert voice.speak(SpeechRequest("Señor", "es", one, seconds=2.0)).seconds == pytest.approx(2.0, abs=1e-3)
    with pytest.raises(EngineFailedError, match="nothing that Morse code can say"):
        voice.speak(SpeechRequest("你好", "zh", VoiceRef("morse", "400")))


def test_auto_does_not_take_it(installed) -> None:
    assert registry.installed()[Kind.VOICE][-1].info.rank >= -10
    assert registry.choose(Kind.VOICE).info.name != "morse"


def test_another_process_finds_it_too(installed) -> None:
    code = (
        "import json; from rythmo.engines import registry; from rythmo.engines.base import Kind; "
        "print(json.dumps([s.info.name for s in registry.installed()[Kind.VOICE]]))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(installed), str(EXAMPLE / "src")])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert "morse" in json.loads(done.stdout)
