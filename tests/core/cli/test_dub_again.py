"""The same command again: a project's own settings hold, flags go before them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import toy

from rythmo import settings_file
from rythmo.cli import main
from rythmo.engines import fakes
from rythmo.project.workspace import Project


@pytest.fixture
def dub(tmp_path, monkeypatch, capsys):
    """Runs `rythmo dub` on the toy film with toy engines; the last event."""
    film, toys = toy.write_sound(tmp_path / "toy.wav"), fakes.specs()
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])

    def run(*flags, to="es"):
        words = ["dub", "--json", str(film), "--from", "en", "--to", to, "--out", str(tmp_path), *flags]
        code = main([*words])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def people(said):
    return len(Project(Path(said["project"])).load().speakers)


def test_what_a_person_set_holds_when_it_is_run_again(dub, tmp_path):
    code, said = dub("--speakers", "2", "--deliver", "srt")
    assert (code, people(said)) == (0, 2)
    file = Path(said["project"]) / "settings.toml"
    file.write_text(file.read_text().replace('formats = "srt"', 'formats = "vtt"'))
    code, said = dub()
    assert (code, people(said)) == (0, 2), "the count is the project's"
    assert [path for path in said["deliveries"] if path.endswith(".vtt")]
    assert settings_file.resolve_settings(file=file).deliver.formats == "vtt", (
        "and what was written by hand stays"
    )
    code, said = dub("--speakers", "0")
    assert (code, people(said)) == (0, 3), "0 finds out again"


def test_another_language_shares_what_was_heard_and_has_formats_of_its_own(dub):
    dub("--speakers", "2", "--deliver", "srt")
    code, said = dub("--deliver", "vtt", to="fr")
    assert (code, people(said)) == (0, 2)
    assert [path for path in said["deliveries"] if path.endswith(".fr.vtt")]
    code, said = dub()
    assert not [path for path in said["deliveries"] if path.endswith(".vtt")]


def test_the_summary_says_what_each_file_is(tmp_path, monkeypatch, capsys):
    film, toys = toy.write_sound(tmp_path / "toy.wav"), fakes.specs()
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    words = ["dub", str(film), "--from", "en", "--to", "es", "--out", str(tmp_path), "--deliver", "otio,srt"]
    assert main(words) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    kinds = {Path(words[1]).name: words[0] for words in rows if len(words) == 2 and words[1] != "done"}
    assert kinds == {
        "toy.es.otio": "timeline",
        "toy.es.srt": "subtitles",
        "toy.en.srt": "subtitles",
        "report.html": "report",
        "stems": "stems",
    }
