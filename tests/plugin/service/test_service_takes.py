"""Human takes over the API: files are paired and taken, recordings come in pieces and become takes."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import soundfile

from rythmo.engines.fakes import tone
from rythmo.project.workspace import Project

RATE = 48_000
RECORDING = "0123456789abcdef01234567"


def wav(length=40_000, *, hertz=300, lead=4_800, rate=RATE):
    """A recording as a browser sends it: 32-bit floats, silence before the words."""
    sound = np.concatenate([np.zeros(lead, np.float32), tone(hertz, length), np.zeros(2_400, np.float32)])
    data = io.BytesIO()
    soundfile.write(data, sound, rate, format="WAV", subtype="FLOAT")
    return data.getvalue()


def send(service, path, data):
    headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/octet-stream"}
    status, _, body = service.raw("POST", f"/api/v1{path}", data, headers)
    return status, json.loads(body)


def upload(service, name, data):
    status, found = send(service, f"/uploads?name={name}", data)
    assert status == 201
    return found["id"]


@pytest.fixture
def at(project):
    return f"/projects/{project['id']}"


def lines_of(service, at):
    return service.call("GET", at)["lines"]


def test_files_are_paired_taken_and_undone(service, project, at):
    one, two = (line["id"] for line in project["lines"][:2])
    files = {
        f"{one}_1.wav": wav(),
        f"{one}_2.wav": wav(hertz=310),
        "booth.wav": wav(30_000),
        "x.wav": b"no sound",
    }
    uploads = [upload(service, name, data) for name, data in files.items()]
    plan = service.call("POST", f"{at}/takes/imports", {"uploads": uploads})
    assert {row["name"]: (row["line"], row["code"]) for row in plan["rows"]} == {
        f"{one}_1.wav": (one, ""),
        f"{one}_2.wav": (one, ""),
        "booth.wav": ("", "no-id"),
        "x.wav": ("", "no-id"),
    }
    assert lines_of(service, at) == project["lines"], "nothing is taken by looking"
    # The person says which line a file is of.
    plan = service.call("POST", f"{at}/takes/imports", {"uploads": uploads, "lines": {"booth.wav": two}})
    good = [row["id"] for row in plan["rows"] if not row["code"]]
    assert len(good) == 3
    changed = service.call("POST", f"{at}/takes/imports/{plan['id']}/take", {"rows": good})
    assert sorted(line["id"] for line in changed["lines"]) == sorted([one, two])
    service.quiet(project["id"])
    first, second = lines_of(service, at)[:2]
    assert [take["human"] for take in first["takes"]] == [False, True, True]
    assert (first["chosen"], first["takes"][2]["source"]) == ("t03", f"{one}_2.wav")
    assert second["takes"][1]["human"] and second["placement"]["start"] == second["start"]
    script = Project(service.services.projects.get(project["id"]).root).load()
    assert script.line(one).has_human_take
    back = service.call("POST", f"{at}/undo")
    assert back["what"] == "import 3 takes"
    service.quiet(project["id"])
    assert [line["chosen"] for line in lines_of(service, at)] == [line["chosen"] for line in project["lines"]]


def test_a_plan_of_another_project_or_line_is_not_found(service, project, at):
    status, _ = service.ask("POST", f"{at}/takes/imports/0000/take", {"rows": []})
    assert status == 404
    given = {"uploads": [upload(service, "a.wav", wav())], "lines": {"a.wav": "S9_0099"}}
    assert service.ask("POST", f"{at}/takes/imports", given)[0] == 422


def test_a_recording_comes_in_pieces_and_lies_where_it_was_recorded(service, project, at):
    line, data = project["lines"][1], wav(25_000)
    half = len(data) // 2
    assert service.call("GET", f"/recordings/{RECORDING}")["received"] == 0
    assert send(service, f"/recordings/{RECORDING}?offset=0", data[:half])[1]["received"] == half
    # A piece that is sent again, because its answer was lost, is not appended twice.
    assert send(service, f"/recordings/{RECORDING}?offset=0", data[:half])[1]["received"] == half
    asked = {
        "recording": RECORDING,
        "size": len(data),
        "position": line["start"] - 4_800 + 77,
        "layout": "recorded",
    }
    status, said = service.ask("POST", f"{at}/lines/{line['id']}/recordings", asked)
    assert (status, said["error"]["code"]) == (409, "incomplete")
    assert send(service, f"/recordings/{RECORDING}?offset={half}", data[half:])[1]["received"] == len(data)
    edited = service.call("POST", f"{at}/lines/{line['id']}/recordings", asked)
    assert edited["line"]["takes"][-1]["human"] and edited["line"]["takes"][-1]["positioned"]
    service.until(edited["job"]["id"])
    service.quiet(project["id"])
    placed = lines_of(service, at)[1]
    assert abs(placed["placement"]["start"] - line["start"] - 77) <= RATE // 1000
    assert service.call("GET", f"/recordings/{RECORDING}")["received"] == 0, "it is a take now"
    # The same again (the answer was lost): the same take, and no further edit.
    assert send(service, f"/recordings/{RECORDING}?offset=0", data)[0] == 200
    again = service.call("POST", f"{at}/lines/{line['id']}/recordings", asked)
    assert [take["id"] for take in again["line"]["takes"]] == [take["id"] for take in placed["takes"]]
    laid = service.call("PUT", f"{at}/lines/{line['id']}/layout", {"layout": "start"})
    service.until(laid["job"]["id"])
    service.quiet(project["id"])
    assert lines_of(service, at)[1]["placement"]["start"] == line["start"]


def test_silence_is_refused_and_stays_to_be_sent_again(service, project, at):
    data = wav(0, lead=48_000)
    send(service, f"/recordings/{RECORDING}?offset=0", data)
    line = project["lines"][0]["id"]
    status, said = service.ask(
        "POST", f"{at}/lines/{line}/recordings", {"recording": RECORDING, "size": len(data)}
    )
    assert status == 422 and "silent" in said["error"]["message"]
    assert service.call("GET", f"/recordings/{RECORDING}")["received"] == len(data)
    assert service.ask("GET", "/recordings/..%2Fservice.db")[0] == 404
    assert send(service, "/recordings/xyz?offset=0", b"1")[0] == 404


def test_an_edit_after_it_keeps_it(service, project, at):
    other = RECORDING[::-1]
    line, data = project["lines"][0], wav()
    send(service, f"/recordings/{other}?offset=0", data)
    asked = {"recording": other, "size": len(data)}
    edited = service.call("POST", f"{at}/lines/{line['id']}/recordings", asked)
    service.until(edited["job"]["id"])
    changed = service.call("PATCH", f"{at}/lines/{line['id']}", {"translation": "Otra."})
    service.until(changed["job"]["id"])
    service.quiet(project["id"])
    kept = lines_of(service, at)[0]
    assert kept["chosen"] == "t02"
    assert "human-take-outdated" in {flag["code"] for flag in kept["flags"]}
