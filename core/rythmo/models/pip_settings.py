"""The package indexes that pip is configured with, read in pip's own order: files, then the environment.

See https://pip.pypa.io/en/stable/topics/configuration/. pip itself isn't run, because an environment made by
another tool may not have it.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from rythmo.models.connections import PLAIN, Access

PUBLIC_INDEX = "https://pypi.org/simple"
_SECTIONS = ("global", "install", "download")
_NAME = "pip.ini" if sys.platform == "win32" else "pip.conf"


@dataclass(frozen=True, slots=True)
class PipSettings:
    """The places that pip searches: `find_links` first, then `indexes` in order, and how to reach them."""

    indexes: tuple[str, ...] = (PUBLIC_INDEX,)
    find_links: tuple[str, ...] = ()
    access: Access = PLAIN


def read_pip_settings(environment: Mapping[str, str] = os.environ) -> PipSettings:
    """Read pip's configuration. Files that are missing or cannot be read are skipped."""
    values: dict[str, str] = {}
    for path in _configuration_files(environment):
        values.update(_read_file(path))
    for name, value in environment.items():
        if name.upper().startswith("PIP_") and value:
            values[name[4:].lower().replace("_", "-")] = value
    index = (values.get("index-url") or PUBLIC_INDEX).strip()
    indexes = (index, *values.get("extra-index-url", "").split())
    return PipSettings(
        indexes=() if _is_true(values.get("no-index", "")) else tuple(dict.fromkeys(indexes)),
        find_links=tuple(values.get("find-links", "").split()),
        access=_access(values, environment),
    )


def _access(values: Mapping[str, str], environment: Mapping[str, str]) -> Access:
    cafile = values.get("cert") or environment.get("REQUESTS_CA_BUNDLE") or environment.get("SSL_CERT_FILE")
    hosts = {urlsplit(f"//{host}").hostname or host for host in values.get("trusted-host", "").split()}
    return Access(
        cafile=cafile or "",
        proxy=values.get("proxy", ""),
        trusted_hosts=frozenset(hosts),
        timeout_s=_seconds(values.get("timeout") or values.get("default-timeout", "")),
    )


def _seconds(text: str) -> float:
    try:
        return max(1.0, float(text))
    except ValueError:
        return PLAIN.timeout_s


def _is_true(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on", "y", "t"}


def _read_file(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError):
        return {}
    found: dict[str, str] = {}
    for section in _SECTIONS:
        if parser.has_section(section):
            found.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    return found


def _configuration_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files, least important first: machine, user (old and new), environment, PIP_CONFIG_FILE."""
    named = environment.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    yield from _machine_files()
    yield Path.home() / ("pip" if sys.platform == "win32" else ".pip") / _NAME
    yield _user_folder() / _NAME
    yield Path(sys.prefix) / _NAME
    if named:
        yield Path(named)


def _machine_files() -> Iterator[Path]:
    folders = platformdirs.site_config_dir("pip", appauthor=False, multipath=True).split(os.pathsep)
    if sys.platform == "darwin":
        folders = ["/Library/Application Support/pip"]
    yield from (Path(folder) / _NAME for folder in reversed(folders))
    if sys.platform not in {"win32", "darwin"}:
        yield Path("/etc") / _NAME


def _user_folder() -> Path:
    if sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "pip"
        return folder if folder.is_dir() else Path.home() / ".config" / "pip"
    return Path(platformdirs.user_config_dir("pip", appauthor=False, roaming=True))
