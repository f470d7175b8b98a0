"""Search for a package's archive: a wheel in pip's indexes and folders, or a tarball in npm's registry.

Indexes use PEP 503 (HTML) or PEP 691 (JSON). An index on the disk (file:) is a folder of folders.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import url2pathname

from rythmo.errors import DownloadError, ModelError
from rythmo.models.connections import NETWORK_ERRORS, Access, explain, hide_login, open_url
from rythmo.models.download import Remote
from rythmo.models.npm_settings import PUBLIC_REGISTRY, NpmSettings, read_npm_settings
from rythmo.models.package_urls import PackageUrl
from rythmo.models.pip_settings import PipSettings, read_pip_settings

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LARGEST_PAGE_BYTES = 64 << 20
_NOT_THERE = (401, 403, 404, 410)
_NPM_TYPES = {"sha512": "sha512", "sha384": "sha384", "sha256": "sha256", "sha1": "sha1"}


@dataclass(frozen=True, slots=True)
class Archive:
    """A package's archive: `local` on this disk, or `remote` to be downloaded."""

    local: Path | None = None
    remote: Remote | None = None


def find_archive(
    package: PackageUrl,
    folders: Sequence[Path] = (),
    *,
    pip: PipSettings | None = None,
    npm: NpmSettings | None = None,
) -> Archive:
    """Find a package's archive in one of the user's folders, or where pip or npm would look.

    Raises DownloadError when no index could be reached, ModelError when none has the package.
    """
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if matches(package, path.name):
                return Archive(local=path)
    if package.kind == "npm":
        return Archive(remote=_find_in_npm(package, npm or read_npm_settings()))
    return _find_with_pip(package, pip or read_pip_settings())


def matches(package: PackageUrl, file_name: str) -> bool:
    """Return whether a file name is that of the package's archive: the named file, or any wheel for all
    systems."""
    if package.file_name:
        return file_name == package.file_name
    if package.kind == "npm":
        return file_name == f"{package.name.removeprefix('@').replace('/', '-')}-{package.version}.tgz"
    parts = file_name.removesuffix(".whl").split("-")
    return (
        file_name.endswith("-none-any.whl")
        and len(parts) >= 5
        and normalize(parts[0]) == normalize(package.name)
        and parts[1] == package.version
    )


def normalize(name: str) -> str:
    """Return a package's name as indexes write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _find_with_pip(package: PackageUrl, pip: PipSettings) -> Archive:
    failures: list[str] = []
    asked: list[str] = []
    pages = [*pip.find_links, *(f"{index.rstrip('/')}/{normalize(package.name)}/" for index in pip.indexes)]
    for page in pages:
        local = _local_path(page)
        if local is not None:
            found = _find_on_disk(package, local, pip.access)
        else:
            try:
                found = _find_on_page(package, page, pip.access)
            except NETWORK_ERRORS as error:
                if isinstance(error, HTTPError) and error.code in _NOT_THERE:
                    asked.append(f"{_host(page)} ({error.code})")
                else:
                    failures.append(f"{_host(page)}: {explain(error)}")
                continue
        if found is not None:
            return found
        asked.append(_host(page))
    raise _not_found(package, failures, asked, "pip config list")


def _not_found(
    package: PackageUrl, failures: Sequence[str], asked: Sequence[str], command: str
) -> ModelError:
    what = f"{package.name} {package.version}"
    if failures:
        return DownloadError(
            f"{what} cannot be looked up: {'; '.join(failures)}.",
            hint="Check the connection and the proxy (HTTPS_PROXY), then run the command again; "
            "without a network: docs/models.md.",
        )
    places = ", ".join(dict.fromkeys(asked)) or "no index is configured"
    return ModelError(
        f"{what} was not found ({places}).",
        hint=f"Check the configured index (`{command}`): docs/models.md.",
    )


def _local_path(page: str) -> Path | None:
    parts = urlsplit(page)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return None if parts.scheme in {"http", "https"} else Path(page).expanduser()


def _find_on_disk(package: PackageUrl, place: Path, access: Access) -> Archive | None:
    page = place / "index.html" if place.is_dir() else place
    if place.is_dir():
        for path in sorted(place.iterdir()):
            if matches(package, path.name):
                return Archive(local=path)
    if not page.is_file():
        return None
    links = _links_in_html(page.read_text(encoding="utf-8", errors="replace"), page.resolve().as_uri())
    return _choose(package, links, access)


def _find_on_page(package: PackageUrl, page: str, access: Access) -> Archive | None:
    response = open_url(page, access, {"Accept": _ACCEPT})
    try:
        body = response.read(_LARGEST_PAGE_BYTES)
        kind = response.headers.get("Content-Type", "")
        base = response.url
    finally:
        response.close()
    links = _links_in_json(body, base) if "json" in kind else _links_in_html(body.decode("utf-8"), base)
    return _choose(package, links, access)


def _choose(package: PackageUrl, links: Iterator[Remote], access: Access) -> Archive | None:
    for link in links:
        if matches(package, link.file_name):
            local = _local_path(link.url) if link.url.startswith("file:") else None
            return Archive(local=local) if local else Archive(remote=replace(link, access=access))
    return None


def _links_in_json(body: bytes, base: str) -> Iterator[Remote]:
    try:
        files = json.loads(body)["files"]
    except (ValueError, LookupError, TypeError):
        return
    for file in files:
        digest = (file.get("hashes") or {}).get("sha256", "")
        yield Remote(
            _with_login(urljoin(base, file["url"]), base),
            file["filename"],
            digest=f"sha256:{digest}" if digest else "",
            size_bytes=int(file.get("size") or 0),
        )


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def _links_in_html(text: str, base: str) -> Iterator[Remote]:
    parser = _Anchors()
    parser.feed(text)
    for target in parser.targets:
        url, _, fragment = urljoin(base, target).partition("#")
        algorithm, equals, digest = fragment.partition("=")
        stated = f"{algorithm}:{digest}" if equals and algorithm in {"sha256", "sha384", "sha512"} else ""
        yield Remote(_with_login(url, base), unquote(urlsplit(url).path.rpartition("/")[2]), digest=stated)


def _with_login(url: str, base: str) -> str:
    """Add the user name and password of the index to an address on the same host."""
    login, at, host = urlsplit(base).netloc.rpartition("@")
    parts = urlsplit(url)
    return parts._replace(netloc=f"{login}@{host}").geturl() if at and parts.netloc == host else url


def _find_in_npm(package: PackageUrl, npm: NpmSettings) -> Remote:
    address = f"{npm.registry}{quote(package.name, safe='@')}/{quote(package.version)}"
    try:
        response = open_url(address, npm.access, {"Accept": "application/json"})
        try:
            described = json.loads(response.read(_LARGEST_PAGE_BYTES))
        finally:
            response.close()
        return _tarball(package, npm, described)
    except NETWORK_ERRORS as error:
        if isinstance(error, HTTPError) and error.code in _NOT_THERE:
            raise _not_found(
                package, [], [f"{_host(address)} ({error.code})"], "npm config get registry"
            ) from error
        raise _not_found(package, [f"{_host(address)}: {explain(error)}"], [], "") from error
    except (ValueError, LookupError, TypeError) as error:
        raise DownloadError(
            f"{_host(address)} does not answer like an npm registry.",
            hint="Check the configured registry: npm config get registry.",
        ) from error


def _tarball(package: PackageUrl, npm: NpmSettings, described: Any) -> Remote:
    dist = described["dist"]
    url = urljoin(npm.registry, dist["tarball"])
    public, own = urlsplit(PUBLIC_REGISTRY).netloc, urlsplit(npm.registry)
    if urlsplit(url).netloc == public != own.netloc:
        # npm does the same (replace-registry-host), because mirrors often pass on the public addresses.
        url = npm.registry + url.partition(f"{public}/")[2]
    access = npm.access
    if urlsplit(url).netloc != own.netloc:
        access = replace(access, authorization="")
    return Remote(
        url,
        f"{package.name.removeprefix('@').replace('/', '-')}-{package.version}.tgz",
        digest=_npm_digest(dist),
        access=access,
    )


def _npm_digest(dist: Any) -> str:
    """Return the best hash that npm states: subresource integrity, or the older SHA-1."""
    for part in str(dist.get("integrity", "")).split():
        algorithm, _, value = part.partition("-")
        if algorithm in _NPM_TYPES:
            return f"{algorithm}:{base64.b64decode(value.partition('?')[0]).hex()}"
    return f"sha1:{dist['shasum']}" if dist.get("shasum") else ""


def _host(page: str) -> str:
    return urlsplit(hide_login(page)).netloc or hide_login(page)
