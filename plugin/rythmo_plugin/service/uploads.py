"""Files that clients uploaded (edited timelines, subtitles), kept for a day."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from rythmo.files import replace_atomically
from rythmo_plugin.service import schema
from rythmo_plugin.service.allowed_paths import clean_upload_name
from rythmo_plugin.service.api_errors import ApiError, not_found
from rythmo_plugin.service.config import MAX_UPLOAD_BYTES

_ID = re.compile(r"[0-9a-f]{24}\Z")
_KEPT_SECONDS = 24 * 3600


class Uploads:
    """The uploads. Each file has its own folder, so that it keeps its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, blocks: Iterable[bytes]) -> schema.Upload:
        """Store a file that arrives in blocks. Raises ApiError (413) when it is too large."""
        self._forget_old()
        name, upload, size = clean_upload_name(name), secrets.token_hex(12), 0
        with replace_atomically(self._folder / upload / name) as temporary, temporary.open("wb") as file:
            for block in blocks:
                size += len(block)
                if size > MAX_UPLOAD_BYTES:
                    raise ApiError(413, "too-large", "The file is too large.", hint="64 MB is the most.")
                file.write(block)
        return schema.Upload(id=upload, name=name, size=size)

    def path(self, upload: str) -> Path:
        """Return the path of an upload. Raises ApiError (404)."""
        folder = self._folder / upload
        if not _ID.match(upload) or not folder.is_dir():
            raise not_found("upload", upload)
        return next(path for path in folder.iterdir() if path.is_file())

    def _forget_old(self) -> None:
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
