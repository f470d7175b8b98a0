"""Proxies of the environment: never for this machine, and one clear line where one cannot be used."""

from __future__ import annotations

import os

import pytest

from rythmo.engines.remote.proxies import bypass_proxies_locally, check_proxies, is_this_machine
from rythmo.errors import EngineMissingError

NAMES = [f"{kind}_proxy" for kind in ("http", "https", "all", "no")]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.8.8", True),
        ("http://LOCALHOST:1/", True),
        ("http://[::1]:11434", True),
        ("http://192.168.1.2", False),
        ("https://localhost.example.com", False),
        ("https://api.openai.com/v1", False),
    ],
)
def test_which_addresses_are_of_this_machine(url, here):
    assert is_this_machine(url) is here


@pytest.mark.parametrize("variable", ["ALL_PROXY", "https_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize("proxy", ["socks5://me:secret@proxy.example:1080", "socks4://x:1", "gopher://x"])
def test_a_proxy_that_cannot_be_used_is_one_clear_line(monkeypatch, variable, proxy):
    monkeypatch.setenv(variable, proxy)
    monkeypatch.setattr("rythmo.engines.remote.proxies.find_spec", lambda _: None)
    with pytest.raises(EngineMissingError) as told:
        check_proxies("https://api.example.com", "httpx")
    assert variable in told.value.message
    assert "secret" not in told.value.message
    assert told.value.hint
    check_proxies("http://127.0.0.1:9", "httpx")


def test_plain_proxies_and_socks_with_its_package_are_left_alone(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5h://proxy.example:1080")
    monkeypatch.setattr("rythmo.engines.remote.proxies.find_spec", lambda name: name)
    check_proxies("https://api.example.com", "requests")
    assert os.environ["HTTPS_PROXY"] == "proxy.example:3128"
    assert os.environ["ALL_PROXY"] == "socks5h://proxy.example:1080"


@pytest.mark.parametrize(
    ("before", "after"), [("", "localhost,127.0.0.1,::1"), ("a.b", "a.b,localhost,127.0.0.1,::1")]
)
def test_this_machine_is_spared(monkeypatch, before, after):
    monkeypatch.setenv("NO_PROXY", before)
    monkeypatch.setenv("no_proxy", before)
    bypass_proxies_locally()
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == after
    bypass_proxies_locally()
    assert os.environ["NO_PROXY"] == after


@pytest.mark.parametrize("engine", ["openai", "openai-compatible", "elevenlabs", "dashscope"])
def test_each_remote_engine_checks_before_it_makes_its_client(monkeypatch, engine):
    from rythmo.engines import registry
    from rythmo.engines.base import Kind

    for name in ("OPENAI_API_KEY", "ELEVENLABS_API_KEY", "DASHSCOPE_API_KEY"):
        monkeypatch.setenv(name, "key-of-a-test")
    monkeypatch.setenv("RYTHMO_LLM_URL", "https://llm.example/v1")
    monkeypatch.setenv("RYTHMO_LLM_MODEL", "m")
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    monkeypatch.setattr("rythmo.engines.remote.proxies.find_spec", lambda _: None)
    kind = Kind.VOICE if engine in ("elevenlabs", "dashscope") else Kind.TRANSLATOR
    spec = registry.find(kind, engine)
    with pytest.raises(EngineMissingError, match="SOCKS"):
        registry.create(spec, {})


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_a_server_on_this_machine_is_asked_without_the_proxy(monkeypatch, loopback, proxy):
    from rythmo.engines.adapters.openai.translator import create_compatible
    from rythmo.engines.base import TranslationLine, TranslationRequest
    from rythmo.errors import EngineFailedError

    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("ALL_PROXY", proxy)
    engine = create_compatible({"base_url": f"{loopback.url}/v1", "model": "m", "attempts": 1, "rounds": 1})
    with pytest.raises(EngineFailedError):
        engine.translate(TranslationRequest((TranslationLine("a", "S1", "Hello there."),), "en", "es"))
    assert loopback.requests, "the question reached the server itself"
