"""Films that are dropped on the page: found where they lie, or copied in parts."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def send(service):
    def part(begun, offset, data):
        headers = {
            "Authorization": f"Bearer {service.token}",
            "Content-Type": "application/octet-stream",
        }
        return service.raw("POST", f"/api/v1/imports/{begun['id']}?offset={offset}", data, headers)

    return part


def begin(service, name, size):
    return service.call("POST", "/imports", {"name": name, "size": size})


def test_a_film_in_an_opened_folder_is_used_where_it_lies(service, media):
    film = media / "toy.mp4"
    found = begin(service, film.name, film.stat().st_size)
    assert found["path"] == str(film.resolve())


def test_another_film_of_that_name_is_copied_in_parts(service, media, send):
    data = bytes(range(256)) * 4096
    begun = begin(service, "toy.mp4", len(data))
    assert begun["path"] is None
    half = len(data) // 2
    assert send(begun, 0, data[:half])[0] == 200
    # Sent again, as after a connection that broke: nothing is doubled.
    assert send(begun, 0, data[:half])[0] == 200
    assert send(begun, half, data[half:])[0] == 200
    again = begin(service, "toy.mp4", len(data))
    assert Path(again["path"]).read_bytes() == data
    other = begin(service, "toy.mp4", 10)
    assert send(other, 0, bytes(10))[0] == 200
    assert Path(begin(service, "toy.mp4", 10)["path"] or "").name != "toy.mp4"


@pytest.mark.parametrize("name", ["evil.sh", "film", "..", "notes.txt"])
def test_what_is_no_film_is_refused(service, name):
    status, answered = service.ask("POST", "/imports", {"name": name, "size": 10})
    assert status in (400, 422) and answered["error"]["message"]


def test_a_path_in_a_name_leads_nowhere(service, media, send):
    begun = begin(service, "../../../away.mp4", 4)
    assert send(begun, 0, b"abcd")[0] == 200
    path = Path(begin(service, "away.mp4", 4)["path"])
    assert path.parent.name == "media" and not (media.parent / "away.mp4").exists()


def test_more_than_was_announced_and_too_much_for_the_disk_are_refused(service, send):
    begun = begin(service, "long.mp4", 4)
    assert send(begun, 0, b"abcdefgh")[0] == 413
    assert service.ask("POST", "/imports", {"name": "vast.mp4", "size": 1 << 43})[0] >= 400
    assert send({"id": "0" * 24}, 0, b"abcd")[0] == 404
