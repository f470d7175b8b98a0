"""One call to Pro Tools: its deadline, its refusals, tasks that take time."""

from __future__ import annotations

import pytest
from fake_protools import Manners

from rythmo.errors import HostError, HostRefusedError, HostSilentError, UsageError
from rythmo_plugin.hosts.protools.commands import Command
from rythmo_plugin.hosts.protools.connection import Connection, port_in_use, task_status
from rythmo_plugin.hosts.protools.newer_names import use_newer_names


def test_a_call_that_is_left_unanswered_ends_at_its_deadline(stage):
    scene = stage(Manners(boxes={"SaveSession 1"}, waits=True))
    with Connection(scene.fake.port) as connection:
        connection.register()
        connection._scale = 0.01
        with pytest.raises(HostSilentError, match=r"did not answer within 1 s \(save session\)") as silent:
            connection.call(Command.SAVE_SESSION)
        assert "message box" in silent.value.hint


def test_a_task_that_waits_for_the_user_says_so(stage):
    scene = stage(Manners(slow={"SaveSession"}, asks_user=True))
    scene.fake._tasks = {}
    with Connection(scene.fake.port, pause=lambda _: None) as connection:
        connection.register()
        connection.call(Command.SAVE_SESSION)
        connection._scale = 1e-9
        with pytest.raises(HostSilentError):
            connection.call(Command.SAVE_SESSION)


def test_a_refusal_carries_pro_tools_words_and_number(stage):
    scene = stage(Manners(refused={"SaveSession 1": (125, "The session is read-only.")}))
    with Connection(scene.fake.port) as connection:
        connection.register()
        with pytest.raises(
            HostRefusedError, match="refused to save session: The session is read-only"
        ) as refused:
            connection.call(Command.SAVE_SESSION)
    assert refused.value.code == 125
    assert "another name" in refused.value.hint


def test_a_client_that_is_not_registered_is_refused(stage):
    with Connection(stage().fake.port) as connection, pytest.raises(HostError):
        connection.call(Command.GET_SESSION_NAME)


@pytest.mark.parametrize("told", [3, "3", "Completed", "TStatus_Completed"])
def test_a_status_is_read_in_each_spelling(told):
    assert task_status(told) == 3


def test_newer_names_replace_values_and_nothing_else():
    body = {
        "track_name": "TF_Mono",
        "track_format": "TF_Mono",
        "track_type": "AudioTrack",
        "number_of_tracks": 1,
    }
    assert use_newer_names(body) == {
        "track_name": "TF_Mono",
        "track_format": "TFormat_Mono",
        "track_type": "TType_Audio",
        "number_of_tracks": 1,
    }
    assert use_newer_names({"time_code_rate": "STCR_Fps2997Drop"}) == {
        "time_code_rate": "SSTCRate_Fps2997Drop"
    }


def test_the_port_is_checked(monkeypatch):
    monkeypatch.delenv("RYTHMO_PROTOOLS_PORT", raising=False)
    assert port_in_use() == 31416
    monkeypatch.setenv("RYTHMO_PROTOOLS_PORT", "70000")
    with pytest.raises(UsageError, match="no port"):
        port_in_use()
