"""Projects and artefacts."""

import pytest

from rythmo.errors import OutputError, ScriptError
from rythmo.files import replace_atomically
from rythmo.project.workspace import Artefacts, Project, hash_values, place_file
from rythmo.script.takes import VoiceRef


def test_a_value_is_made_once(tmp_path):
    store, made = Artefacts(tmp_path), []

    def make() -> tuple[int, ...]:
        made.append(1)
        return (1, 2)

    assert [store.value("k", "a", tuple[int, ...], make) for _ in range(2)] == [(1, 2), (1, 2)]
    assert len(made) == 1


@pytest.mark.parametrize("broken", [b"", b"[1,", b'{"x": 1}', b'["text"]'])
def test_a_damaged_entry_is_made_again(tmp_path, broken):
    store = Artefacts(tmp_path)
    store.path("k", "a", ".json").parent.mkdir(parents=True)
    store.path("k", "a", ".json").write_bytes(broken)
    assert store.value("k", "a", tuple[int, ...], lambda: (7,)) == (7,)
    assert store.value("k", "a", tuple[int, ...], lambda: (8,)) == (7,)


def test_the_digest_holds_every_part():
    one = VoiceRef("espeak", "m1", {"pitch": 40})
    same = VoiceRef("espeak", "m1", {"pitch": 40})
    other = VoiceRef("espeak", "m1", {"pitch": 41})
    assert hash_values("a", one) == hash_values("a", same)
    assert (
        len(
            {
                hash_values("a", one),
                hash_values("a", other),
                hash_values("b", one),
                hash_values("a"),
                hash_values(one, "a"),
            }
        )
        == 5
    )


def test_the_order_of_settings_does_not_matter():
    assert hash_values(VoiceRef("e", "v", {"a": 1, "b": 2})) == hash_values(
        VoiceRef("e", "v", {"b": 2, "a": 1})
    )


def test_a_changed_source_has_another_digest(tmp_path):
    store, film = Artefacts(tmp_path / "cache"), tmp_path / "film.mp4"
    film.write_bytes(b"one")
    first = store.source_digest(film)
    film.write_bytes(b"three")
    assert store.source_digest(film) != first


def test_what_a_killed_run_left_is_swept(tmp_path):
    (tmp_path / "cache" / "bed").mkdir(parents=True)
    with (
        pytest.raises(KeyboardInterrupt),
        replace_atomically(tmp_path / "cache" / "bed" / "whole.wav") as temporary,
    ):
        temporary.rename(tmp_path / "cache" / "bed" / temporary.name.replace(temporary.name[8:12], "xxxx"))
        raise KeyboardInterrupt
    (tmp_path / "cache" / "bed" / "whole.wav").write_bytes(b"x")
    assert len(list((tmp_path / "cache" / "bed").iterdir())) == 2
    Project(tmp_path).remove_temporary_files()
    assert [path.name for path in (tmp_path / "cache" / "bed").iterdir()] == ["whole.wav"]


def test_a_project_is_worked_on_by_one(tmp_path):
    project = Project(tmp_path / "a.rythmo")
    lock = project.acquire_lock()
    with pytest.raises(OutputError, match="Another Rythmo"):
        Project(tmp_path / "a.rythmo").acquire_lock()
    lock.release()
    project.acquire_lock().release()


def test_a_folder_that_is_no_project(tmp_path):
    with pytest.raises(ScriptError, match="not a Rythmo project"):
        Project(tmp_path).load()


def test_a_placed_file_is_a_copy(tmp_path):
    source, target = tmp_path / "cache.wav", tmp_path / "takes" / "S1_0001_t01.wav"
    source.write_bytes(b"sound")
    place_file(source, target)
    target.write_bytes(b"edited")
    assert source.read_bytes() == b"sound"
