"""Install and uninstall on fake machines of three systems leave exactly what they say."""

from __future__ import annotations

import hashlib
import io
import json
import plistlib
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from rythmo.errors import OutputError, UsageError
from rythmo_plugin.installer import parcel as parcels
from rythmo_plugin.installer import premiere, programs, resolve
from rythmo_plugin.installer.machine import Machine, System, command_line
from rythmo_plugin.installer.parcel import Parcel
from rythmo_plugin.installer.script_constants import fill_constants

UTILITY = "Fusion/Scripts/Utility"
WHERE = {
    System.MACOS: f"Users/anna/Library/Application Support/Blackmagic Design/DaVinci Resolve/{UTILITY}",
    System.WINDOWS: f"ProgramData/Blackmagic Design/DaVinci Resolve/{UTILITY}",
    System.LINUX: f"Users/anna/.local/share/DaVinciResolve/{UTILITY}",
}
START = ["/opt/my python/python", "-m", "rythmo", "serve", "--no-browser"]


def fake(system: System, root: Path) -> Machine:
    home = root / "Users" / "anna"
    home.mkdir(parents=True)
    return Machine(system, home, root)


def everything(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in root.rglob("*")
    }


@pytest.fixture(params=list(System))
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return fake(request.param, tmp_path / "machine")


def test_resolve_gets_its_scripts_where_its_documentation_says(machine: Machine, tmp_path: Path) -> None:
    made = resolve.make_parcel(machine, tmp_path / "home", START)
    parcels.install_parcel(made, tmp_path / "home")
    folder = machine.root / WHERE[machine.system]
    assert {path.suffix for path in folder.iterdir()} == {".py", ".lua"}
    assert sorted(path for path, _ in made.files) == sorted(folder.iterdir())


def test_scripts_know_the_service_and_how_to_start_it(machine: Machine, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for path, content in resolve.make_parcel(machine, home, START).files:
        text = content.decode()
        assert path.suffix == ".py" or text.isascii(), path.name
        quoted = json.dumps(str(home))
        assert f"RYTHMO_HOME = {quoted}" in text, path.name
        assert f"RYTHMO_START = {json.dumps(command_line(machine, START))}" in text, path.name
        if path.suffix == ".py":
            compile(text, path.name, "exec")


def test_uninstall_leaves_the_machine_as_it_was(machine: Machine, tmp_path: Path) -> None:
    others = machine.root / "Applications" / "keep.txt"
    others.parent.mkdir()
    others.write_text("mine")
    before = everything(machine.root)
    parcels.install_parcel(resolve.make_parcel(machine, tmp_path / "home", START), tmp_path / "home")
    assert everything(machine.root) != before
    removed = parcels.remove_parcel("resolve", tmp_path / "home")
    assert everything(machine.root) == before
    assert removed.gone
    assert not removed.kept
    assert not list((tmp_path / "home").iterdir())


def test_the_editors_own_scripts_stay(machine: Machine, tmp_path: Path) -> None:
    own = resolve.script_folder(machine) / "My script.py"
    own.parent.mkdir(parents=True)
    own.write_text("print('mine')")
    parcels.install_parcel(resolve.make_parcel(machine, tmp_path / "home", START), tmp_path / "home")
    parcels.remove_parcel("resolve", tmp_path / "home")
    assert list(own.parent.iterdir()) == [own]


def test_a_script_that_somebody_changed_stays(machine: Machine, tmp_path: Path) -> None:
    made = resolve.make_parcel(machine, tmp_path / "home", START)
    parcels.install_parcel(made, tmp_path / "home")
    changed = made.files[0][0]
    changed.write_text("# my own version")
    assert parcels.find_changed_files(parcels.read_record("resolve", tmp_path / "home") or pytest.fail()) == (
        changed,
    )
    removed = parcels.remove_parcel("resolve", tmp_path / "home")
    assert removed.kept == (changed,)
    assert changed.read_text() == "# my own version"


def test_installing_twice_is_installing_once(machine: Machine, tmp_path: Path) -> None:
    made = resolve.make_parcel(machine, tmp_path / "home", START)
    before = everything(machine.root)
    parcels.install_parcel(made, tmp_path / "home")
    once = everything(machine.root)
    parcels.install_parcel(made, tmp_path / "home")
    assert everything(machine.root) == once
    parcels.remove_parcel("resolve", tmp_path / "home")
    assert everything(machine.root) == before


def test_a_new_version_takes_away_what_it_no_longer_has(tmp_path: Path) -> None:
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    parcels.install_parcel(Parcel("resolve", ((old, b"old"),), ()), tmp_path / "home")
    parcels.install_parcel(Parcel("resolve", ((new, b"new"),), ()), tmp_path / "home")
    assert not old.exists()
    assert new.read_bytes() == b"new"


def test_nothing_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not installed in Resolve"):
        parcels.remove_parcel("resolve", tmp_path)


@pytest.mark.parametrize("system", [System.MACOS, System.WINDOWS])
def test_the_packed_panel_is_one_that_adobe_reads(system: System, tmp_path: Path) -> None:
    machine = fake(system, tmp_path / "machine")
    home = tmp_path / "home with spaces é"
    made = premiere.make_parcel(machine, home, START)
    (path, content), (_, flat), (starter, _) = made.files
    root = premiere.BUNDLE_ROOT
    assert path.suffix == ".ccx"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == root
        names = {name.removeprefix(root) for name in archive.namelist()}
        manifest = json.loads(archive.read(f"{root}manifest.json"))
        settings = archive.read(f"{root}settings.js").decode()
    with zipfile.ZipFile(io.BytesIO(flat)) as archive:
        assert {*archive.namelist(), ""} == names, "the same files, without a folder around them"
    assert manifest["manifestVersion"] == 5
    assert manifest["host"] == {"app": "premierepro", "minVersion": "25.6.0"}
    assert manifest["main"] in names
    assert all(icon["path"] in names or f"{icon['path'][:-4]}@2x.png" in names for icon in manifest["icons"])
    assert all(part.isdigit() for part in manifest["version"].split("."))
    assert len(manifest["version"].split(".")) == 3
    domains = manifest["requiredPermissions"]["network"]["domains"]
    assert {f"http://{name}:47800" for name in ("127.0.0.1", "localhost")} <= set(domains)
    assert f"const RYTHMO_HOME = {json.dumps(str(home), ensure_ascii=False)};" in settings
    assert f"const RYTHMO_STARTER = {json.dumps(str(starter), ensure_ascii=False)};" in settings
    assert starter.suffix in manifest["requiredPermissions"]["launchProcess"]["extensions"]
    assert manifest["id"] == root.rstrip("/")
    assert content == premiere.pack_panel(home, starter, root)
    assert flat == premiere.pack_panel(home, starter)


def test_the_packed_panel_has_a_root_and_permissions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Premiere 26.5.1 refused one without a folder around its files and with permissions of 000."""
    packed = premiere.pack_panel(tmp_path, tmp_path / "Start Rythmo.command", premiere.BUNDLE_ROOT)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        entries = archive.infolist()
    for entry in entries:
        print(stat.filemode(entry.external_attr >> 16), entry.create_system, entry.filename)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"drwxr-xr-x 3 {premiere.BUNDLE_ROOT}"
    assert f"-rw-r--r-- 3 {premiere.BUNDLE_ROOT}manifest.json" in lines
    assert f"drwxr-xr-x 3 {premiere.BUNDLE_ROOT}icons/" in lines
    kinds = {line.split(" ")[0] for line in lines}
    assert kinds == {"drwxr-xr-x", "-rw-r--r--"}
    assert all(line.split(" ", 2)[2].startswith(premiere.BUNDLE_ROOT) for line in lines)


def test_the_starter_runs_the_service(tmp_path: Path) -> None:
    told = tmp_path / "told it's.txt"
    words = [sys.executable, "-S", "-c", f"open({str(told)!r}, 'w').write('started')"]
    parcels.install_parcel(
        premiere.make_parcel(fake(System.MACOS, tmp_path / "machine"), tmp_path / "home", words), tmp_path
    )
    (starter,) = (tmp_path / "home" / "premiere").glob("*.command")
    subprocess.run([str(starter)], check=True)
    assert told.read_text() == "started"


def test_the_starter_of_windows_is_a_batch_file(tmp_path: Path) -> None:
    words = ["C:\\100% Zoë\\python.exe", "-m", "rythmo", "serve"]
    lines = premiere.start_script(Machine(System.WINDOWS, tmp_path), words).decode().split("\r\n")
    assert lines[0] == "@echo off"
    assert '"C:\\100%% Zoë\\python.exe" -m rythmo serve' in lines


@pytest.mark.parametrize("system", [System.MACOS, System.WINDOWS])
def test_the_panel_goes_as_it_came(system: System, tmp_path: Path) -> None:
    machine, home = fake(system, tmp_path / "machine"), tmp_path / "home"
    made = premiere.make_parcel(machine, home, START)
    parcels.install_parcel(made, home)
    assert {path for path in home.rglob("*") if path.is_file()} == {
        *(path for path, _ in made.files),
        home / "installed-premiere.json",
    }
    parcels.remove_parcel("premiere", home)
    assert not list(home.iterdir())
    assert everything(machine.root) == {"Users": "folder", "Users/anna": "folder"}


def lua_reads(text: str, name: str) -> bytes:
    """The bytes of a constant as Lua reads it."""
    luajit = shutil.which("luajit") or pytest.skip("no luajit on this machine: apt-get install luajit")
    line = next(line for line in text.splitlines() if line.startswith(f"local {name} = "))
    script = f"{line}\nio.write({name})"
    return subprocess.run([luajit, "-e", script], capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("folder", "encoding"),
    [("Zo\u00eb", "cp1252"), ("\u30bd\u30d5\u30c8", "cp932"), ("\u017b\u00f3\u0142w", "cp1250")],
)
def test_paths_for_lua_on_windows_are_in_the_code_page(tmp_path: Path, folder: str, encoding: str) -> None:
    """In cp932 the second byte of a letter is a backslash."""
    machine = replace(fake(System.WINDOWS, tmp_path / "machine"), lua_encoding=encoding)
    made = resolve.make_parcel(machine, tmp_path / folder, START)
    scripts = [content.decode("ascii") for path, content in made.files if path.suffix == ".lua"]
    assert len(scripts) == 2
    for text in scripts:
        assert lua_reads(text, "RYTHMO_HOME") == str(tmp_path / folder).encode(encoding)
    assert not any("letters" in warning for warning in made.warnings)


def test_where_the_code_page_lacks_a_letter_the_short_name_is_taken(tmp_path: Path) -> None:
    there = tmp_path / "\u30bd"
    there.mkdir()
    machine = replace(
        fake(System.WINDOWS, tmp_path / "machine"),
        lua_encoding="cp1252",
        shorten=lambda path: str(path.with_name("SO~1")) if path == there else None,
    )
    made = resolve.make_parcel(machine, there / "rythmo", START)
    text = next(content.decode("ascii") for path, content in made.files if path.suffix == ".lua")
    assert lua_reads(text, "RYTHMO_HOME") == str(tmp_path / "SO~1" / "rythmo").encode()
    assert not any("letters" in warning for warning in made.warnings)


def test_letters_that_lua_cannot_open_on_windows_are_told(tmp_path: Path) -> None:
    machine = replace(fake(System.WINDOWS, tmp_path / "machine"), lua_encoding="cp1252")
    odd = tmp_path / "\u30bd"
    assert not any("letters" in warning for warning in resolve.make_parcel(machine, tmp_path, START).warnings)
    assert any("\u30bd" in warning for warning in resolve.make_parcel(machine, odd, START).warnings)
    elsewhere = Machine(System.LINUX, machine.home, machine.root)
    assert not any("letters" in warning for warning in resolve.make_parcel(elsewhere, odd, START).warnings)


def install_resolve(machine: Machine, version: str) -> None:
    """Put what says the version of Resolve onto a fake machine."""
    if machine.system is System.MACOS:
        plist = machine.root / "Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Info.plist"
        plist.parent.mkdir(parents=True)
        plist.write_bytes(plistlib.dumps({"CFBundleShortVersionString": version}))
    else:
        docs = machine.root / "opt/resolve/docs"
        docs.mkdir(parents=True)
        (docs / "ReadMe.html").write_text(
            f"<p>About DaVinci Resolve Studio {version}</p> projects of DaVinci Resolve 20.3.2 can be opened"
        )


@pytest.mark.parametrize("system", [System.MACOS, System.LINUX])
@pytest.mark.parametrize(
    ("version", "needs"), [("20.3.2", False), ("21.0.3", False), ("21.1", True), ("22.0", True)]
)
def test_a_version_that_needs_the_mailbox_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: System, version: str, needs: bool
) -> None:
    machine, home = fake(system, tmp_path), tmp_path / "home"
    install_resolve(machine, version)
    made = resolve.make_parcel(machine, home, START)
    assert any("start Rythmo first" in step for step in made.next_steps) == needs
    parcels.install_parcel(made, home)
    profiles = tmp_path / "Profiles"
    monkeypatch.setattr(programs, "this_machine", lambda: machine)
    monkeypatch.setattr(programs, "home", lambda: home)
    monkeypatch.setattr(programs, "make_parcel", lambda _: made)
    monkeypatch.setattr(programs, "find_profiles", lambda: profiles)
    check = next(each for each in programs.checks() if each.name == "resolve")
    assert (check.ok, "mailbox" in check.found or "preferences" in check.found) == (not needs, needs)
    (profiles / "Default").mkdir(parents=True)
    (profiles / "Default" / "Fusion.prefs").write_text("{}")
    check = next(each for each in programs.checks() if each.name == "resolve")
    assert (check.ok, "mailbox" in check.found) == (True, needs)


def test_premiere_on_linux_is_refused_with_the_other_way(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        premiere.make_parcel(fake(System.LINUX, tmp_path), tmp_path / "home")
    assert "fcp7" in refused.value.hint


def test_a_command_line_is_one_that_the_shell_takes_apart_again() -> None:
    line = command_line(Machine(System.LINUX, Path("/h")), ["/a b/p", "-c", "print('it\\'s')"])
    script = f"for w in {line}; do printf '%s\\n' \"$w\"; done"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["/a b/p", "-c", "print('it\\'s')"]


def test_constants_are_filled_in_three_languages() -> None:
    source = 'RYTHMO_HOME = ""\nlocal RYTHMO_HOME = ""\nconst RYTHMO_HOME = "";\nother = RYTHMO_HOME = 1\n'
    value = 'C:\\Users\\"Zoë"'
    made = fill_constants(source, {"RYTHMO_HOME": value}).splitlines()
    quoted = json.dumps(value, ensure_ascii=False)
    assert made[0] == f"RYTHMO_HOME = {quoted}"
    assert made[1] == f"local RYTHMO_HOME = {quoted}"
    assert made[2] == f"const RYTHMO_HOME = {quoted};"
    assert made[3] == "other = RYTHMO_HOME = 1"


def test_a_value_that_would_break_a_script_is_refused() -> None:
    with pytest.raises(UsageError):
        fill_constants('RYTHMO_HOME = ""', {"RYTHMO_HOME": "a\nimport os"})
