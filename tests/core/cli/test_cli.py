"""The command line as people and programs meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import toy

from rythmo.cli import main
from rythmo.engines import fakes, registry
from rythmo.engines.base import CAPABILITIES


def call(capsys, *words):
    code = main(list(map(str, words)))
    out, err = capsys.readouterr()
    return code, out, err


def events(capsys, *words):
    code, out, _ = call(capsys, words[0], "--json", *words[1:])
    return code, [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def wav(tmp_path):
    return toy.write_sound(tmp_path / "play.wav")


def hostile(folder: Path) -> dict[str, Path]:
    """Inputs that are not media, by what they are."""
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mp4").write_text("This is a shopping list.\n" * 50)
    (folder / "list.mp4").write_text("#EXTM3U\n#EXTINF:10,\nsecret.wav\n")
    (folder / "concat.mp4").write_text("ffconcat version 1.0\nfile secret.wav\n")
    (folder / "cut.wav").write_bytes(toy.write_sound(folder / "w.wav").read_bytes()[:60])
    names = {path.stem: path for path in folder.glob("*.*") if path.name != "w.wav"}
    return {
        **names,
        "missing": folder / "nothing.mov",
        "folder": folder,
        "url": Path("https://example.invalid/a.mp4"),
    }


@pytest.mark.parametrize("what", ["empty", "text", "list", "concat", "cut", "missing", "folder", "url"])
def test_bad_input_is_one_line_and_a_hint(capsys, tmp_path, what):
    code, out, err = call(capsys, "dub", hostile(tmp_path)[what], "--to", "es", "--out", tmp_path / "out")
    assert code == 1
    lines = err.splitlines()
    assert len(lines) == 2, err
    assert lines[0].startswith("rythmo: ") and lines[1].strip()
    assert "Traceback" not in out + err
    assert not (tmp_path / "out").exists()


def test_a_film_without_sound_is_told(capsys, tmp_path):
    silent = toy.write_film(tmp_path / "film.mp4")
    mute = tmp_path / "mute.mp4"
    from rythmo.media import ffmpeg

    subprocess.run(
        [ffmpeg.find_executable(), "-v", "error", "-i", silent, "-an", "-c", "copy", mute], check=True
    )
    code, _, err = call(capsys, "dub", mute, "--to", "es", "--out", tmp_path)
    assert (code, "sound" in err) == (1, True)


@pytest.mark.parametrize(
    "words", [["--to", "klingon"], ["--to", "es", "--voice", "nobody"], ["--to", "es", "--from", "xx"]]
)
def test_unknown_names_list_the_known(capsys, wav, words):
    code, _, err = call(capsys, "dub", wav, *words)
    assert code == 1
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["dub"],
        ["dub", "x.mp4"],
        ["dub", "x.mp4", "--to"],
        ["frobnicate"],
        ["dub", "x", "--to", "es", "--speakers", "101"],
        ["--wrong"],
    ],
)
def test_wrong_usage_exits_with_two(capsys, words):
    code, _, err = call(capsys, *words)
    assert code == 2
    assert "rythmo" in err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["dub", "x", "--to", "es", "--watermrk", "on"], "Did you mean --watermark? "),
        (["deliver", "x", "--formatz", "otio"], "Did you mean --formats? "),
        (["dub", "x", "--to", "es", "--zzzzzz"], ""),
    ],
)
def test_a_misspelt_option_is_recognised(capsys, words, meant):
    code, _, err = call(capsys, *words)
    assert code == 2
    assert f"{meant}See: rythmo {words[0]} --help" in err
    assert meant or "Did you mean" not in err


def test_an_unknown_format_costs_nothing(capsys, wav, tmp_path):
    code, _, err = call(capsys, "dub", wav, "--to", "es", "--deliver", "vhs", "--out", tmp_path / "out")
    assert code == 2
    assert "otio" in err
    assert not (tmp_path / "out").exists()


def test_errors_for_programs_are_the_last_event(capsys, tmp_path):
    code, found = events(capsys, "dub", tmp_path / "no.mp4", "--to", "es")
    assert code == 1
    assert set(found[-1]) == {"event", "message", "hint"}
    assert found[-1]["event"] == "error"


ODD = [
    "with space.wav",
    'quote\'s "here".wav',
    "emoji 🎬.wav",
    "percent %d %s.wav",
    "new\nline.wav",
    "-dash.wav",
    "ünï.wav",
]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids some of these names")
@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_names(capsys, tmp_path, monkeypatch, name):
    toys = fakes.specs()
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    monkeypatch.chdir(tmp_path)
    toy.write_sound(Path("x.wav"), scene=()).rename(name)
    code, found = events(
        capsys, "dub", "--to", "es", "--from", "en", "--deliver", "otio,srt", "--out", "out", "--", name
    )
    assert code == 0, found
    assert all(Path(path).is_file() for path in found[-1]["deliveries"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a small disk")
def test_a_full_disk_is_told(tmp_path):
    """A 1 MB file system, where the machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        source = toy.write_sound(tmp_path / "play.wav")
        command = [sys.executable, "-m", "rythmo", "dub", source, "--from", "en", "--to", "es", "--out", disk]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "full" in done.stderr and "Traceback" not in done.stderr
        assert not list(disk.rglob("*.part"))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_path_of_a_file_as_output_folder(capsys, wav, tmp_path):
    (tmp_path / "out").write_text("")
    code, _, err = call(capsys, "dub", wav, "--to", "es", "--out", tmp_path / "out")
    assert code == 1 and "--out" in err


def test_line_and_deliver_want_a_project(capsys, tmp_path):
    for words in (["line", tmp_path, "S1_0001"], ["deliver", tmp_path]):
        code, _, err = call(capsys, *words)
        assert code == 1 and "not a Rythmo project" in err


@pytest.mark.parametrize("columns", [80, 120])
def test_the_overview_of_engines_fits_a_terminal(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, _ = call(capsys, "engines")
    assert code == 0
    rows = out.splitlines()
    assert max(map(len, rows)) <= columns
    assert len(rows) < 60
    for name in ("deepfilternet", "rnnoise", "silero", "faster-whisper", "apertium", "espeak"):
        assert [row for row in rows if row.split()[:2][-1:] == [name] or row.split()[:1] == [name]], name
    assert "SENDS  needs a key of ElevenLabs" in out or "elevenlabs         SENDS  needs the package" in out
    assert "rythmo engines NAME" in out


def test_an_engine_is_told_whole_when_it_is_named(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("AZURE_SPEECH_KEY", raising=False)
    monkeypatch.delenv("AZURE_SPEECH_REGION", raising=False)
    code, out, _ = call(capsys, "engines", "azure", "espeak")
    assert code == 0
    for text in ("SENDS: translated lines", "AZURE_SPEECH_REGION", "--voice azure", "GPL-3.0", "takes stage"):
        assert text in out
    assert "elevenlabs" not in out
    code, _, err = call(capsys, "engines", "nobody")
    assert code == 1 and "elevenlabs" in err


def test_every_engine_is_listed_for_programs(capsys):
    _, found = events(capsys, "engines")
    listed = {(engine["kind"], engine["name"]) for engine in found[-1]["engines"]}
    every = {(str(kind), spec.info.name) for kind, specs in registry.installed().items() for spec in specs}
    assert listed == every
    for engine in found[-1]["engines"]:
        assert engine["available"] == (not engine["missing"])
        assert all(part["what"] and part["command"] for part in engine["missing"])
        assert engine["licence"] and engine["sends"] and engine["summary"]


def test_what_engines_can_is_told_in_words():
    declared = {
        word for specs in registry.installed().values() for spec in specs for word in spec.info.capabilities
    }
    assert declared <= set(CAPABILITIES)


def test_doctor_says_whether_the_machine_is_ready(capsys, tmp_path):
    code, found = events(capsys, "doctor", "--out", tmp_path)
    names = {check["name"] for check in found[-1]["checks"]}
    assert {"program", "ffmpeg", "voice", "translator", "folder"} <= names
    assert code == (0 if found[-1]["ready"] else 1)


def cpu_seconds(*words):
    """The least processor time of five starts: a busy machine does not change it."""
    times = []
    for _ in range(5):
        before = os.times()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        after = os.times()
        times.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return min(times)


def test_importing_loads_nothing_heavy():
    code = "import sys, rythmo; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"numpy", "torch", "av", "onnxruntime", "opentimelineio", "scipy"} & set(eval(loaded))


def test_help_is_fast():
    nothing = cpu_seconds("-c", "pass")
    assert cpu_seconds("-c", "import rythmo") - nothing < 0.15
    assert cpu_seconds("-m", "rythmo", "--help") < 0.4
