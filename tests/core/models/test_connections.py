"""Proxies and keys go where they should, and nowhere else."""

import pytest
from model_server import ModelServer

from rythmo.errors import DownloadError
from rythmo.models.connections import Access, explain, hide_login, is_loopback, open_url


def read(url: str, access: Access | None = None) -> bytes:
    response = open_url(url, access or Access())
    try:
        return response.read()
    finally:
        response.close()


@pytest.fixture
def dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)


def test_this_machine_is_never_asked_through_a_proxy(server: ModelServer, dead_proxy: None) -> None:
    assert read(f"{server.base}/files/c.json") == b'{"a": 1}'
    assert read(f"{server.base}/hub/toys/mirror/resolve/main/c.json") == b'{"a": 1}'  # by way of a redirect


def test_others_are(server: ModelServer, monkeypatch: pytest.MonkeyPatch, dead_proxy: None) -> None:
    with pytest.raises(OSError, match=r"refused|111"):
        read("http://models.example/c.json")
    monkeypatch.setenv("http_proxy", server.base)
    monkeypatch.setenv("HTTP_PROXY", server.base)
    with pytest.raises(OSError, match="404"):
        read("http://models.example/c.json")
    assert server.asked[-1][0].endswith("/c.json")


def test_a_proxy_that_pip_is_set_to_wins(server: ModelServer, dead_proxy: None) -> None:
    with pytest.raises(OSError, match="404"):
        read("http://models.example/c.json", Access(proxy=server.base))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_a_socks_proxy_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, dead_proxy: None, scheme: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"{scheme}://me:secret@proxy.example:1080")
    with pytest.raises(DownloadError, match="is a SOCKS proxy") as caught:
        read("https://models.example/x")
    assert "secret" not in caught.value.message
    assert "HTTPS_PROXY" in caught.value.hint


def test_a_login_in_an_address_becomes_a_header(server: ModelServer) -> None:
    address = server.base.replace("http://", "http://me:s%40cret@") + "/files/c.json"
    assert read(address) == b'{"a": 1}'
    assert server.keys["/files/c.json"] == "Basic bWU6c0BjcmV0"
    assert hide_login(address) == f"{server.base}/files/c.json"


def test_certificates_that_cannot_be_read_are_named() -> None:
    with pytest.raises(DownloadError, match=r"/nowhere/ca\.pem"):
        read("https://models.example/x", Access(cafile="/nowhere/ca.pem"))


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("10.0.0.1", False),
     ("localhost.example", False), ("pypi.org", False)],
)  # fmt: skip
def test_what_this_machine_is(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_errors_are_told_in_words() -> None:
    assert explain(TimeoutError("x")) == "no answer in time"
    assert "Connection refused" in explain(ConnectionRefusedError(111, "Connection refused"))
