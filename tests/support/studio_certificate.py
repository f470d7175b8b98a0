"""A certificate as a studio has it, with the certificate of its issuer and its key."""

from __future__ import annotations

import datetime as dt
from pathlib import Path


def write_studio(
    folder: Path, *, key=None, usages=("1.3.6.1.5.5.7.3.4",), days=(-1, 300), passphrase=None
) -> tuple[Path, Path, Path]:
    """Write the chain, the key and the issuer's certificate; returns their paths."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    issuer, key = ec.generate_private_key(ec.SECP256R1()), key or ec.generate_private_key(ec.SECP384R1())

    def certify(name, public, *, ca):
        named = [x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, n)]) for n in (name, "Example CA")]
        made = (
            x509.CertificateBuilder(named[1], named[0], public, x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=days[0]))
            .not_valid_after(now + dt.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(
                x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
            )
        )
        if not ca and usages:
            wanted = [x509.ObjectIdentifier(usage) for usage in usages]
            made = made.add_extension(x509.ExtendedKeyUsage(wanted), critical=False)
        return made.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    top = certify("Example CA", issuer.public_key(), ca=True)
    lock = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    files = {
        "studio.pem": certify("Studio Example", key.public_key(), ca=False) + top,
        "issuer.pem": top,
        "key.pem": key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in ("studio.pem", "key.pem", "issuer.pem"))
