"""What surrounds the conversation: who answers, who starts whom, lost calls, old scripts."""

from __future__ import annotations

import ast
import shlex
import shutil
import sys
import urllib.error
import urllib.request

import fake_resolve
import pytest
from fake_resolve import guarded
from resolve_stage import LIB, RUNS, WANTS, by_lua, require_every_line_on_its_sample

from rythmo_plugin.hosts.line_protocol import decode, encode, step
from rythmo_plugin.hosts.resolve import rythmo_resolve


def post(service, path, steps, token=None):
    request = urllib.request.Request(
        f"{service.address}/api/v1{path}",
        encode(steps),
        {"Authorization": f"Bearer {token or service.token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return decode(answer.read())


def refused(service, path, steps, token=None):
    """The status of a call that must fail."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        post(service, path, steps, token)
    with raised.value:
        return raised.value.code


def hello(**more):
    wants = [step("want", name, value) for name, value in more.items()]
    line = step("timeline", "Talk", "id", "25.0", 90000, "01:00:00:00", 0)
    return [step("protocol", 1), step("host", "DaVinci Resolve", "21"), step("action", "dub"), line, *wants]


def test_a_turn_that_is_sent_twice_gets_the_same_answer(service):
    first, *steps = post(service, "/hosts/resolve/sessions", hello(language="es"))
    assert first.verb == "session"
    assert [each.verb for each in steps] == ["look"]
    turns = f"/hosts/sessions/{first.field(0)}/turns"
    answer = post(service, f"{turns}/1", [])
    assert post(service, f"{turns}/1", []) == answer
    assert [each.verb for each in answer] == ["use", "export"]
    assert refused(service, f"{turns}/7", []) == 422


@pytest.mark.parametrize(
    ("path", "steps", "token", "status"),
    [
        ("/hosts/resolve/sessions", [step("protocol", 9)], None, 422),
        ("/hosts/avid/sessions", hello(), None, 404),
        ("/hosts/sessions/none/turns/1", [], None, 404),
        ("/hosts/resolve/sessions", hello(), "guess", 401),
    ],
)
def test_calls_that_are_refused(service, path, steps, token, status):
    assert refused(service, path, steps, token) == status


@pytest.mark.parametrize("script", RUNS)
@pytest.mark.parametrize("missing", ["project", "timeline"])
def test_nothing_open(service, tmp_path, script, missing):
    host = fake_resolve.Resolve()
    if missing == "project":
        host.project = None
    said = RUNS[script](host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
    assert f"Open a {missing} first." in said


@pytest.mark.parametrize("script", RUNS)
def test_a_service_that_is_not_there(resolve, tmp_path, monkeypatch, script):
    monkeypatch.setenv("RYTHMO_HOME", str(tmp_path))
    said = RUNS[script](resolve(), "Rythmo - Dub", tmp_path, tmp_path, **WANTS)
    assert "Rythmo is not running" in said


@pytest.mark.parametrize("script", RUNS)
def test_the_script_starts_the_service(resolve, service, tmp_path, script):
    """The words that start it are run by the system's shell, without Resolve's own environment."""
    home, told = tmp_path / "home", tmp_path / "told"
    home.mkdir()
    starter = tmp_path / "start it.py"
    starter.write_text(
        "import os, pathlib, shutil\n"
        "set_here = sorted(set(os.environ) & {'PYTHONHOME', 'LD_LIBRARY_PATH'})\n"
        f"pathlib.Path({str(told)!r}).write_text(repr(set_here))\n"
        f"shutil.copy({str(service.home / 'service.json')!r}, {str(home / 'service.json')!r})\n"
    )
    words = shlex.join([sys.executable, "-S", "-E", str(starter)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LD_LIBRARY_PATH", "/opt/resolve/libs")
        patch.setenv("RYTHMO_HOME", str(home))
        said = RUNS[script](resolve(), "Rythmo - Dub", home, tmp_path, words, **WANTS)
    assert "All 5 clips" in said
    assert told.read_text() == "[]"


@pytest.mark.parametrize("script", RUNS)
def test_the_pool_is_looked_through_once(resolve, service, tmp_path, script):
    """Once a bin and not once a file, which would take minutes with a thousand lines."""
    host = resolve()
    assert "All 5 clips" in RUNS[script](host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
    names = [call.name for call in host.calls]
    assert names.count("GetClipList") <= 2, "for the takes, and for the subtitles"


@pytest.mark.skipif(not shutil.which("lua5.1") or not shutil.which("curl"), reason="needs lua5.1 and curl")
def test_plain_lua_speaks_through_curl(resolve, service, tmp_path):
    host = resolve()
    assert "All 5 clips" in by_lua(host, "Rythmo - Dub", service.home, tmp_path, lua="lua5.1", **WANTS)
    require_every_line_on_its_sample(host)


def test_from_outside_through_fusionscript(resolve, service, tmp_path, monkeypatch):
    modules = tmp_path / "Modules"
    modules.mkdir()
    (modules / "DaVinciResolveScript.py").write_text(
        "def scriptapp(name):\n    return found[name]\nfound = {}\n"
    )
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path, str(modules)])
    import DaVinciResolveScript

    host = resolve()
    DaVinciResolveScript.found["Resolve"] = guarded(host, host)
    arguments = [f"{name}={value}" for name, value in WANTS.items()]
    assert rythmo_resolve.main("dub", str(service.home), "", arguments=arguments) == 0
    require_every_line_on_its_sample(host)
    DaVinciResolveScript.found["Resolve"] = None
    assert rythmo_resolve.main("dub", str(service.home), "") == 1


@pytest.mark.parametrize(
    "path", sorted([*LIB.glob("menu/*.py"), *LIB.glob("rythmo_resolve/*.py")]), ids=lambda p: p.name
)
def test_the_python_scripts_run_in_old_pythons(path):
    tree = ast.parse(path.read_text(), feature_version=(3, 6))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names += [node.module for node in imported if node.level == 0]
    allowed = sys.stdlib_module_names | {"DaVinciResolveScript", "rythmo_resolve"}
    assert {name.partition(".")[0] for name in names} <= allowed
