"""What a hostile page, program or file name tries, and what it gets."""

from __future__ import annotations

import http.client
import json
import os
import resource
import socket
import stat
import sys
import threading
import urllib.parse
from pathlib import Path

import pytest
from service_under_test import PREFIX, TOKEN, running

from rythmo_plugin.service import config, guard, server, service_file
from rythmo_plugin.service.routes import OPERATIONS
from rythmo_plugin.service.routing import PREFIX as API

BEARER = {"Authorization": f"Bearer {TOKEN}"}
JSON = {**BEARER, "Content-Type": "application/json"}


def every_route():
    found = []
    for one in OPERATIONS:
        path = API + one.path
        if path == guard.ENTER:
            continue  # takes a code that is good once in place of the token; see test_service_damage
        for name in one.parameters:
            path = path.replace(f"{{{name}}}", "x")
        found.append(pytest.param(one.method, path, id=one.name))
    return found


@pytest.mark.parametrize(("method", "path"), every_route())
def test_every_route_wants_the_token(service, method, path):
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x" * 9},
        {"Authorization": TOKEN},
    ):
        status, _, body = service.raw(method, path, headers=headers)
        assert status == 401
        assert json.loads(body)["error"]["code"] == "token"


def test_a_token_of_the_last_start_opens_nothing(tmp_path):
    home = tmp_path / "home"
    with running(home) as first:
        assert first.ask("GET", "/service")[0] == 200
    assert service_file.new_token() != service_file.new_token()
    with running(home) as second:
        stale = {"Authorization": f"Bearer {service_file.new_token()}"}
        assert second.raw("GET", f"{PREFIX}/service", headers=stale)[0] == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "0.0.0.0:{port}",
        "[::1]:{port}",
        "localhost:{port}.evil.example",
        "127.0.0.1:{port}@evil",
    ],
)
def test_a_foreign_host_is_refused_even_with_the_token(service, host):
    headers = {**BEARER, "Host": host.format(port=service.port)}
    for path in (f"{PREFIX}/service", "/", "/media/x/takes/y.wav"):
        assert service.raw("GET", path, headers=headers)[0] == 421


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "file://",
        "http://127.0.0.1:1",
        "http://localhost",
        "http://127.0.0.1:{port}.evil.example",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/jobs"),
        ("DELETE", "/jobs/x"),
        ("GET", "/events"),
        ("PATCH", "/projects/x/lines/y"),
        ("OPTIONS", "/jobs"),
    ],
)
def test_a_foreign_origin_is_refused_even_with_the_token(service, method, path, origin):
    headers = {**JSON, "Origin": origin.format(port=service.port)}
    status, answered, body = service.raw(method, PREFIX + path, b"{}", headers)
    assert status == 403
    assert json.loads(body)["error"]["code"] == "origin"
    assert not any(name.lower().startswith("access-control") for name in answered)


def test_the_page_itself_may_call(service):
    for host in ("127.0.0.1", "localhost"):
        headers = {**BEARER, "Origin": f"http://{host}:{service.port}", "Host": f"{host}:{service.port}"}
        assert service.raw("GET", f"{PREFIX}/service", headers=headers)[0] == 200


def test_only_a_registered_panel_may_call_from_elsewhere(tmp_path):
    panel = "uxp://com.rythmo.panel"
    with running(tmp_path / "home", panels=(panel,)) as service:
        asked = {"Origin": panel, "Access-Control-Request-Method": "POST"}
        status, answered, _ = service.raw("OPTIONS", f"{PREFIX}/jobs", headers=asked)
        assert (status, answered["Access-Control-Allow-Origin"]) == (204, panel)
        status, answered, _ = service.raw("GET", f"{PREFIX}/jobs", headers={**BEARER, "Origin": panel})
        assert (status, answered["Access-Control-Allow-Origin"]) == (200, panel)
        assert service.raw("GET", f"{PREFIX}/jobs", headers={"Origin": panel})[0] == 401


def test_answers_carry_the_headers_that_protect_the_page(service):
    for path in (f"{PREFIX}/service", "/", "/none"):
        _, answered, _ = service.raw("GET", path, headers=BEARER)
        policy = answered["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert answered["X-Content-Type-Options"] == "nosniff"
        assert answered["Referrer-Policy"] == "no-referrer"
        assert "Server" not in answered


WAYS_OUT = [
    "/etc/passwd",
    "{media}/../../../../etc/passwd",
    "{media}/..",
    "{media}/link/passwd",
    "{media}/link-to-file.mp4",
    "{media}2/film.mp4",
    "{home}/service.db",
    "../../etc/passwd",
    "%2Fetc%2Fpasswd",
    "..%5C..%5Cetc",
    "\\\\server\\share\\film.mp4",
    "//server/share/film.mp4",
    "C:\\Windows\\win.ini",
    "C:film.mp4",
    "{media}/toy.mp4::$DATA",
    "{media}/a\x00.mp4",
    "{media}/a\nb",
    "file:///etc/passwd",
    "concat:/etc/passwd",
    "~/.ssh/id_rsa",
    "",
    ".",
    "\ud800",
]


@pytest.fixture(scope="module")
def ways_out(service, media):
    (media / "link").symlink_to("/etc")
    (media / "link-to-file.mp4").symlink_to("/etc/passwd")
    (media.parent / f"{media.name}2").mkdir(exist_ok=True)
    (media.parent / f"{media.name}2" / "film.mp4").write_bytes(b"x")
    home = service.services.settings.home
    return [way.format(media=media, home=home) for way in WAYS_OUT]


def paths_in_bodies():
    job = {"target_language": "es", "source_language": "en"}
    yield "source", "POST", "/jobs", lambda way, media: {**job, "source": way}
    yield "out", "POST", "/jobs", lambda way, media: {**job, "source": f"{media}/toy.mp4", "out": way}
    yield "script", "POST", "/jobs", lambda way, media: {**job, "source": f"{media}/toy.mp4", "script": way}
    yield (
        "translation",
        "POST",
        "/jobs",
        lambda way, media: {**job, "source": f"{media}/toy.mp4", "translation": way},
    )
    yield "open", "POST", "/projects", lambda way, media: {"path": way}
    yield "estimate", "POST", "/estimate", lambda way, media: {"source": way, "target_language": "es"}
    yield "reveal", "POST", "/projects/{project}/reveal", lambda way, media: {"path": way}
    yield "conform", "POST", "/projects/{project}/conform", lambda way, media: {"path": way}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [one[1:] for one in paths_in_bodies()],
    ids=[one[0] for one in paths_in_bodies()],
)
def test_no_path_in_a_body_leads_out(service, media, project, ways_out, method, path, body):
    for way in ways_out:
        if way == "" and path == "/jobs" and body(way, media)["source"]:
            continue  # nothing was said
        asked = json.dumps(body(way, media)).encode()
        status, _, found = service.raw(method, PREFIX + path.format(project=project["id"]), asked, JSON)
        assert 400 <= status < 500, (way, status, found)
        assert b"root:" not in found


def test_no_path_in_an_address_leads_out(service, media, project, ways_out):
    base = f"{PREFIX}/projects/{project['id']}/peaks"
    for way in ways_out:
        for quoted in {urllib.parse.quote(way, safe="", errors="surrogatepass"), way.replace("/", "%2F")}:
            if not quoted or not quoted.isascii() or any(ord(c) < 33 for c in quoted):
                continue
            for address in (
                f"{PREFIX}/browse?path={quoted}",
                f"{base}/{quoted}/256",
                f"{base}/take:{quoted}/256",
                f"/media/{project['id']}/{quoted}?ticket=1.9999999999",
                f"/media/{project['id']}/takes/{quoted}?ticket=1.9999999999",
                f"/{quoted}",
            ):
                status, _, found = service.raw("GET", address, headers=BEARER)
                harmless = address.endswith("browse?path=") or (way == "." and "/media/" not in address)
                assert 400 <= status < 500 or harmless, (address, status, found[:200])
                assert b"root:" not in found


def test_a_signed_address_of_a_file_outside_opens_nothing(service, project):
    for name in ("takes/../script.json", "script.json", "project.db", "takes/../../toy.mp4", "stems/..%2fx"):
        address = service.services.views.media(project["id"], name)
        assert service.raw("GET", address, headers=BEARER)[0] == 404, name


def test_names_of_uploads_are_only_names(service):
    for name in (
        "../../x.otio",
        "..\\x.otio",
        "/etc/x.otio",
        "a:b.otio",
        "x.otio::$DATA",
        "." * 99,
        "é" * 99,
    ):
        query = urllib.parse.urlencode({"name": name})
        headers = {**BEARER, "Content-Type": "application/octet-stream"}
        status, _, body = service.raw("POST", f"{PREFIX}/uploads?{query}", b"x", headers)
        if status == 400:
            continue
        path = service.services.uploads.path(json.loads(body)["id"])
        assert path.parent.parent == service.services.settings.home / "uploads"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"{}" * 9,
        b"[" * 100_000,
        b'{"source": 1}',
        b'{"source":"a","target_language":"es","nonsense":1}',
        b'{"kind":"format the disk"}',
        b'{"priority":1e400}',
    ],
)
def test_malformed_json_is_told_not_guessed(service, body):
    status, _, found = service.raw("POST", f"{PREFIX}/jobs", body, JSON)
    assert status == 400
    assert json.loads(found)["error"]["message"]


def test_a_form_is_not_json(service):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {**BEARER, "Content-Type": kind}
        assert service.raw("POST", f"{PREFIX}/jobs", b"{}", headers)[0] == 415


def pour(port: int, head: str, size: int) -> tuple[bytes, int]:
    """Send a head and then up to `size` bytes; what was answered, and how much was taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(head.encode())
        sent, block = 0, bytes(1 << 16)
        try:
            while sent < size:
                sock.sendall(block)
                sent += len(block)
        except OSError:
            pass
        try:
            return sock.recv(4096), sent
        except OSError:
            return b"", sent


@pytest.mark.parametrize("how", ["with its length", "in chunks"])
@pytest.mark.parametrize("who", ["anybody", "with the token"])
def test_a_body_of_a_gigabyte_is_not_read(service, how, who):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    token = f"Authorization: Bearer {TOKEN}\r\n" if who == "with the token" else ""
    head = f"POST {PREFIX}/uploads?name=x.otio HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n{token}"
    gigabyte = 1 << 30
    if how == "in chunks":
        head += f"Transfer-Encoding: chunked\r\n\r\n{gigabyte:x}\r\n"
    else:
        head += f"Content-Length: {gigabyte}\r\n\r\n"
    answered, sent = pour(service.port, head, gigabyte)
    most = config.MAX_UPLOAD_BYTES if (who, how) == ("with the token", "in chunks") else config.MAX_BODY_BYTES
    assert sent < most + (16 << 20), "the connection is closed long before the end"
    assert answered == b"" or answered.startswith(b"HTTP/1.1 413")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40_000, f"{grown} KB more memory"
    assert service.ask("GET", "/service")[0] == 200


def test_a_body_that_trickles_holds_nobody_up_and_is_dropped(service, monkeypatch):
    slow = []
    for _ in range(40):
        sock = socket.create_connection(("127.0.0.1", service.port), timeout=30)
        head = f"POST {PREFIX}/jobs HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
        sock.sendall(f"{head}Authorization: Bearer {TOKEN}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        slow.append(sock)
    assert service.ask("GET", "/service")[0] == 200
    monkeypatch.setattr(server, "BODY_SECONDS", 0.0)
    slow[0].sendall(b" ")
    for sock in slow:
        sock.settimeout(30)
        assert sock.recv(100) == b"", "it is closed without an answer"
        sock.close()


def test_two_hundred_idle_streams_leave_the_service_answering(service):
    streams, refused = [], 0
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        connection.request("GET", f"{PREFIX}/events", headers=BEARER)
        reply = connection.getresponse()
        refused += reply.status == 429
        streams.append((connection, reply))
    assert refused == 200 - config.MAX_STREAMS
    for _ in range(20):
        assert service.ask("GET", "/service")[0] == 200
    assert service.ask("GET", "/events?poll=1")[0] == 429
    service.services.events.tell("project", {"revision": 1}, project="all of them hear it")
    for connection, reply in streams:
        if reply.status == 200:
            heard = next(line for line in iter(reply.readline, b"") if line.startswith(b"data:"))
            assert b"all of them" in heard
        reply.close()
        connection.close()
    # The places are given back once the service has found out that nobody listens.
    for number in range(1000):
        service.services.events.tell("project", {"revision": number}, project="somebody there")
        if service.services.streams.acquire(timeout=0.05):
            service.services.streams.release()
            break
    assert service.ask("GET", "/events?poll=1")[0] == 200


def test_many_callers_at_once_are_all_answered(service):
    found: list[int] = []

    def ask() -> None:
        found.append(service.ask("GET", "/jobs")[0])

    callers = [threading.Thread(target=ask) for _ in range(60)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert found == [200] * 60


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_what_holds_the_token_is_for_its_owner_alone(tmp_path):
    home = tmp_path / "new" / "home"
    settings = config.ServiceSettings(home=home, token="secret", port=1)
    before = os.umask(0)
    try:
        path = service_file.write_service_file(settings)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert service_file.read_service_file(home).token == "secret"
    service_file.remove_service_file(config.ServiceSettings(home=home, token="another", port=1))
    assert path.is_file(), "the file of another service stays"
    service_file.remove_service_file(settings)
    assert not path.exists()


def test_no_secret_is_written_to_a_log(service, project, caplog, capfd):
    caplog.set_level(0)
    service.raw("GET", project["lines"][0]["takes"][0]["url"])
    service.raw("GET", f"{PREFIX}/jobs?token={TOKEN}", headers=BEARER)
    service.raw("POST", f"{PREFIX}/jobs", b"{", JSON)
    service.raw("GET", f"{PREFIX}/browse?path=/etc", headers=BEARER)
    written = caplog.text + "".join(capfd.readouterr())
    logs = service.services.settings.home / "logs"
    written += "".join(path.read_text() for path in logs.glob("*")) if logs.is_dir() else ""
    assert TOKEN not in written
    assert "ticket" not in written


def test_the_service_listens_on_this_machine_only():
    with server.open_socket(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"
        with pytest.raises(server.OutputError):
            server.open_socket(found.getsockname()[1])


def test_links_out_of_an_opened_folder_are_not_even_shown_as_inside(service, media, ways_out):
    status, found = service.ask("GET", f"/browse?path={urllib.parse.quote(str(media / 'link'))}")
    assert (status, found["error"]["code"]) == (403, "folder")
    assert Path("/etc").is_dir()
