"""Models through the service: what there is, conditions, and a download that fails in one clear line."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """Nothing is installed and nobody answers; workers are started by the first job, so they see it too."""
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_models_and_sets_are_told(service, tmp_path):
    found = service.call("GET", "/models")
    assert found["folder"] == str(tmp_path / "models")
    embedded = next(one for one in found["sets"] if one["name"] == "embedded")
    assert set(embedded["lacking"]) <= {model["name"] for model in found["models"]}
    assert embedded["download_bytes"] > 100_000_000
    assert embedded["command"] == "rythmo models get embedded"


def test_conditions_are_accepted_first(service):
    status, found = service.ask("POST", "/models", {"names": ["pyannote-community-1"]})
    assert status == 409
    assert found["error"]["code"] == "conditions"
    assert "https://" in found["error"]["hint"]


def test_an_unknown_name_is_refused(service):
    status, found = service.ask("POST", "/models", {"names": ["nonsense"]})
    assert 400 <= status < 500
    assert "nonsense" in found["error"]["message"]


def test_models_are_no_job_like_the_others(service):
    status, found = service.ask("POST", "/jobs", {"kind": "models"})
    assert status == 400
    assert "/models" in found["error"]["hint"]


def test_a_download_without_a_network_fails_with_a_reason(service):
    job = service.call("POST", "/models", {"names": ["resemblyzer"]})
    ended = service.until(job["id"], "failed", "done")
    assert ended["state"] == "failed"
    assert "resemblyzer 0.1.4 was not found" in ended["error"]["message"]
    assert ended["error"]["hint"]
