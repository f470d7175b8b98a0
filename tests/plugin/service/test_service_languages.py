"""Several languages of one project in the service: begun, switched, corrected, by several people at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rythmo.project.workspace import Project
from rythmo.script.shared_original import extract_original


@pytest.fixture
def further(service, project):
    """The id of a Portuguese dub of the project."""
    job = service.call("POST", f"/projects/{project['id']}/languages", {"language": "pt-br"})
    done = service.until(job["id"])
    assert done["result"]["project"] == job["project"] != project["id"]
    yield job["project"]
    service.quiet(job["project"])


def get(service, project):
    return service.call("GET", f"/projects/{project}")


def edit(service, project, line, **fields):
    return service.call("PATCH", f"/projects/{project}/lines/{line}", fields)


def takes(project):
    return {line["id"]: len(line["takes"]) for line in project["lines"]}


def test_another_language_is_a_project_of_its_own_inside_the_first(service, project, further):
    made = get(service, further)
    assert (made["name"], made["target_language"]) == (project["name"], "pt")
    assert Path(made["root"]) == Path(project["root"]) / "languages" / "pt"
    assert all(line["translation"].startswith("pt: ") and line["chosen"] for line in made["lines"])
    known = [(one["project"], one["language"], one["stale"]) for one in made["languages"]]
    assert known == [(project["id"], "es", False), (further, "pt", False)]
    files = [file["name"] for file in service.call("GET", f"/projects/{further}/deliveries")]
    assert {"toy.pt.otio", "toy.pt.srt"} <= set(files)
    assert made["original"]["url"]
    listed = [one for one in service.call("GET", "/projects") if one["name"] == project["name"]]
    assert [one["languages"] for one in listed] == [["es", "pt"]]


def test_what_it_would_take_is_told_before_it_is_begun(service, project):
    at = f"/projects/{project['id']}/languages"
    found = service.call("POST", f"{at}/plan", {"language": "pt-br"})
    assert found["lines"] == len(project["lines"])
    assert not {"separator", "transcriber", "lipsync"} & {stage["kind"] for stage in found["stages"]}
    assert [one["language"] for one in service.call("GET", at)] == ["es"]
    assert not (Path(project["root"]) / "languages").exists()
    assert service.ask("POST", f"{at}/plan", {"language": "es"})[0] == 422


def test_its_sounds_are_served(service, project, further):
    made = get(service, further)
    for url in (made["original"]["url"], made["stems"][0]["url"], made["lines"][0]["takes"][0]["url"]):
        assert service.raw("GET", url)[0] == 200
        assert service.raw("GET", url)[2][:4] == b"RIFF"


def test_a_correction_is_told_and_made_again_when_asked(service, project, further):
    before = get(service, project["id"])
    line = before["lines"][1]["id"]
    edit(service, further, line, text="really said")
    service.quiet(further)
    now = get(service, project["id"])
    assert now["out_of_date"] == [line]
    assert [one["out_of_date"] for one in now["languages"]] == [1, 0]
    assert now["stale"]
    found = next(one for one in now["lines"] if one["id"] == line)
    assert (found["text"], found["translation"]) == ("really said", before["lines"][1]["translation"])
    assert takes(now) == takes(before), "nothing is voiced before it is asked for"
    service.until(service.call("POST", f"/projects/{project['id']}/remake")["id"])
    after = get(service, project["id"])
    assert after["out_of_date"] == []
    changed = [one for one in after["lines"] if takes(after)[one["id"]] != takes(before)[one["id"]]]
    assert [(one["id"], one["translation"]) for one in changed] == [(line, "es: really said")]


def test_an_open_page_hears_of_a_correction_made_in_another_language(service, project, further):
    last = service.call("GET", "/events?poll=1")["last"]
    get(service, project["id"])
    service.call("PATCH", f"/projects/{further}/speakers/S1", {"name": "Anna"})
    events = service.call("GET", f"/events?poll=1&after={last}")["events"]
    told = [one["data"]["project"] for one in events if one["type"] == "project"]
    assert project["id"] in told
    assert get(service, project["id"])["speakers"][0]["name"] == "Anna"


def test_two_people_in_two_languages_lose_nothing(service, project, further):
    ids = [line["id"] for line in project["lines"]]

    def work(task):
        at, line, fields = task
        return edit(service, at, line, voice=False, **fields)

    tasks = [
        *((project["id"], line, {"translation": f"dicho {line}"}) for line in ids[1:]),
        *((further, line, {"translation": f"dito {line}"}) for line in ids[1:]),
        (project["id"], ids[0], {"text": "first corrected"}),
        *((further, line, {"direction": f"how {line}"}) for line in ids),
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, tasks))
    for at, word in ((project["id"], "dicho"), (further, "dito")):
        lines = {line["id"]: line for line in get(service, at)["lines"]}
        assert [lines[line]["translation"] for line in ids[1:]] == [f"{word} {line}" for line in ids[1:]]
        assert lines[ids[0]]["text"] == "first corrected"
    for one in (project["id"], further):
        service.quiet(one)
    first, second = Project(Path(project["root"])), Project(Path(project["root"]) / "languages" / "pt")
    assert extract_original(first.load()) == extract_original(second.load())
    assert [line.direction for line in second.load().lines] == [f"how {line}" for line in ids]
    assert not any(line.direction for line in first.load().lines)


def test_the_first_language_is_edited_while_another_is_made(service, project):
    job = service.call("POST", f"/projects/{project['id']}/languages", {"language": "fr"})
    line = project["lines"][0]["id"]
    edit(service, project["id"], line, text="meanwhile", voice=False)
    service.until(job["id"])
    service.quiet(project["id"])
    made = get(service, job["project"])
    found = next(one for one in made["lines"] if one["id"] == line)
    assert found["text"] == "meanwhile"
    assert found["translation"] == "fr: meanwhile" or made["out_of_date"] == [line]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"language": "es"}, "already"),
        ({"language": "en"}, "is in English"),
        ({"language": "klingon"}, "not a language"),
        ({"language": "fr", "settings": {"speakers": {"count": 9}}}, "speakers.count"),
    ],
)
def test_what_cannot_be_a_further_language_is_refused(service, project, asked, message):
    status, said = service.ask("POST", f"/projects/{project['id']}/languages", asked)
    assert status in (400, 422)
    assert message in said["error"]["message"]
    assert len(get(service, project["id"])["languages"]) == 1
    assert not (Path(project["root"]) / "languages" / "fr" / "script.json").exists()
