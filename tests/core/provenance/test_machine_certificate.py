"""The certificate made on this machine: private, lasting, and made once."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from rythmo.errors import SigningError
from rythmo.provenance.credentials import load_credentials
from rythmo.provenance.machine_certificate import CHAIN, KEY, load_machine_credentials, read_machine_chain


def test_it_is_made_once_also_by_many_at_the_same_time(tmp_path):
    folder = tmp_path / "home" / "signing"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load_machine_credentials(folder), range(16)))
    assert len({one.fingerprint for one in made}) == 1
    assert made[0].own
    assert made[0].algorithm == "es256"
    assert sorted(path.name for path in folder.parent.iterdir()) == [".signing.lock", "signing"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_only_its_owner_can_read_it(tmp_path):
    folder = tmp_path / "signing"
    load_machine_credentials(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in (KEY, CHAIN)} == {0o600}


def test_it_outlives_a_film_and_passes_the_checks_of_a_certificate_of_ones_own(tmp_path):
    load_machine_credentials(tmp_path / "signing")
    pair = [str(tmp_path / "signing" / name) for name in (CHAIN, KEY)]
    assert load_credentials(*pair).algorithm == "es256"
    signer, issuer = x509.load_pem_x509_certificates((tmp_path / "signing" / CHAIN).read_bytes())
    assert signer.not_valid_after_utc > datetime.now(tz=UTC) + timedelta(days=15 * 365)
    signer.verify_directly_issued_by(issuer)


def test_two_machines_differ_and_neither_tells_its_name(tmp_path):
    one, other = (load_machine_credentials(tmp_path / name) for name in "ab")
    assert one.name != other.name
    assert one.fingerprint != other.fingerprint
    assert one.name.startswith("Rythmo (self-made certificate), machine ")


def test_a_damaged_one_is_named_and_not_replaced(tmp_path):
    folder = tmp_path / "signing"
    load_machine_credentials(folder)
    (folder / KEY).write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(SigningError, match="is damaged"):
        load_machine_credentials(folder)
    assert read_machine_chain(folder).startswith("-----BEGIN CERTIFICATE-----")
    assert read_machine_chain(tmp_path / "none") == ""
