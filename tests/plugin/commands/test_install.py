"""`rythmo install` and `uninstall`, and what `rythmo doctor` says of the hosts, on a home of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rythmo.cli.app import main
from rythmo_plugin.installer import programs
from rythmo_plugin.installer.machine import Machine, System


@pytest.fixture(params=list(System))
def machine(request, tmp_path: Path, monkeypatch) -> Machine:
    """A machine of each system; the commands believe that they run there."""
    made = Machine(request.param, tmp_path / "machine" / "Users" / "anna", tmp_path / "machine")
    made.home.mkdir(parents=True)
    monkeypatch.setattr(programs, "this_machine", lambda: made)
    monkeypatch.setenv("RYTHMO_HOME", str(tmp_path / "rythmo"))
    return made


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(capsys) -> dict[str, object]:
    """The last event of a command with --json."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def hosts_there(machine: Machine) -> list[str]:
    return ["resolve"] if machine.system is System.LINUX else ["resolve", "premiere"]


def test_it_writes_what_it_says_and_takes_it_away_again(machine, tmp_path, capsys):
    before = everything(tmp_path)
    for host in hosts_there(machine):
        assert main(["install", host, "--dry-run", "--json"]) == 0
        promised = told(capsys)
        assert everything(tmp_path) == before, "a dry run writes nothing"
        assert main(["install", host, "--json"]) == 0
        done = told(capsys)
        assert done["files"] == promised["files"]
        record = str(tmp_path / "rythmo" / f"installed-{host}.json")
        assert everything(tmp_path).keys() - before.keys() == {*done["files"], record}

        there = everything(tmp_path)
        assert main(["uninstall", host, "--dry-run", "--json"]) == 0
        assert told(capsys)["removed"] == done["files"]
        assert everything(tmp_path) == there
        assert main(["uninstall", host, "--json"]) == 0
        assert told(capsys)["removed"] == done["files"]
        assert everything(tmp_path) == before


def test_a_person_reads_what_to_do_next(machine, capsys):
    assert main(["install", "resolve"]) == 0
    said = capsys.readouterr().out
    assert said.count("Wrote ") == 4
    assert "3. After editing" in said
    assert main(["install", "resolve", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "Nothing was written. To install: rythmo install resolve" in said
    assert "Next:" not in said


def test_premiere_on_linux_is_wrong_usage(machine, capsys):
    if machine.system is System.LINUX:
        assert main(["install", "premiere"]) == 2
        assert "Premiere does not run on Linux" in capsys.readouterr().err


def test_what_is_not_installed_cannot_be_taken_away(machine, capsys):
    assert main(["uninstall", "resolve"]) == 1
    assert "rythmo install resolve" in capsys.readouterr().err


def test_doctor_sees_what_became_of_it(machine, tmp_path, monkeypatch):
    def found() -> dict[str, tuple[bool, str]]:
        return {check.name: (check.ok, check.found) for check in programs.checks()}

    assert found() == dict.fromkeys(hosts_there(machine), (True, "not installed"))
    for host in hosts_there(machine):
        main(["install", host])
    assert all(ok and "files in" in said for ok, said in found().values())

    moved = replace(machine, home=machine.home.parent / "else")
    moved.home.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(programs, "this_machine", lambda: moved)
        if machine.system is not System.WINDOWS:  # there the scripts lie outside the home
            assert found()["resolve"] == (False, "installed by another installation of Rythmo")
    changed = programs.make_parcel("resolve").files[0][0]
    changed.write_text("other")
    assert found()["resolve"] == (False, f"{changed} is missing or was changed")
