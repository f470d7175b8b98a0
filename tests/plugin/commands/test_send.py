"""`rythmo send protools`: what it says, and that a killed run is continued."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from rythmo.cli import main

pytest.importorskip("grpc", reason="the extra `protools` is not installed")
if not pytest.importorskip("ptsl_definition").is_installed():
    pytest.skip("py-ptsl, which brings PTSL's definition, is not installed", allow_module_level=True)

from protools_stage import make_stages


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """A project, and a Pro Tools on the port that the environment names."""
    with make_stages(tmp_path) as make:
        made = make()
        monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", str(made.fake.port))
        yield made


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_run_that_was_killed_is_continued_without_doubles(scene):
    command = [sys.executable, "-m", "rythmo.cli", "send", "protools", str(scene.root)]
    killed = subprocess.Popen(command, env=os.environ.copy())
    scene.fake.on_call = lambda call: (
        killed.send_signal(signal.SIGKILL) if call == "SpotClipsByID 4" else None
    )
    assert killed.wait(60) == -signal.SIGKILL
    assert 0 < len(scene.clips()) < 7
    assert main(["send", "protools", str(scene.root)]) == 0
    assert scene.standing() == scene.wanted()
    assert len(scene.clips()) == 7
    assert len({clip.file for clip in scene.fake.session.clips}) == 7


def test_what_is_not_in_place_is_named_and_counts_as_a_failure(scene, capsys):
    scene.fake.manners.refused = {f"SpotClipsByID {n}": (126, "The track is frozen") for n in range(1, 99)}
    assert main(["send", "protools", str(scene.root), "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (done,) = [each for each in told if each["event"] == "done"]
    assert (done["placed"], done["wanted"], done["complete"]) == (0, 7, False)
    assert all("The track is frozen" in row["note"] for row in done["rows"])
    assert main(["send", "protools", str(scene.root)]) == 1
    out = capsys.readouterr().out
    assert "0 of 7 clips are in place in the session Mix." in out
    assert scene.script.lines[0].id in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--folder", "x"], "--folder is for a new session"),
        (["--new", "a/b"], "no name for a session"),
        (["--new", "Dub"], "'Mix' is open"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_sent(words, says, scene, capsys):
    assert main(["send", "protools", str(scene.root), *words]) != 0
    assert says in capsys.readouterr().err
    assert not scene.fake.session.tracks


def test_doctor_says_how_pro_tools_stands(scene, monkeypatch):
    from rythmo_plugin.hosts.protools import doctor

    (check,) = doctor.checks()
    assert (check.ok, check.found) == (True, "Pro Tools answers, PTSL 2025.10")
    scene.fake.manners.version = (5, 0)
    (check,) = doctor.checks()
    assert not check.ok
    assert "PTSL 5.0" in check.found
    monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", "1")
    (check,) = doctor.checks()
    assert check.ok
    assert "nothing answers on port 1" in check.found
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "rythmo[protools]" in doctor.checks()[0].todo
