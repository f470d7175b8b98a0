"""Lines are split, joined, deleted and locked over the API; two people at once lose nothing."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import pytest
import toy

from rythmo.dubbing import pipeline, project_edits
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.project.workspace import Project
from rythmo.script.line_structure import split_line
from rythmo.script.takes import Take, VoiceRef
from rythmo.script.text_cuts import find_cut_at_word
from rythmo.settings import DeliverSettings, Settings
from rythmo_plugin.service.script_merge import merge_scripts

SCENE = (
    *((0, at, 12_000) for at in (24_000, 40_000, 58_000)),
    (1, 120_000, 30_000),
    *((0, at, 15_000) for at in (200_000, 224_000)),
    (0, 290_000, 24_000),
    (2, 400_000, 50_000),
)
SETTINGS = Settings(deliver=DeliverSettings("otio,srt"))
_numbers = count(1)


@pytest.fixture(scope="module")
def dubbed(media):
    """S1_0001 has three words, S2_0002 one, S1_0003 two, S1_0004 and S3_0005 one."""
    film = toy.write_sound(media / "words.wav", scene=SCENE)
    return pipeline.dub(Job(film, "es", "en", media), SETTINGS, engines=fakes.specs()).project.root


@pytest.fixture
def project(service, dubbed, media):
    root = media / f"s{next(_numbers)}.rythmo"
    shutil.copytree(dubbed, root)
    found = service.call("POST", "/projects", {"path": str(root)})
    service.call("POST", f"/projects/{found['id']}/deliver", {"formats": ["otio", "srt"]})
    service.quiet(found["id"])
    yield service.call("GET", f"/projects/{found['id']}")
    service.quiet(found["id"])


@pytest.fixture
def desk(service, project):
    return Desk(service, project)


class Desk:
    """One person at the API of one project."""

    def __init__(self, service, project):
        self.service, self.id, self.root = service, project["id"], Path(project["root"])

    def call(self, method, path, body=None):
        return self.service.call(method, f"/projects/{self.id}{path}", body)

    def ask(self, method, path, body=None):
        return self.service.ask(method, f"/projects/{self.id}{path}", body)

    def quiet(self):
        self.service.quiet(self.id)

    def told(self):
        return self.service.call("GET", f"/projects/{self.id}")

    def ids(self):
        return [line["id"] for line in self.told()["lines"]]

    def hashes(self):
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in ("stems", "deliver")
            for path in sorted((self.root / folder).rglob("*"))
            if path.is_file() and path.name[0] != "."
        }

    def lines(self):
        """Everything that a line is, but the takes that are listed besides the chosen one."""
        script = Project(self.root).load()
        return [replace(line, takes=(line.take,) if line.take else ()) for line in script.lines]


EDITS = {
    "split": ("POST", "/lines/S1_0001/split", {"word": 1, "seen_text": "a2 a2 a2"}, 2),
    "join": ("POST", "/lines/join", {"lines": ["S1_0003", "S1_0004"]}, 1),
    "delete": ("DELETE", "/lines/S1_0003", None, 0),
    "lock": ("PUT", "/lines/S1_0003/lock", {"locked": True}, 0),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_voiced_and_undone_byte_for_byte(name, desk):
    method, path, body, takes = EDITS[name]
    if body and "seen_text" in body:
        body = {**body, "seen_text": desk.told()["lines"][0]["text"]}
    before, was = desk.hashes(), desk.lines()
    made = desk.call(method, path, body)
    assert (len(made["jobs"]), made["can_undo"]) == (takes, True)
    desk.quiet()
    assert (desk.hashes() == before) == (name == "lock")
    assert all(line["chosen"] for line in desk.told()["lines"])
    undone = desk.call("POST", "/undo")
    assert undone["what"].startswith(name)
    desk.quiet()
    assert (desk.hashes(), desk.lines()) == (before, was)
    desk.call("POST", "/redo")
    desk.quiet()
    assert desk.ids() == [line["id"] for line in desk.told()["lines"]]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_are_all_undone_byte_for_byte(desk, seed):
    """Edits that cannot be made are refused, those that were made are undone, in a random order of both."""
    choose = Random(seed)
    before, was, depth = desk.hashes(), desk.lines(), 0
    for _ in range(5):
        lines = desk.told()["lines"]
        line = choose.choice(lines)
        path = f"/lines/{line['id']}"
        asked = choose.choice(
            [
                ("POST", f"{path}/split", {"at": (line["start"] + line["end"]) // 2}),
                (
                    "POST",
                    "/lines/join",
                    {"lines": [one["id"] for one in lines[-2:]], "across_speakers": True},
                ),
                ("DELETE", path, None),
                ("PATCH", path, {"end": line["end"] + 1920}),
                ("PUT", f"{path}/lock", {"locked": not line["locked"]}),
                ("POST", "/undo", None),
            ]
        )
        status, _ = desk.ask(*asked)
        assert status in (200, 201, 409, 422)
        if status < 300:
            depth += -1 if asked[1] == "/undo" else 1
        if choose.random() < 0.5:
            desk.quiet()
    for _ in range(depth):
        desk.call("POST", "/undo")
    desk.quiet()
    assert desk.ask("POST", "/undo")[0] == 409
    assert (desk.hashes(), desk.lines()) == (before, was)


def test_what_was_removed_is_told_and_comes_back(desk):
    changed = desk.call("DELETE", "/lines/S1_0003")
    assert changed["removed"] == ["S1_0003"]
    assert [line["id"] for line in desk.told()["removed"]] == ["S1_0003"]
    back = desk.call("POST", "/lines/S1_0003/restore")
    assert [line["id"] for line in back["lines"]] == ["S1_0003"]
    assert desk.told()["removed"] == []


def test_a_locked_line_refuses_everything_but_unlocking(desk):
    desk.call("PUT", "/lines/S2_0002/lock", {"locked": True})
    assert next(line for line in desk.told()["lines"] if line["id"] == "S2_0002")["locked"]
    for method, path, body in (
        ("PATCH", "/lines/S2_0002", {"translation": "x"}),
        ("POST", "/lines/S2_0002/takes", None),
        ("PUT", "/lines/S2_0002/choice", {"take": "t01"}),
        ("DELETE", "/lines/S2_0002", None),
        ("POST", "/lines/S2_0002/split", {"at": 130_000}),
        ("POST", "/speakers/S2/merge", {"into": "S1"}),
    ):
        status, said = desk.ask(method, path, body)
        assert (status, said["error"]["code"]) == (409, "locked"), path
    desk.call("PUT", "/lines/S2_0002/lock", {"locked": False})
    assert desk.call("PATCH", "/lines/S2_0002", {"translation": "x", "voice": False})["line"]["translation"]


def test_two_people_edit_different_lines_and_both_edits_stand(desk):
    desk.call("POST", "/lines/S1_0001/split", {"word": 1})
    seen = {"translation": "es: b6"}
    desk.call("PATCH", "/lines/S2_0002", {"translation": "mía", "seen": seen})
    desk.quiet()
    lines = {line["id"]: line for line in desk.told()["lines"]}
    assert lines["S2_0002"]["translation"] == "mía" and "S1_0006" in lines
    assert all(line["chosen"] for line in lines.values())


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (("POST", "/lines/S1_0003/split", {"word": 1}), "was changed meanwhile"),
        (("POST", "/lines/join", {"lines": ["S1_0001", "S1_0003"]}), "was joined into S1_0001"),
        (("DELETE", "/lines/S1_0003", None), "was deleted meanwhile"),
        (("PATCH", "/lines/S1_0003", {"translation": "suya"}), "was changed meanwhile"),
    ],
)
def test_an_edit_of_a_line_that_is_another_by_now_is_a_conflict_and_loses_nothing(desk, first, message):
    line = next(line for line in desk.told()["lines"] if line["id"] == "S1_0003")
    desk.call(*first)
    desk.quiet()
    before = desk.lines()
    asked = {"translation": "mía", "seen": {"translation": line["translation"]}}
    status, said = desk.ask("PATCH", "/lines/S1_0003", asked)
    assert (status, said["error"]["code"]) == (409, "conflict")
    assert message in said["error"]["message"] and said["error"]["hint"]
    assert desk.lines() == before
    status, said = desk.ask("POST", "/lines/S1_0003/split", {"word": 1, "seen_text": "something else"})
    assert (status, said["error"]["code"]) == (409, "conflict")


def test_only_one_of_word_character_and_time_says_where_to_split(desk):
    for body in ({}, {"word": 1, "at": 30_000}):
        status, said = desk.ask("POST", "/lines/S1_0001/split", body)
        assert (status, said["error"]["code"]) == (400, "usage")
    assert desk.ask("POST", "/lines/S9_0009/split", {"word": 1})[0] == 404


def test_what_the_command_line_did_is_undone_here_and_the_other_way_round(desk):
    project, before, was = Project(desk.root), desk.hashes(), desk.lines()
    toys = fakes.specs()

    def split(script):
        return split_line(script, "S1_0001", find_cut_at_word(script.line("S1_0001"), 1))[0]

    project_edits.edit_project(project, split, SETTINGS, what="split S1_0001", engines=toys)
    told = desk.told()
    assert told["can_undo"] and not told["stale"] and len(told["lines"]) == 6
    assert desk.call("POST", "/undo")["what"] == "split S1_0001"
    desk.quiet()
    assert (desk.hashes(), desk.lines()) == (before, was)
    desk.call("DELETE", "/lines/S3_0005")
    desk.quiet()
    done = project_edits.undo_edit(project, SETTINGS, engines=toys)
    assert done.what == "delete S3_0005"
    assert (desk.hashes(), desk.lines(), desk.ids()[-1]) == (before, was, "S3_0005")


def test_the_history_is_there_after_a_restart(desk, service):
    desk.call("DELETE", "/lines/S3_0005")
    desk.quiet()
    projects = service.services.projects
    with projects._lock:
        projects._open.pop(desk.id)
    assert desk.told()["can_undo"]
    assert [line["id"] for line in desk.call("POST", "/undo")["lines"]] == ["S3_0005"]


def test_a_take_that_comes_after_its_line_is_gone_is_kept_with_it(dubbed):
    base = Project(dubbed).load()
    line = base.line("S1_0003")
    take = Take("t02", "takes/S1_0003_t02.wav", 9, "x", "toy", VoiceRef("toy", "v"))
    made = base.with_line(replace(line, takes=(*line.takes, take), chosen="t02"))
    gone = replace(base, lines=tuple(one for one in base.lines if one != line), removed=(line,))
    merged = merge_scripts(base, gone, made)
    assert merged.lines == gone.lines
    assert [one.id for one in merged.removed[0].takes] == ["t01", "t02"]
    locked = base.with_line(replace(line, locked=True))
    kept = merge_scripts(base, locked, made).line("S1_0003")
    assert (kept.chosen, len(kept.takes)) == ("t01", 2)
