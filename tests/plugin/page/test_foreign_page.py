"""A page of somebody else's in a real browser: it reaches nothing of the service, by name or by address."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from service_under_test import running

_TRY = """async ([address, token]) => {
  const tries = [
    ["GET", "/api/v1/projects", {}],
    ["POST", "/api/v1/folders", { "Content-Type": "text/plain" }],
    ["POST", "/api/v1/folders", { "Content-Type": "application/json" }],
    ["POST", "/api/v1/codes", {}],
    ["POST", "/api/v1/enter", { "Content-Type": "text/plain" }],
    ["GET", "/api/v1/projects", { Authorization: `Bearer ${token}` }],
    ["DELETE", "/api/v1/folders/x", { Authorization: `Bearer ${token}` }],
  ];
  const read = [];
  for (const [method, path, headers] of tries) {
    const body = method === "POST" ? '{"path": "/"}' : undefined;
    for (const mode of ["cors", "no-cors"]) {
      try {
        const reply = await fetch(address + path, { method, headers, body, mode, credentials: "include" });
        read.push([method, path, mode, reply.type, reply.status]);
      } catch { /* refused, as it should be */ }
    }
  }
  return read;
}"""


class _Foreign(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def foreign():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Foreign) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def service(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    with running(tmp_path / "home", media) as found:
        yield found


def test_a_page_of_another_origin_reads_and_changes_nothing(browser, foreign, service):
    before = service.call("GET", "/folders")
    page = browser.new_page()
    page.goto(foreign)
    read = page.evaluate(_TRY, [f"http://127.0.0.1:{service.port}", service.token])
    page.close()
    # What comes of "no-cors" is opaque: no status, no word of it can be read.
    assert [one for one in read if one[3] != "opaque"] == []
    assert service.call("GET", "/folders") == before


def test_a_form_of_another_origin_changes_nothing(browser, foreign, service):
    before = service.call("GET", "/folders")
    page = browser.new_page()
    page.goto(foreign)
    page.evaluate(
        """address => {
          const form = document.createElement("form");
          Object.assign(form, { method: "POST", enctype: "text/plain" });
          form.action = address + "/api/v1/folders";
          const field = document.createElement("input");
          Object.assign(field, { name: '{"path": "/tmp", "x": "', value: '"}' });
          form.append(field); document.body.append(form); form.submit();
        }""",
        f"http://127.0.0.1:{service.port}",
    )
    page.wait_for_load_state()
    page.close()
    assert service.call("GET", "/folders") == before


def test_a_name_that_comes_to_mean_this_machine_reaches_nothing(browser, service):
    """DNS rebinding: the browser takes the service for the page's own server, and lets it read answers."""
    page = browser.new_page()
    reply = page.goto(f"http://evil.localhost:{service.port}/")
    assert reply.status == 421
    read = page.evaluate(_TRY, [f"http://evil.localhost:{service.port}", service.token])
    page.close()
    assert {status for *_, status in read} <= {421}


def test_the_page_cannot_be_framed_by_another(browser, foreign, service):
    page = browser.new_page()
    page.goto(foreign)
    page.evaluate(
        """address => new Promise(done => {
          const frame = document.createElement("iframe");
          frame.onload = done; frame.src = address; document.body.append(frame);
        })""",
        f"http://127.0.0.1:{service.port}/",
    )
    framed = [frame for frame in page.frames if frame != page.main_frame]
    assert all("Rythmo" not in frame.content() for frame in framed)
    page.close()


def test_a_page_without_an_origin_reads_and_changes_nothing(browser, foreign, service):
    """A sandboxed frame, a file and a data: address send `Origin: null`."""
    before = service.call("GET", "/folders")
    page = browser.new_page()
    page.goto(foreign)
    read = page.evaluate(
        """([script, address, token]) => new Promise(done => {
          window.onmessage = (event) => done(event.data);
          const frame = document.createElement("iframe");
          frame.sandbox = "allow-scripts allow-forms";
          const call = `(${script})(${JSON.stringify([address, token])})`;
          frame.srcdoc = `<script>${call}.then((read) => parent.postMessage(read, "*"))</` + "script>";
          document.body.append(frame);
        })""",
        [_TRY, f"http://127.0.0.1:{service.port}", service.token],
    )
    page.close()
    assert [one for one in read if one[3] != "opaque"] == []
    assert service.call("GET", "/folders") == before


def test_a_page_of_another_origin_hears_no_events_and_embeds_nothing(browser, foreign, service):
    page = browser.new_page()
    page.goto(foreign)
    heard = page.evaluate(
        """async (address) => {
          const tell = (made, good, bad) => new Promise(done => {
            made[good] = () => done(good); made[bad] = () => done("refused");
          });
          const stream = new EventSource(address + "/api/v1/events", { withCredentials: true });
          const events = await tell(stream, "onopen", "onerror");
          stream.close();
          const script = document.createElement("script");
          script.src = address + "/app.js";
          const loaded = tell(script, "onload", "onerror");
          document.head.append(script);
          const picture = new Image();
          const shown = tell(picture, "onload", "onerror");
          picture.src = address + "/api/v1/projects";
          return [events, await loaded, await shown];
        }""",
        f"http://127.0.0.1:{service.port}",
    )
    page.close()
    assert heard == ["refused", "refused", "refused"]
