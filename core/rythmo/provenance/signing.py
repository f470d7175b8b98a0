"""Sign a file by C2PA: inside the file, or in a manifest beside it.

A signature holds random numbers, so signing twice gives two different files. What signing added is therefore
kept by content, claim and certificate (`kept_signatures`), and a second delivery of the same gives the same
bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from rythmo.errors import SigningError
from rythmo.files import make_printable, replace_atomically, write_atomically
from rythmo.provenance.claims import Claim, Origin
from rythmo.provenance.credentials import Credentials
from rythmo.provenance.kept_signatures import KeptSignatures
from rythmo.provenance.library import library_version, load_c2pa
from rythmo.provenance.manifest import build_ingredient, build_manifest
from rythmo.provenance.media_types import find_media_type

VERSION = 1
"""Part of the keys of kept signatures; raised when manifests are built in another way."""

# Boxes of padding are part of the film too: by default a changed byte in one goes unnoticed.
_SETTINGS: dict[str, Any] = {
    "builder": {"bmff_hash_exclude_free_and_skip_boxes": False, "thumbnail": {"enabled": False}},
    "verify": {"verify_trust": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whoever signs, and where signatures are kept. `scratch` is a folder for copies that are not kept."""

    credentials: Credentials
    kept: KeptSignatures
    scratch: Path

    def sign_inside(self, path: Path, claim: Claim, origins: Sequence[Origin] = ()) -> None:
        """Sign the file in its place: it gets a manifest inside, and its media does not change.

        Raises SigningError for a kind of file that C2PA cannot sign or a timestamp authority that fails, and
        OutputError.
        """
        media_type = _require_type(path)
        key = self._key(hash_content(path), claim, origins)
        if self.kept.restore(key, path):
            return
        with replace_atomically(path) as temporary:
            self._sign(path, temporary, media_type, build_manifest(claim, media_type, key), origins)
            self.kept.keep(key, path, temporary)

    def sign_beside(self, path: Path, manifest: Path, claim: Claim, origins: Sequence[Origin] = ()) -> None:
        """Write the file's manifest to another file and leave the file itself as it is.

        Raises SigningError, OutputError.
        """
        media_type = _require_type(path)
        key = self._key(self.kept.digest(path, hash_content), claim, origins)
        data = self.kept.read_manifest(key)
        if data is None:
            definition = build_manifest(claim, media_type, key)
            data = self._sign(path, self.scratch / "copy", media_type, definition, origins, inside=False)
            self.kept.keep_manifest(key, data)
        if not manifest.is_file() or manifest.read_bytes() != data:
            write_atomically(manifest, data)

    def _key(self, digest: str, claim: Claim, origins: Sequence[Origin]) -> str:
        # Where a source lies is no part of it: the same dub in another folder is the same.
        who, sources = self.credentials, [replace(origin, path="") for origin in origins]
        parts = (VERSION, library_version(), digest, claim, sources, who.fingerprint, who.timestamp)
        return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:32]

    def _sign(
        self,
        source: Path,
        target: Path,
        media_type: str,
        definition: dict[str, Any],
        origins: Sequence[Origin],
        *,
        inside: bool = True,
    ) -> bytes:
        """Write the signed copy and return its manifest."""
        c2pa = load_c2pa()
        who = self.credentials
        try:
            with ExitStack() as stack:
                builder = stack.enter_context(_start_builder(definition, origins))
                if not inside:
                    builder.set_no_embed()
                info = c2pa.C2paSignerInfo(
                    who.algorithm.encode(),
                    who.chain.encode(),
                    who.key.encode(),
                    who.timestamp.encode() or None,
                )
                signer = stack.enter_context(c2pa.Signer.from_info(info))
                reading = stack.enter_context(source.open("rb"))
                writing = stack.enter_context(target.open("w+b"))
                return bytes(builder.sign(signer, media_type, reading, writing))
        except c2pa.C2paError as error:
            raise SigningError(
                f"{make_printable(source.name)} cannot be signed: {str(error)[:300]}.",
                hint=_suggest(who),
            ) from error


def hash_content(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _start_builder(definition: dict[str, Any], origins: Sequence[Origin]) -> Any:
    """Return a builder with its ingredients. One that C2PA cannot read is only named, by title and hash."""
    c2pa = load_c2pa()
    named = [origin for origin in origins if not origin.path]
    while True:
        whole = definition | {"ingredients": [build_ingredient(origin) for origin in named]}
        builder = c2pa.Builder(whole, context=c2pa.Context(c2pa.Settings.from_dict(_SETTINGS)))
        if any(origin.parent for origin in origins):
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        others = [origin for origin in origins if origin not in named]
        refused = next((origin for origin in others if not _add_file(builder, origin)), None)
        if refused is None:
            return builder
        builder.close()
        named.append(refused)


def _add_file(builder: Any, origin: Origin) -> bool:
    """Add an ingredient with its file, and so with the manifests in that file; tell whether that worked."""
    try:
        with Path(origin.path).open("rb") as file:
            builder.add_ingredient(build_ingredient(origin), origin.media_type, file)
    except (OSError, load_c2pa().C2paError):
        return False
    return True


def _require_type(path: Path) -> str:
    media_type = find_media_type(path)
    if not media_type:
        raise SigningError(
            f"C2PA has no way to sign {make_printable(path.name)}.",
            hint="It signs WAV, MP4, MOV and PDF files.",
        )
    return media_type


def _suggest(who: Credentials) -> str:
    if who.timestamp:
        return f"Check the timestamp authority {who.timestamp}, or deliver with --no-sign."
    return "Check the certificate (rythmo provenance --help), or deliver with --no-sign."
