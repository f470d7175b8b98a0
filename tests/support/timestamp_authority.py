"""A timestamp authority on loopback that makes real tokens (RFC 3161), by OpenSSL's command."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")
_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/issuer.pem
signer_key = {folder}/tsa-key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def write_authority(folder: Path) -> Path:
    """Write the authority's key, certificates and configuration; return the issuer's certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    folder.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    issuer, own = (rsa.generate_private_key(65537, 2048) for _ in range(2))

    def certify(name, public, *, ca):
        names = [
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, "Example TSA CA")
        ]
        made = (
            x509.CertificateBuilder(names[1], names[0], public, x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=300))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(
                x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False
            )
        )
        if not ca:
            made = made.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        return made.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "issuer.pem").write_bytes(certify("Example TSA CA", issuer.public_key(), ca=True))
    (folder / "tsa.pem").write_bytes(certify("Example TSA", own.public_key(), ca=False))
    (folder / "tsa-key.pem").write_bytes(own.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder.as_posix()))
    return folder / "issuer.pem"


@contextmanager
def timestamping(folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Answer requests as long as the block lasts; yield the address, and the requests as they come."""
    write_authority(folder)
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(query)
            (folder / "query.tsq").write_bytes(query)
            words = [
                OPENSSL,
                "ts",
                "-reply",
                "-config",
                folder / "tsa.cnf",
                "-queryfile",
                folder / "query.tsq",
            ]
            made = subprocess.run([*words, "-out", folder / "reply.tsr"], capture_output=True, check=False)
            if made.returncode:
                return self.send_error(500)
            reply = (folder / "reply.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)
            return None

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
