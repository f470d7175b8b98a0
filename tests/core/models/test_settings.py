"""Where packages come from is what pip and npm are set to."""

from pathlib import Path

import pytest

from rythmo.models import npm_settings
from rythmo.models.npm_settings import PUBLIC_REGISTRY, read_npm_settings
from rythmo.models.pip_settings import PUBLIC_INDEX, read_pip_settings


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is set up; the user's folder."""
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(
        "rythmo.models.pip_settings._machine_files", lambda: iter([tmp_path / "machine.conf"])
    )
    monkeypatch.setattr(npm_settings, "_ask_npm", lambda _: "")
    return tmp_path


def test_nothing_set_means_the_public_places(user: Path) -> None:
    assert read_pip_settings({}).indexes == (PUBLIC_INDEX,)
    assert read_npm_settings({}).registry == PUBLIC_REGISTRY


def test_the_users_file_wins_over_the_machines_and_the_environment_over_both(user: Path) -> None:
    (user / "machine.conf").write_text(
        "[global]\nindex-url = https://machine/simple\ncert = /etc/ca.pem\ntimeout = 7\n"
    )
    assert read_pip_settings({}).indexes == ("https://machine/simple",)
    (user / ".pip").mkdir()
    (user / ".pip" / "pip.conf").write_text(
        "[global]\nindex_url = https://user/simple\n[install]\nfind-links =\n    /a\n    /b\n"
    )
    found = read_pip_settings({})
    assert found.indexes == ("https://user/simple",)
    assert found.find_links == ("/a", "/b")
    assert found.access.cafile == "/etc/ca.pem"
    assert found.access.timeout_s == 7
    environment = {
        "PIP_INDEX_URL": "https://env/simple",
        "PIP_EXTRA_INDEX_URL": "https://one/simple file:///two",
        "PIP_TRUSTED_HOST": "env:8443",
        "PIP_PROXY": "http://proxy:1",
    }
    found = read_pip_settings(environment)
    assert found.indexes == ("https://env/simple", "https://one/simple", "file:///two")
    assert found.access.proxy == "http://proxy:1"
    assert found.access.trusted_hosts == {"env"}


def test_a_file_of_its_own_and_no_index(user: Path) -> None:
    (user / "own.ini").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    found = read_pip_settings({"PIP_CONFIG_FILE": str(user / "own.ini")})
    assert (found.indexes, found.find_links) == ((), ("/wheels",))


def test_a_broken_file_is_passed_over(user: Path) -> None:
    (user / "machine.conf").write_text("index-url = outside any section\n")
    assert read_pip_settings({}).indexes == (PUBLIC_INDEX,)


def test_npm_reads_the_users_file_with_its_variables_and_its_keys(user: Path) -> None:
    (user / ".npmrc").write_text(
        "; a comment\nregistry=https://npm.example/repo\n//npm.example/repo/:_authToken=${NPM_TOKEN}\ncafile=/ca\n"
    )
    found = read_npm_settings({"NPM_TOKEN": "t0"})
    assert found.registry == "https://npm.example/repo/"
    assert found.access.authorization == "Bearer t0"
    assert found.access.cafile == "/ca"
    assert "t0" not in repr(found)
    assert read_npm_settings({"npm_config_registry": "http://127.0.0.1:1"}).registry == "http://127.0.0.1:1/"
