"""The certificate and key that deliveries are signed with: a person's own, or one made on this machine."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rythmo.errors import UsageError
from rythmo.files import make_printable

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PASSPHRASE = "RYTHMO_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
"""The environment variable that holds the passphrase of an encrypted key."""

_PEM = "-----BEGIN"
# The extended key usages that C2PA's certificate profile accepts: e-mail protection, document signing (RFC
# 9336), and C2PA's own claim signing.
USAGES = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1")
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate chain in PEM (the signer's first), its private key in PEM, and who they say signs.

    `fingerprint` is the SHA-256 of the signer's certificate. `own` marks the one that was made on this
    machine. `timestamp` is the address of a timestamp authority; "" asks none.
    """

    chain: str
    key: str = field(repr=False)
    algorithm: str
    name: str
    fingerprint: str
    own: bool = False
    timestamp: str = ""


def load_credentials(certificate: str, key: str, timestamp: str = "") -> Credentials:
    """Load a person's own certificate chain and key.

    Each is the path of a PEM file; the key may also be the PEM text itself, so that it need not lie on the
    disk. An encrypted key needs RYTHMO_KEY_PASSPHRASE in the environment.

    Raises UsageError for files that cannot be read, a key of another certificate, and a certificate that
    expired or may not sign media.
    """
    from cryptography import x509

    chain = _read_pem(certificate, "certificate")
    try:
        certificates = x509.load_pem_x509_certificates(chain.encode())
    except ValueError as error:
        raise UsageError(
            f"{make_printable(certificate)} is not a certificate in PEM.",
            hint="It begins with -----BEGIN CERTIFICATE-----, the signer's first, then those above it.",
        ) from error
    signer, private = certificates[0], _load_key(_read_pem(key, "key"))
    if signer.public_key() != private.public_key():
        raise UsageError(
            "The key is not the key of the certificate.", hint="Give --sign CERT,KEY that belong together."
        )
    _require_usable(signer)
    return make_credentials(certificates, private, timestamp=timestamp)


def make_credentials(
    certificates: list[x509.Certificate], key: PrivateKeyTypes, *, own: bool = False, timestamp: str = ""
) -> Credentials:
    """Return certificates and their key as credentials. Raises UsageError for a kind of key C2PA lacks."""
    from cryptography.hazmat.primitives import serialization

    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Credentials(
        "".join(one.public_bytes(pem).decode() for one in certificates),
        private.decode(),
        _find_algorithm(key),
        describe_holder(certificates[0]),
        fingerprint_certificate(certificates[0]),
        own,
        timestamp,
    )


def fingerprint_certificate(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, 64 hexadecimal digits."""
    from cryptography.hazmat.primitives import serialization

    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def describe_holder(certificate: x509.Certificate) -> str:
    """Return who a certificate says its holder is: the organisation and the common name."""
    from cryptography.x509.oid import NameOID

    parts = [
        str(attribute.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(kind)
    ]
    return ", ".join(dict.fromkeys(parts)) or "a certificate without a name"


def _read_pem(text: str, what: str) -> str:
    if text.lstrip().startswith(_PEM):
        return text
    try:
        return Path(text).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in PEM"
        raise UsageError(
            f"The {what} to sign with, {make_printable(text)}, cannot be read: {reason}.",
            hint="Give --sign CERT,KEY as two PEM files.",
        ) from error


def _load_key(text: str) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    passphrase = os.environ.get(PASSPHRASE)
    try:
        return serialization.load_pem_private_key(text.encode(), passphrase.encode() if passphrase else None)
    except TypeError as error:
        # The library's way of saying that a passphrase is missing, or given for a key without one.
        raise UsageError(
            "The key is encrypted." if passphrase is None else "The key is not encrypted.",
            hint=f"{'Set' if passphrase is None else 'Unset'} {PASSPHRASE} in the environment.",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(
            "The key cannot be used: it is not a private key in PEM, or the passphrase is wrong.",
            hint=f"Check the file, and {PASSPHRASE} for an encrypted one.",
        ) from error


def _find_algorithm(key: PrivateKeyTypes) -> str:
    """Return C2PA's name of the algorithm that this key signs with."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise UsageError(
        "C2PA cannot sign with a key of this kind.", hint="Use ECDSA (P-256, P-384, P-521), Ed25519 or RSA."
    )


def _require_usable(certificate: x509.Certificate) -> None:
    """Raise UsageError for a certificate that readers would refuse, before anything is signed with it."""
    from cryptography import x509

    now = datetime.now(tz=UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise UsageError(
            f"The certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}.",
            hint="Sign with one that is valid today.",
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        usages = {one.dotted_string for one in usage}
    except x509.ExtensionNotFound:
        usages = set()
    if not usages & set(USAGES):
        raise UsageError(
            "The certificate may not sign media: it lacks the extended key usage for it.",
            hint="C2PA takes e-mail protection, document signing or C2PA claim signing.",
        )
