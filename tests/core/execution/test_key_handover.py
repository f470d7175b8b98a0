"""Keys reach the process that calls services, once, and only the holder of the ticket."""

import os
import threading

from rythmo.execution.key_handover import KeyHandover, select_variables, take_keys


def waiting() -> bool:
    return any(thread.name == "rythmo-keys" for thread in threading.enumerate())


def join() -> None:
    for thread in threading.enumerate():
        if thread.name == "rythmo-keys":
            thread.join(10)


def test_the_keys_go_to_the_holder_of_the_ticket_once(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    handover = KeyHandover()
    monkeypatch.setenv("OPENAI_API_KEY", "")
    port, _ = handover.ticket
    take_keys((port, b"a guess"))
    assert os.environ["OPENAI_API_KEY"] == ""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    taken = {}
    monkeypatch.setattr(os.environ, "update", taken.update)
    take_keys(handover.ticket)
    assert taken["OPENAI_API_KEY"] == "sk-secret"
    join()
    assert not waiting()
    taken.clear()
    take_keys(handover.ticket)
    assert not taken


def test_a_handover_that_nobody_wants_ends():
    handover = KeyHandover()
    handover.close()
    join()
    assert not waiting()


def test_only_what_services_need_is_handed_over(monkeypatch):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "x")
    monkeypatch.setenv("RYTHMO_WORKER_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SOMETHING_ELSE", "y")
    names = set(select_variables())
    assert {"ELEVENLABS_API_KEY", "RYTHMO_WORKER_URL"} <= names
    assert not names & {"SOMETHING_ELSE", "PATH", "HOME"}
