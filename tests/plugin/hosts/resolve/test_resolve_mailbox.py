"""The free edition of Resolve 21.1: its scripts can neither open files nor call programs."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import fake_resolve_timeline
import pytest
import toy_service
from fake_fusion_prefs import MANNERS, Fusion
from fake_resolve import Manners
from resolve_stage import WANTS, by_lua, ours, require_every_line_on_its_sample
from toy_service import host_service, profiles_of


def dub(host, home, folder, fusion, **wants):
    folder.mkdir(exist_ok=True)
    try:
        return by_lua(host, "Rythmo - Dub", home, folder, fusion=fusion, **{**WANTS, **wants})
    finally:
        fusion.settle()


@pytest.mark.parametrize("manner", MANNERS[1:])
def test_the_example_is_dubbed_and_conformed_without_files_or_sockets(resolve, service, tmp_path, manner):
    fusion = Fusion(profiles_of(service.home), manner)
    host = resolve(Manners(studio=False), name=f"Sandbox {manner}")
    assert "All 5 clips are in place." in dub(host, service.home, tmp_path, fusion)
    require_every_line_on_its_sample(host)
    moved = next(item for item in ours(host) if item.name.startswith("S1_0003"))
    moved.start += 7
    said = by_lua(host, "Rythmo - Conform", service.home, tmp_path, fusion=fusion, apply="1")
    fusion.settle()
    assert "are in place" in said
    require_every_line_on_its_sample(host)
    assert fusion.values["Global.Rythmo.RythmoSays"] == "", "nothing is left behind"
    assert fusion.saves < 60, "waiting costs no traffic"
    assert fusion.largest < 40_000


def test_two_runs_at_once_do_not_mix(resolve, service, tmp_path):
    fusion = Fusion(profiles_of(service.home))
    hosts = [resolve(Manners(studio=False), name=f"Run {number}") for number in (1, 2)]
    said = {}

    def run(number):
        said[number] = dub(hosts[number], service.home, tmp_path / str(number), fusion)

    runs = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for each in runs:
        each.start()
    for each in runs:
        each.join(120)
    for number, host in enumerate(hosts):
        assert "All 5 clips are in place." in said[number]
        assert host.current.name == f"Run {number + 1} (es)"
        assert len(ours(host)) == 5
        require_every_line_on_its_sample(host)


@pytest.fixture
def lone_home(tmp_path, monkeypatch):
    """A folder for a service of this test, which the scripts look for there."""
    home = tmp_path / "home"
    monkeypatch.setenv("RYTHMO_HOME", str(home))
    return home


def at_export(monkeypatch, act):
    """Do something once, in the middle of the conversation: before the script's first export."""
    export, pending = fake_resolve_timeline.Timeline.Export, [act]

    def exported(self, *given):
        if pending:
            pending.pop()()
        return export(self, *given)

    monkeypatch.setattr(fake_resolve_timeline.Timeline, "Export", exported)


def test_a_service_that_is_killed_is_told_and_the_next_run_works(
    resolve, film, lone_home, tmp_path, monkeypatch
):
    script = Path(toy_service.__file__).with_name("host_service_to_kill.py")
    words = [sys.executable, str(script), str(lone_home), str(tmp_path / "out"), str(film.parent)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    fusion, host = Fusion(profiles_of(lone_home)), resolve(Manners(studio=False))

    def kill():
        process.kill()
        process.wait(10)

    with process.stdin, process.stdout:
        try:
            assert process.stdout.readline() == b"ready\n"
            at_export(monkeypatch, kill)
            assert "Rythmo was closed. Run the script again" in dub(host, lone_home, tmp_path, fusion)
        finally:
            kill()
    assert len(host.current.tracks["audio"]) == 1, "nothing was half done"
    with host_service(lone_home, tmp_path / "out", (film.parent,)):
        assert "All 5 clips are in place." in dub(host, lone_home, tmp_path, fusion)
    require_every_line_on_its_sample(host)


def test_a_service_that_is_started_anew_is_told(resolve, film, lone_home, tmp_path, monkeypatch):
    fusion, host = Fusion(profiles_of(lone_home)), resolve(Manners(studio=False))
    with ExitStack() as stack:
        first = stack.enter_context(ExitStack())
        first.enter_context(host_service(lone_home, tmp_path / "out", (film.parent,)))

        def restart():
            first.close()
            stack.enter_context(host_service(lone_home, tmp_path / "out", (film.parent,)))

        at_export(monkeypatch, restart)
        assert "Rythmo was started anew. Run the script again" in dub(host, lone_home, tmp_path, fusion)


def test_nothing_answers(resolve, lone_home, tmp_path):
    fusion = Fusion(profiles_of(lone_home))
    said = dub(resolve(Manners(studio=False)), lone_home, tmp_path, fusion)
    assert "Rythmo is not running. Start it (rythmo serve)" in said
    assert fusion.saves == 0


def test_what_goes_wrong_before_the_conversation_is_in_the_services_log(resolve, service, tmp_path, caplog):
    host = resolve(Manners(studio=False))
    host.current = None
    assert "Open a timeline first." in dub(host, service.home, tmp_path, Fusion(profiles_of(service.home)))
    assert "Resolve: Open a timeline first." in caplog.text
