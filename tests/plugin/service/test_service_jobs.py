"""Jobs: a whole dub through the service, edits, takes, undo, and what is told meanwhile."""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rythmo_plugin.service import waveform_peaks


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def watch_first_take(service):
    """What a client sees of the next dub in the moment in which its first take is told."""
    work, seen = service.services.work, {}
    hear = work.heard

    def heard(job, message):
        hear(job, message)
        step = message.get("progress") or {}
        if not seen and step.get("stage") == "voice" and step.get("lines"):
            seen["programme"] = service.call("GET", f"/jobs/{job.id}/programme")
            seen["found"] = service.call("GET", f"/jobs/{job.id}/lines")
            addresses = [line["takes"][0]["url"] for line in seen["found"]["lines"] if line["takes"]]
            addresses += [seen["programme"]["picture"]["url"], seen["programme"]["original"]["url"]]
            seen["files"] = [service.raw("GET", address)[0] for address in addresses]
            key = {"Authorization": f"Bearer {service.token}"}
            seen["peaks"] = service.raw("GET", f"{seen['programme']['original']['peaks']}/4096", headers=key)

    work.heard = heard
    return seen


@pytest.fixture(scope="module")
def seen():
    """What was seen of the dub while it ran."""
    return {}


@pytest.fixture(scope="module")
def dub(service, media, seen):
    """A dub asked for twice by the same key, with the events of its way."""
    last = service.services.events.last
    looked = watch_first_take(service)
    asked = {"source": str(media / "toy.mp4"), "target_language": "es", "source_language": "en"}
    asked |= {"formats": ["otio", "srt"], "key": "once"}
    first = service.call("POST", "/jobs", asked)
    again = service.call("POST", "/jobs", asked)
    assert first["id"] == again["id"]
    done = service.until(first["id"])
    seen.update(looked)
    events = service.call("GET", f"/events?poll=1&after={last}&job={first['id']}")["events"]
    return done, events


def test_a_dub_ends_with_files_on_the_disk(service, dub, media):
    job, _ = dub
    assert job["fraction"] == 1.0
    assert job["lines"] == {"found": 5, "translated": 5, "voiced": 5}
    assert job["speakers"] == 3
    assert {stage["state"] for stage in job["stages"]} == {"done"}
    assert all(Path(path).is_file() for path in job["result"]["deliveries"])
    assert job["project"] == job["result"]["project"]
    project = service.call("GET", f"/projects/{job['project']}")
    assert [line["translation"] for line in project["lines"]] == [
        "es: a10", "es: b6", "es: a8", "es: c11", "es: b13",
    ]  # fmt: skip
    assert project["root"] == str(media / "toy.rythmo")
    assert not project["stale"]


def test_running_work_never_shows_more_than_97_percent(dub):
    _, events = dub
    shown = [event["data"] for event in events if event["type"] == "job"]
    running = [job["fraction"] for job in shown if job["state"] == "running"]
    assert running == sorted(running)
    assert len(set(running)) > 5
    assert max(running) <= 0.97
    assert shown[-1]["state"] == "done"


def test_lines_are_told_as_they_are_found_translated_and_voiced(dub):
    _, events = dub
    told = [line for event in events if event["type"] == "lines" for line in event["data"]["lines"]]
    assert {line["status"] for line in told} == {"recognised", "translated", "voiced"}
    assert {line["id"] for line in told} == {f"S{n}_000{i}" for i, n in enumerate((1, 2, 1, 3, 2), 1)}


def test_a_running_dub_can_be_seen_and_heard_before_its_project_can_be_opened(dub, seen):
    programme = seen["programme"]
    assert programme["programme"]["length"] > 0
    assert programme["picture"]["playable"]
    assert len(seen["found"]["lines"]) == 5
    assert len(seen["files"]) >= 3
    assert set(seen["files"]) == {200}
    status, _, pairs = seen["peaks"]
    assert (status, len(pairs)) == (200, 2 * -(-programme["programme"]["length"] // 4096))


def test_words_are_told_before_there_are_lines(dub):
    _, events = dub
    told = [event["data"] for event in events if event["type"] == "lines"]
    first = next(index for index, data in enumerate(told) if data["lines"])
    # Chunks are heard side by side: words are in order within each message.
    starts = [[word["start"] for word in data["words"]] for data in told[:first]]
    assert all(some == sorted(some) for some in starts)
    assert sum(map(len, starts)) >= 5


def test_the_programme_of_a_job_that_is_over_is_its_project_s(service, dub):
    job, _ = dub
    found = service.call("GET", f"/jobs/{job['id']}/programme")
    assert found["programme"]["name"] == "toy"
    assert found["original"]["peaks"]


def test_an_edit_is_saved_spoken_and_mixed_alone(service, project):
    root, line = Path(project["root"]), project["lines"][2]
    before = {
        path.name: digest(path) for folder in ("takes", "stems") for path in (root / folder).glob("*.wav")
    }
    path = f"/projects/{project['id']}/lines/{line['id']}"
    edited = service.call("PATCH", path, {"translation": "otra cosa"})
    saved = json.loads((root / "script.json").read_bytes())["script"]["lines"][2]
    assert saved["translation"] == "otra cosa", "saved when it answers"
    job = service.until(edited["job"]["id"])
    take = service.call("GET", path)
    assert take["chosen"] == job["result"]["take"] == "t02"
    assert [one["text"] for one in take["takes"]] == [line["translation"], "otra cosa"]
    service.quiet(project["id"])
    after = {
        path.name: digest(path) for folder in ("takes", "stems") for path in (root / folder).glob("*.wav")
    }
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"MIX.wav", "DX.wav", f"DX_{line['speaker']}.wav"}
    assert after.keys() - before.keys() == {f"{line['id']}_t02.wav"}
    assert not service.call("GET", f"/projects/{project['id']}")["stale"]


def test_going_back_and_forth_between_takes_gives_the_same_mix(service, project):
    root, line = Path(project["root"]), project["lines"][1]
    before = digest(root / "stems" / "MIX.wav")
    path = f"/projects/{project['id']}/lines/{line['id']}"
    service.until(service.call("PATCH", path, {"translation": "distinto"})["job"]["id"])
    service.quiet(project["id"])
    assert digest(root / "stems" / "MIX.wav") != before
    chosen = service.call("PUT", f"{path}/choice", {"take": "t01"})
    assert chosen["line"]["translation"] == line["translation"]
    service.quiet(project["id"])
    assert digest(root / "stems" / "MIX.wav") == before


def test_undo_and_redo_reach_over_a_take(service, project):
    line = project["lines"][0]
    path = f"/projects/{project['id']}/lines/{line['id']}"
    service.until(service.call("PATCH", path, {"translation": "uno"})["job"]["id"])
    service.quiet(project["id"])
    undone = service.call("POST", f"/projects/{project['id']}/undo")
    assert [one["id"] for one in undone["lines"]] == [line["id"]]
    back = undone["lines"][0]
    assert (back["translation"], back["chosen"]) == (line["translation"], "t01")
    assert [take["id"] for take in back["takes"]] == ["t01", "t02"], "no take is lost"
    assert undone["can_redo"]
    again = service.call("POST", f"/projects/{project['id']}/redo")["lines"][0]
    assert (again["translation"], again["chosen"]) == ("uno", "t02")
    status, found = service.ask("POST", f"/projects/{project['id']}/redo")
    assert (status, found["error"]["code"]) == (409, "nothing")


def test_an_edit_of_an_old_revision_is_refused(service, project):
    path = f"/projects/{project['id']}/lines/{project['lines'][0]['id']}"
    first = service.call(
        "PATCH", path, {"direction": "softly", "voice": False, "revision": project["revision"]}
    )
    assert first["revision"] == project["revision"] + 1
    assert first["job"] is None
    status, found = service.ask("PATCH", path, {"direction": "loudly", "revision": project["revision"]})
    assert (status, found["error"]["code"]) == (409, "revision")


def test_speakers_are_renamed_merged_and_split(service, project):
    base = f"/projects/{project['id']}/speakers"
    named = service.call("PATCH", f"{base}/S1", {"name": "Anna", "colour": "#112233"})
    assert [(s["name"], s["colour"]) for s in named["speakers"] if s["id"] == "S1"] == [("Anna", "#112233")]
    merged = service.call("POST", f"{base}/S3/merge", {"into": "S2"})
    assert {s["id"]: s["lines"] for s in merged["speakers"]} == {"S1": 2, "S2": 3}
    line = next(line["id"] for line in merged["lines"] if line["speaker"] == "S2")
    split = service.call("POST", f"{base}/S2/split", {"lines": [line], "name": "Carla"})
    assert split["speaker"] not in {"S1", "S2", "S3"}
    assert [one["speaker"] for one in split["lines"]] == [split["speaker"]]
    service.quiet(project["id"])
    spoken = service.call("GET", f"/projects/{project['id']}")
    assert {stem["name"] for stem in spoken["stems"]} >= {"DX_S1", "DX_S2", f"DX_{split['speaker']}"}


def test_what_an_other_program_wrote_is_seen(service, project):
    script = Path(project["root"]) / "script.json"
    document = json.loads(script.read_bytes())
    document["script"]["lines"][0]["text"] = "said otherwise"
    script.write_text(json.dumps(document))
    seen = service.call("GET", f"/projects/{project['id']}")
    assert seen["lines"][0]["text"] == "said otherwise"
    assert seen["revision"] > project["revision"]


def test_peaks_hold_every_sample(service, project):
    stem = Path(project["root"]) / "stems" / "MIX.wav"
    samples, _ = soundfile.read(stem, always_2d=True)
    for level in (256, 4096, 65536):
        path = f"/api/v1/projects/{project['id']}/peaks/MIX/{level}"
        status, _, data = service.raw("GET", path, headers={"Authorization": f"Bearer {service.token}"})
        pairs = np.frombuffer(data, np.int8).reshape(-1, 2)
        assert status == 200
        assert len(pairs) == -(-len(samples) // level)
        for index in (0, len(pairs) // 2, len(pairs) - 1):
            piece = samples[index * level : (index + 1) * level]
            assert pairs[index, 0] <= piece.min() * 127 + 1e-6 and pairs[index, 1] >= piece.max() * 127 - 1e-6
            assert pairs[index, 1] - piece.max() * 127 < 1.01


def test_media_come_with_ranges_and_only_with_their_ticket(service, project):
    take = project["lines"][0]["takes"][0]
    file = Path(project["root"]) / "takes" / f"{project['lines'][0]['id']}_t01.wav"
    status, headers, data = service.raw("GET", take["url"], headers={"Range": "bytes=10-19"})
    assert status == 206
    assert data == file.read_bytes()[10:20]
    assert headers["Content-Range"] == f"bytes 10-19/{file.stat().st_size}"
    path, ticket = take["url"].split("?")
    assert service.raw("GET", path)[0] == 403
    assert service.raw("GET", f"{path.replace('t01', 't02')}?{ticket}")[0] == 403
    assert service.raw("GET", take["url"].replace("ticket=", "ticket=0"))[0] == 403


def test_deliveries_say_when_they_are_stale(service, project):
    base = f"/projects/{project['id']}"
    names = {one["format"] for one in service.call("GET", f"{base}/deliveries")}
    assert names == {"otio", "srt"}
    service.until(service.call("POST", f"{base}/deliver", {"formats": ["vtt"]})["id"])
    path = f"{base}/lines/{project['lines'][0]['id']}"
    service.until(service.call("PATCH", path, {"translation": "nuevo"})["job"]["id"])
    service.quiet(project["id"])
    stale = {one["format"]: one["stale"] for one in service.call("GET", f"{base}/deliveries")}
    assert stale == {"otio": False, "srt": False, "vtt": True}


def test_an_edited_timeline_is_shown_then_applied_then_undone(service, project):
    base, root = f"/projects/{project['id']}", Path(project["root"])
    otio = next(root.rglob("*.otio"))
    document = json.loads(otio.read_text())
    clips = [
        clip for track in document["tracks"]["children"] for clip in track["children"]
        if clip["OTIO_SCHEMA"].startswith("Clip") and clip["name"].startswith("S3_0004")
    ]  # fmt: skip
    assert clips, "the take of S3_0004 lies in the timeline"
    for track in document["tracks"]["children"]:
        children = track["children"]
        for index, child in enumerate(children):
            if child in clips:
                empty = {"name": "", "metadata": {}, "effects": [], "markers": [], "enabled": True}
                children[index] = {"OTIO_SCHEMA": "Gap.1", **empty, "source_range": child["source_range"]}
    headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/octet-stream"}
    status, _, sent = service.raw(
        "POST", "/api/v1/uploads?name=edited.otio", json.dumps(document).encode(), headers
    )
    assert status == 201
    plan = service.call("POST", f"{base}/conform", {"uploads": [json.loads(sent)["id"]]})["plan"]
    gone = [row for row in plan["rows"] if row["line"] == "S3_0004"]
    assert plan["applies"] and gone[0]["fates"] == ["deleted"]
    assert len(service.call("GET", base)["lines"]) == 5, "looking changes nothing"
    service.until(service.call("POST", f"{base}/conform/{plan['id']}/apply", {})["id"])
    assert "S3_0004" not in {line["id"] for line in service.call("GET", base)["lines"]}
    service.call("POST", f"{base}/undo")
    assert "S3_0004" in {line["id"] for line in service.call("GET", base)["lines"]}


def test_a_line_that_cannot_be_spoken_fails_its_take_and_keeps_the_edit(service, project):
    path = f"/projects/{project['id']}/lines/{project['lines'][0]['id']}"
    edited = service.call("PATCH", path, {"translation": "fail"})
    job = service.until(edited["job"]["id"], "failed")
    assert "on purpose" in job["error"]["message"]
    line = service.call("GET", path)
    assert line["translation"] == "fail"
    assert "voice-failed" in {flag["code"] for flag in line["flags"]}
    again = service.call("PATCH", path, {"translation": "bien"})
    service.until(again["job"]["id"])


def test_the_list_of_projects_has_a_still_of_each(service, project):
    """It is made once, by the first who looks; a project whose picture is gone has none."""
    facts = next(one for one in service.call("GET", "/projects") if one["id"] == project["id"])
    status, headers, data = service.raw("GET", facts["poster"])
    assert status == 200 and headers["Content-Type"] == "image/jpeg"
    assert data.startswith(b"\xff\xd8\xff")
    still = next((Path(project["root"]) / "cache" / "picture").glob("*.jpg"))
    before = still.stat().st_mtime_ns
    assert service.raw("GET", facts["poster"])[2] == data
    assert still.stat().st_mtime_ns == before


def test_a_delivery_keeps_its_settings_and_holds_what_was_planned(service, project):
    base, root = f"/projects/{project['id']}", Path(project["root"])
    before = service.call("GET", f"{base}/deliver")
    assert before["settings"]["mix"]["loudness"] == "none" and "r128" in before["loudness"]
    asked = {
        "formats": ["otio", "srt", "vtt"],
        "settings": {
            "mix": {"loudness": "r128"},
            "subtitles": {"speaker_labels": True},
            "turnover": {"stems": True, "template": "{show} {stem} {language}"},
        },
    }
    plan = service.call("POST", f"{base}/deliver/plan", asked)
    assert service.call("GET", f"{base}/deliver") == before, "a plan changes nothing"
    shutil.rmtree(root / "deliver")
    assert service.until(service.call("POST", f"{base}/deliver", asked)["id"])["state"] == "done"
    folder = root / plan["folder"]
    written = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and path.parent.name != "media"
        and "provenance" not in path.relative_to(folder).as_posix()
    }
    assert written == set(plan["files"]) and "turnover/toy MIX es.wav" in written
    kept = service.call("GET", f"{base}/deliver")["settings"]
    assert kept["mix"]["loudness"] == "r128" and kept["turnover"]["stems"] is True


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"turnover": {"template": "{nonsense}"}}, "nonsense"),
        ({"mix": {"loudness": "loud"}}, "loud"),
        ({"mix": {"nothing": 1}}, "nothing"),
        ({"engines": {"voice": "openai"}}, "engines"),
    ],
)
def test_settings_of_a_delivery_that_make_no_sense_change_nothing(service, project, settings, word):
    base = f"/projects/{project['id']}"
    before = service.call("GET", f"{base}/deliver")
    status, answered = service.ask("POST", f"{base}/deliver", {"formats": ["srt"], "settings": settings})
    assert 400 <= status < 500 and word in answered["error"]["message"] + answered["error"]["hint"]
    assert service.call("GET", f"{base}/deliver") == before


def test_a_stopped_job_can_be_tried_again(service, media):
    service.services.queue._lanes["heavy"].job = "held"  # nothing begins while the lane is taken
    job = service.call("POST", "/jobs", {"source": str(media / "toy.mp4"), "target_language": "fr",
                                         "source_language": "en", "formats": ["srt"]})  # fmt: skip
    assert job["state"] == "queued"
    assert service.call("DELETE", f"/jobs/{job['id']}")["state"] == "cancelled"
    service.services.queue._lanes["heavy"].job = None
    assert service.call("POST", f"/jobs/{job['id']}/retry")["state"] == "running"
    assert service.until(job["id"])["result"]["deliveries"]
    status, found = service.ask("POST", f"/jobs/{job['id']}/retry")
    assert (status, found["error"]["code"]) == (409, "state")


def test_what_cannot_be_dubbed_is_told_at_once(service, media):
    for asked, status in (
        ({"source": str(media / "none.mp4"), "target_language": "es"}, 422),
        ({"source": str(media / "toy.mp4"), "target_language": "klingon"}, 422),
        ({"source": str(media / "toy.mp4"), "target_language": "es", "formats": ["nonsense"]}, 400),
        ({"source": str(media / "toy.mp4"), "target_language": "es", "engines": {"voice ": "x"}}, 422),
        ({"source": str(media / "toy.mp4")}, 400),
        ({"kind": "qc", "project": "none"}, 404),
    ):
        got, found = service.ask("POST", "/jobs", asked)
        assert got == status, (asked, found)
        assert found["error"]["message"]


def test_a_stream_goes_on_where_it_was(service, project):
    events = service.services.events
    last = events.last
    events.tell("project", {"revision": 1}, project="one")
    events.tell("project", {"revision": 2}, project="two")
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    headers = {"Authorization": f"Bearer {service.token}", "Last-Event-ID": str(last)}
    connection.request("GET", "/api/v1/events?project=two", headers=headers)
    reply = connection.getresponse()
    assert reply.getheader("Content-Type") == "text/event-stream"
    lines = iter(reply.readline, b"")
    data = next(line for line in lines if line.startswith(b"data: "))
    assert json.loads(data[6:])["revision"] == 2
    events.tell("project", {"revision": 3}, project="two")
    data = next(line for line in lines if line.startswith(b"data: "))
    assert json.loads(data[6:])["revision"] == 3
    connection.close()
    lost = service.call("GET", "/events?poll=1&after=5")
    assert [event["type"] for event in lost["events"]] == ["reset"]


def test_a_film_that_lies_where_nothing_may_be_written_is_dubbed_elsewhere(service, media, monkeypatch):
    service.services.queue._lanes["heavy"].job = "held"  # nothing begins while the lane is taken
    monkeypatch.setattr("os.access", lambda path, how: False)
    job = service.call(
        "POST",
        "/jobs",
        {"source": str(media / "toy.mp4"), "target_language": "it", "source_language": "en"},
    )
    assert job["spec"]["out"] == str(service.services.places.out())
    service.call("DELETE", f"/jobs/{job['id']}")
    service.services.queue._lanes["heavy"].job = None


def test_a_dub_is_guessed_before_it_is_begun(service, media):
    asked = {"source": str(media / "toy.mp4"), "target_language": "es", "source_language": "en"}
    found = service.call("POST", "/estimate", asked)
    assert found["programme_seconds"] == pytest.approx(10, abs=0.1)
    assert (found["least"], found["most"], found["unpriced"]) == (0, 0, [])
    asked |= {"source": "example:"}  # tones are no speech to whoever listens quickly
    paid = service.call("POST", "/estimate", {**asked, "engines": {"voice": "elevenlabs"}})
    assert 0 < paid["least"] <= paid["most"]
    assert service.ask("POST", "/estimate", {**asked, "engines": {"voice": "none"}})[0] == 422


def test_whoever_asks_for_peaks_of_a_long_sound_is_not_kept_waiting(service, project, monkeypatch):
    go_on = threading.Event()
    measured = waveform_peaks.measure_peaks
    monkeypatch.setattr(waveform_peaks, "measure_peaks", lambda *asked: go_on.wait(30) and measured(*asked))
    path = f"/api/v1/projects/{project['id']}/peaks/ME/256"
    headers = {"Authorization": f"Bearer {service.token}"}
    for _ in range(3):
        status, answered, data = service.raw("GET", path, headers=headers)
        assert (status, answered["Retry-After"], data) == (202, "1", b"")
    go_on.set()
    while service.raw("GET", path, headers=headers)[0] == 202:
        pass
    assert service.raw("GET", path, headers=headers)[0] == 200


def test_a_stretch_of_peaks_is_that_of_the_whole(service, project):
    path = f"/api/v1/projects/{project['id']}/peaks/DX_S1/256"
    token = {"Authorization": f"Bearer {service.token}"}
    first, last = 400, 901
    for asked in (f"bytes={first}-{last}", "bytes=3600-60000", "bytes=99998-99999"):
        status, answered, part = service.raw("GET", path, headers={**token, "Range": asked})
        folder = Path(project["root"]) / "cache" / "peaks"
        assert not list(folder.glob("*.bin")), "nothing is measured for that"
        whole = waveform_peaks.measure_peaks(Path(project["root"]) / "stems" / "DX_S1.wav").tobytes()
        if status == 416:
            assert asked == "bytes=99998-99999"
            continue
        assert status == 206
        at = int(asked.removeprefix("bytes=").split("-")[0])
        assert part == whole[at : at + len(part)]
        assert answered["Content-Range"] == f"bytes {at}-{at + len(part) - 1}/{len(whole)}"
        assert len(part) == min(int(asked.split("-")[1]) + 1, len(whole)) - at


def test_a_player_is_given_a_part_at_a_time(service, project):
    url = next(stem for stem in project["stems"] if stem["name"] == "MIX")["url"]
    size = (Path(project["root"]) / "stems" / "MIX.wav").stat().st_size
    assert size > 2 << 20
    status, answered, data = service.raw("GET", url, headers={"Range": "bytes=100-"})
    assert (status, len(data)) == (206, 1 << 20)
    assert answered["Content-Range"] == f"bytes 100-{100 + (1 << 20) - 1}/{size}"
    assert len(service.raw("GET", f"{url}&download=1")[2]) == size
