"""Repositories of Hugging Face's hub, or of a mirror (HF_ENDPOINT): their files at a revision, and the
addresses.

The hub states a SHA-256 for large files and git's hash for small ones. Both are checked after the download.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

from rythmo.errors import DownloadError, ModelError
from rythmo.models.catalog import HubFolder, Model
from rythmo.models.connections import NETWORK_ERRORS, Access, explain, open_url
from rythmo.models.download import Remote

PUBLIC_HUB = "https://huggingface.co"
_LARGEST_ANSWER_BYTES = 64 << 20
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository at a commit."""

    path: str
    size_bytes: int
    sha256: str
    remote: Remote


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository's files at a commit."""

    commit: str
    files: tuple[HubFile, ...]


def hub_address(environment: Mapping[str, str] = os.environ) -> str:
    """Return the address of the hub, or of the mirror that HF_ENDPOINT names."""
    return (environment.get("HF_ENDPOINT") or PUBLIC_HUB).rstrip("/")


def read_token(environment: Mapping[str, str] = os.environ) -> str:
    """Return the user's token from HF_TOKEN, else from the file that `hf auth login` writes, else ""."""
    named = environment.get("HF_TOKEN") or environment.get("HUGGING_FACE_HUB_TOKEN")
    if named:
        return named.strip()
    home = environment.get("HF_HOME") or str(Path.home() / ".cache" / "huggingface")
    try:
        return Path(environment.get("HF_TOKEN_PATH") or Path(home) / "token").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def list_snapshot(model: Model, folder: HubFolder) -> Snapshot:
    """Return the repository's files at its revision. Raises DownloadError, or ModelError when access is
    refused."""
    _require_online(model)
    access = _access(model)
    address = f"{hub_address()}/api/models/{folder.repository}/revision/{quote(folder.revision)}?blobs=true"
    try:
        response = open_url(address, access)
        try:
            listed = json.loads(response.read(_LARGEST_ANSWER_BYTES))
        finally:
            response.close()
        commit = str(listed["sha"])
        files = [
            _file(folder, commit, entry, access)
            for entry in listed["siblings"]
            if any(fnmatchcase(entry["rfilename"], pattern) for pattern in folder.include)
        ]
    except NETWORK_ERRORS as error:
        raise _refusal(model, folder, error) from error
    except (ValueError, LookupError, TypeError) as error:
        raise DownloadError(
            f"{_host()} does not answer like a hub.", hint="Check HF_ENDPOINT: docs/models.md."
        ) from error
    if not files:
        raise ModelError(
            f"{folder.repository} has none of the files that {model.name} needs.", hint="See docs/models.md."
        )
    return Snapshot(commit, tuple(files))


def hub_file(model: Model, repository: str, revision: str, path: str) -> Remote:
    """Return one file of a repository as a download."""
    _require_online(model)
    return Remote(_resolve(repository, revision, path), path.rpartition("/")[2], access=_access(model))


def _file(folder: HubFolder, commit: str, entry: Any, access: Access) -> HubFile:
    path, large = str(entry["rfilename"]), entry.get("lfs") or {}
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise ValueError(path)
    sha256 = str(large.get("sha256", ""))
    digest = f"sha256:{sha256}" if sha256 else f"git-blob:{entry['blobId']}" if entry.get("blobId") else ""
    size = int(large.get("size") or entry.get("size") or 0)
    url = _resolve(folder.repository, commit, path)
    return HubFile(path, size, sha256, Remote(url, path.rpartition("/")[2], digest, size, access))


def _resolve(repository: str, revision: str, path: str) -> str:
    return f"{hub_address()}/{repository}/resolve/{quote(revision)}/{quote(path)}"


def _access(model: Model) -> Access:
    """Return how to reach the hub. The token is sent only for a model that needs one."""
    token = read_token() if model.token else ""
    cafile = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or ""
    return Access(cafile=cafile, authorization=f"Bearer {token}" if token else "")


def _require_online(model: Model) -> None:
    if os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "true", "yes", "on"}:
        raise DownloadError(
            f"{model.name} has to be downloaded from the hub, but HF_HUB_OFFLINE is set.",
            hint="Unset HF_HUB_OFFLINE, or copy the model from another machine: docs/models.md.",
        )


def _refusal(model: Model, folder: HubFolder, error: Exception) -> ModelError:
    if isinstance(error, HTTPError) and error.code in _REFUSED:
        return ModelError(
            f"{_host()} refuses access to {folder.repository} ({error.code}).",
            hint=f"Accept its conditions at {model.accept or f'{PUBLIC_HUB}/{folder.repository}'} and set "
            "your token: export HF_TOKEN=... (or hf auth login).",
        )
    return DownloadError(
        f"{model.name} cannot be looked up at {_host()}: {explain(error)}.",
        hint="Check the connection and the proxy (HTTPS_PROXY), or set HF_ENDPOINT to a mirror; "
        "without a network: docs/models.md.",
    )


def _host() -> str:
    return urlsplit(hub_address()).netloc
