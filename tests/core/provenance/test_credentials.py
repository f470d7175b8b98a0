"""Certificates and keys of one's own: those that sign, and those that are refused beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from rythmo.errors import UsageError
from rythmo.provenance.credentials import PASSPHRASE, load_credentials
from rythmo.provenance.reading import read_provenance
from rythmo.provenance.verdict import State


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "es256"),
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (ec.generate_private_key(ec.SECP521R1()), "es512"),
        (ed25519.Ed25519PrivateKey.generate(), "ed25519"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
    ],
)
def test_every_kind_of_key_that_c2pa_knows_signs(signer, studio, wave, claim, key, algorithm):

    certificate, file, issuer = studio(key=key)
    credentials = load_credentials(str(certificate), str(file))
    assert (credentials.algorithm, credentials.name, credentials.own) == (algorithm, "Studio Example", False)
    replace(signer, credentials=credentials).sign_inside(wave, claim)
    assert read_provenance(wave).state is State.UNKNOWN_SIGNER
    known = read_provenance(wave, [issuer.read_text()])
    assert (known.state, known.signer, known.own) == (State.VALID, "Studio Example", False)


def test_the_key_may_be_text_and_is_not_in_what_is_printed(studio):
    certificate, key, _ = studio()
    credentials = load_credentials(str(certificate), key.read_text())
    assert "PRIVATE" in credentials.key
    assert "PRIVATE" not in repr(credentials)


def test_an_encrypted_key_needs_its_passphrase(studio, monkeypatch):
    certificate, key, _ = studio(passphrase="a long one")
    with pytest.raises(UsageError, match="The key is encrypted") as caught:
        load_credentials(str(certificate), str(key))
    assert PASSPHRASE in caught.value.hint
    monkeypatch.setenv(PASSPHRASE, "another")
    with pytest.raises(UsageError, match="passphrase is wrong"):
        load_credentials(str(certificate), str(key))
    monkeypatch.setenv(PASSPHRASE, "a long one")
    assert load_credentials(str(certificate), str(key)).algorithm == "es384"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"days": (-300, -1)}, "is valid from"),
        ({"days": (1, 300)}, "is valid from"),
        ({"usages": ()}, "may not sign media"),
        ({"usages": ("1.3.6.1.5.5.7.3.1",)}, "may not sign media"),  # a web server's
        ({"key": dsa.generate_private_key(2048)}, "key of this kind"),
    ],
)
def test_a_certificate_that_readers_would_refuse_is_refused_at_once(studio, options, match):
    certificate, key, _ = studio(**options)
    with pytest.raises(UsageError, match=match):
        load_credentials(str(certificate), str(key))


def test_files_that_are_something_else_are_refused(studio, tmp_path):
    certificate, key, issuer = studio()
    (tmp_path / "noise").write_bytes(b"\xff\x00\x12")
    for pair, match in (
        ((certificate, certificate), "key cannot be used"),
        ((key, key), "not a certificate"),
        ((issuer, key), "not the key of the certificate"),
        ((tmp_path / "none", key), "cannot be read"),
        ((tmp_path / "noise", key), "cannot be read"),
    ):
        with pytest.raises(UsageError, match=match):
            load_credentials(*map(str, pair))
