"""The certificate that is made on this machine, for everybody who has none of their own.

It proves that files come from one machine and were not changed since. It doesn't prove whose machine that is:
nobody vouches for it, and other programs call its signer unknown. C2PA refuses a signer's certificate that
signed itself, so there are two: an issuer, whose key is thrown away at once, and the signer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from rythmo.errors import SigningError
from rythmo.files import make_output_error, make_printable
from rythmo.provenance.credentials import USAGES, Credentials, fingerprint_certificate, make_credentials
from rythmo.user_folder import find_user_folder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

FOLDER = "signing"
"""In the user's folder; only its owner can read it."""

CHAIN, KEY = "certificate.pem", "key.pem"
ORGANISATION = "Rythmo (self-made certificate)"
# Without a timestamp authority a reader judges the certificate on the day of reading: it must outlive the
# films that it signed.
_VALID_DAYS = 20 * 365


def find_folder() -> Path:
    """Return the folder of this machine's certificate. It may not exist yet."""
    return find_user_folder() / FOLDER


def load_machine_credentials(folder: Path | None = None, timestamp: str = "") -> Credentials:
    """Return this machine's certificate and key, made when they are first needed.

    Raises SigningError for damaged files, and OutputError when they cannot be written.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    folder = folder or find_folder()
    if not (folder / KEY).is_file():
        _make_folder(folder)
    try:
        chain = x509.load_pem_x509_certificates((folder / CHAIN).read_bytes())
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
        return make_credentials(chain, key, own=True, timestamp=timestamp)
    except (OSError, ValueError, TypeError) as error:
        raise SigningError(
            f"The certificate in {make_printable(folder)} is damaged.",
            hint="Delete that folder: another one is made. Files signed before then have an unknown signer.",
        ) from error


def read_machine_chain(folder: Path | None = None) -> str:
    """Return this machine's certificate chain in PEM; "" where none was made or it cannot be read."""
    try:
        return ((folder or find_folder()) / CHAIN).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _make_folder(folder: Path) -> None:
    """Write certificate and key, whole or not at all; another process may do the same at this moment."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            if (folder / KEY).is_file():
                return
            made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # mode 700
            chain, key = _make_pair()
            _write_private(made / CHAIN, chain)
            _write_private(made / KEY, key)
            shutil.rmtree(folder, ignore_errors=True)
            made.replace(folder)
    except OSError as error:
        raise make_output_error(folder, error) from error


def _write_private(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _make_pair() -> tuple[bytes, bytes]:
    """Return a certificate chain and the signer's key, both in PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    issuer, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    top = _certify("issuer", issuer.public_key(), issuer, issuer=True)
    # The name must differ between machines, and say nothing about the machine or its user.
    mark = fingerprint_certificate(top)[:8]
    own = _certify(f"machine {mark}", signer.public_key(), issuer, issuer=False)
    pem = serialization.Encoding.PEM
    key = signer.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return own.public_bytes(pem) + top.public_bytes(pem), key


def _certify(
    name: str, key: EllipticCurvePublicKey, signed_by: EllipticCurvePrivateKey, *, issuer: bool
) -> x509.Certificate:
    """Return a certificate after C2PA's profile, which asks for these extensions."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    # A day of grace, for machines whose clocks are behind.
    start = datetime.now(tz=UTC) - timedelta(days=1)
    above = signed_by.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("issuer"))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=issuer, path_length=0 if issuer else None), critical=True)
        .add_extension(_key_usage(issuer=issuer), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
    )
    if not issuer:
        usages = [x509.ObjectIdentifier(USAGES[0]), x509.ObjectIdentifier(USAGES[2])]
        made = made.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return made.sign(signed_by, hashes.SHA256())


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _key_usage(*, issuer: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not issuer,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuer,
        crl_sign=issuer,
        encipher_only=False,
        decipher_only=False,
    )
