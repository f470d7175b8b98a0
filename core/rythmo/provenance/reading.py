"""Read and verify the provenance of any file that C2PA knows, also of files that Rythmo did not write."""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rythmo.errors import InputError
from rythmo.files import make_printable
from rythmo.project_paths import find_home
from rythmo.provenance import machine_certificate
from rythmo.provenance.library import load_c2pa
from rythmo.provenance.manifest import LABEL
from rythmo.provenance.media_types import find_media_type
from rythmo.provenance.verdict import Ancestor, State, Verdict

FOLDER = "provenance"
"""In the deliveries of a language: manifests of the stems and takes that lie in the project."""

SUFFIX = ".c2pa"
_MOST_MANIFEST_BYTES = 64 << 20
_DEEPEST = 20
# What the JUMBF box of a manifest store holds in plain letters.
_MARK = b"jumdc2pa"
_UNTRUSTED = "signingCredential.untrusted"
_MEANINGS = {
    "assertion.dataHash.mismatch": "The content was changed after it was signed.",
    "assertion.bmffHash.mismatch": "The content was changed after it was signed.",
    "assertion.hashedURI.mismatch": "A statement in the manifest was changed after it was signed.",
    "claimSignature.mismatch": "The signature does not fit what was signed.",
    "claimSignature.outsideValidity": "The certificate was not valid when it was signed.",
    "signingCredential.expired": "The certificate has expired, and no timestamp says that it was valid then.",
    "signingCredential.invalid": "The certificate may not sign media.",
    "signingCredential.revoked": "The certificate was revoked.",
}


def read_provenance(path: Path, anchors: Sequence[str] = ()) -> Verdict:
    """Read what a file claims, and verify it. `anchors` are certificates in PEM whose holders are known.

    The manifest is looked for in the file, then beside it (NAME.c2pa), then, for a stem or take of a project,
    among the deliveries of the project. Raises InputError for a file that cannot be read, and SigningError
    without c2pa-python.
    """
    if not path.is_file():
        raise InputError(f"There is no file {make_printable(path)}.", hint="Check the path.")
    c2pa = load_c2pa()
    media_type = find_media_type(path)
    if not media_type:
        return _without_manifest(path, "C2PA has no way to sign this kind of file.")
    own = machine_certificate.read_machine_chain()
    context = c2pa.Context(c2pa.Settings.from_dict(_make_settings([own, *anchors])))
    failure, beside = "", find_manifests(path)
    for manifest in (None, *beside):
        try:
            with path.open("rb") as file:
                data = () if manifest is None else (_read_manifest(manifest),)
                with c2pa.Reader(media_type, file, *data, context=context) as reader:
                    return _judge(path, json.loads(reader.json()), manifest, own)
        except OSError as error:
            raise InputError(
                f"{make_printable(path)} cannot be read: {error.strerror}.", hint="Check its permissions."
            ) from error
        except c2pa.C2paError as error:
            failure = "" if "ManifestNotFound" in type(error).__name__ else failure or str(error)
    if beside or holds_manifest(path):
        what = failure.removeprefix("Other: ")[:200] or "its place in the file was overwritten"
        return Verdict(str(path), State.CHANGED, problems=(f"The manifest cannot be read: {what}.",))
    return _without_manifest(path, "It is not a file of the kind that its name says." if failure else "")


def find_manifests(path: Path) -> list[Path]:
    """Return the files that may hold this file's manifest: beside it, and in the project that it is of."""
    found = [path.with_suffix(SUFFIX)]
    whole = path.resolve()
    for folder in whole.parents:
        if (folder / "deliver").is_dir() and find_home(folder).suffix == ".rythmo":
            inside = whole.relative_to(folder).with_suffix(SUFFIX)
            found += sorted((folder / "deliver").glob(f"*/{FOLDER}/{inside.as_posix()}"))
    return [manifest for manifest in found if manifest.is_file()]


def _without_manifest(path: Path, why: str) -> Verdict:
    return Verdict(str(path), State.UNSIGNED, problems=(why,) if why else ())


def _read_manifest(path: Path) -> bytes:
    if path.stat().st_size > _MOST_MANIFEST_BYTES:
        raise InputError(f"{make_printable(path)} is far too large for a manifest.", hint="Delete it.")
    return path.read_bytes()


def _make_settings(anchors: Sequence[str]) -> dict[str, Any]:
    """Return settings under which nothing is asked over the network."""
    known = "\n".join(anchor for anchor in anchors if anchor)
    return {
        "trust": {"user_anchors": known} if known else {},
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    }


def holds_manifest(path: Path) -> bool:
    """Tell whether the file holds a manifest store, wherever in it and in whatever state."""
    with (
        suppress(OSError, ValueError),  # an empty file cannot be mapped
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return content.find(_MARK) >= 0
    return False


def _judge(path: Path, store: Mapping[str, Any], manifest: Path | None, own: str) -> Verdict:
    manifests = store.get("manifests", {})
    active = manifests.get(store.get("active_manifest", ""), {})
    broken = _list_faults(store.get("validation_results", {}))
    known = store.get("validation_state") == "Trusted"
    state = State.VALID if known else State.UNKNOWN_SIGNER
    signature = active.get("signature_info", {})
    facts = _find_assertion(active, LABEL)
    actions = [
        action
        for name in ("c2pa.actions.v2", "c2pa.actions")
        for action in _find_assertion(active, name).get("actions", ())
    ]
    return Verdict(
        str(path),
        State.CHANGED if broken or store.get("validation_state") == "Invalid" else state,
        signer=", ".join(filter(None, (signature.get("issuer"), signature.get("common_name")))),
        own=known and _is_own(signature.get("cert_serial_number", ""), own),
        signed_at=signature.get("time", ""),
        time_known=_is_time_known(store.get("validation_results", {})),
        source_type=_find_source_type(actions),
        program=_describe_program(active),
        actions=tuple(action["action"] for action in actions),
        ancestors=tuple(_list_ancestors(active, manifests)),
        facts=facts,
        beside=str(manifest) if manifest else "",
        problems=tuple(dict.fromkeys(_MEANINGS.get(code, f"It fails a check: {code}.") for code in broken)),
    )


def _list_faults(results: Mapping[str, Any]) -> list[str]:
    """List the codes of the checks that a manifest failed. That nobody vouches for its signer is none."""
    failures = results.get("activeManifest", {}).get("failure", ())
    return [str(entry["code"]) for entry in failures if entry["code"] != _UNTRUSTED]


def _is_time_known(results: Mapping[str, Any]) -> bool:
    successes = results.get("activeManifest", {}).get("success", ())
    return any(entry["code"] == "timeStamp.trusted" for entry in successes)


def _is_own(serial: str, chain: str) -> bool:
    from cryptography import x509

    with suppress(ValueError):
        return serial == str(x509.load_pem_x509_certificate(chain.encode()).serial_number)
    return False


def _find_assertion(manifest: Mapping[str, Any], label: str) -> Mapping[str, Any]:
    for assertion in manifest.get("assertions", ()):
        if assertion.get("label") == label and isinstance(assertion.get("data"), Mapping):
            return dict(assertion["data"])
    return {}


def _find_source_type(actions: Sequence[Mapping[str, Any]]) -> str:
    """Return the last part of the digital source type, such as "trainedAlgorithmicMedia"."""
    types = [str(action["digitalSourceType"]) for action in actions if action.get("digitalSourceType")]
    return types[-1].rstrip("/").rsplit("/", 1)[-1] if types else ""


def _describe_program(manifest: Mapping[str, Any]) -> str:
    programs: Sequence[Mapping[str, Any]] = manifest.get("claim_generator_info") or ({},)
    return f"{programs[0].get('name', '')} {programs[0].get('version', '')}".strip()


def _list_ancestors(
    manifest: Mapping[str, Any], manifests: Mapping[str, Any], depth: int = 1
) -> list[Ancestor]:
    """List what a manifest's file was made from, and what those files were made from in their turn."""
    found: list[Ancestor] = []
    for ingredient in manifest.get("ingredients", ()) if depth <= _DEEPEST else ():
        above = manifests.get(ingredient.get("active_manifest", ""), {})
        digest = str(ingredient.get("description", "")).removeprefix("sha256 ")
        found.append(
            Ancestor(
                ingredient.get("title", ""),
                ingredient.get("relationship", ""),
                depth,
                digest,
                signed=bool(above),
                changed=bool(_list_faults(ingredient.get("validation_results", {}))),
            )
        )
        found += _list_ancestors(above, manifests, depth + 1)
    return found
