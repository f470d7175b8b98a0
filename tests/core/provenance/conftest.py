"""A signer with this machine's certificate, sounds and a film to sign, and certificates like a studio's."""

from __future__ import annotations

import numpy as np
import pytest
import toy
from studio_certificate import write_studio

from rythmo.media.bwf import Bext, BwfWriter, build_ixml
from rythmo.provenance.claims import Claim
from rythmo.provenance.kept_signatures import open_kept
from rythmo.provenance.machine_certificate import load_machine_credentials
from rythmo.provenance.signing import Signer

pytest.importorskip("c2pa")


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A toy film at 23.976 with a timecode; never changed."""
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture
def wave(tmp_path):
    """A second of noise as Broadcast WAV with bext and iXML."""
    noise = np.random.default_rng(5).integers(-(2**20), 2**20, (2, 48_000)).astype(np.int32)
    path = tmp_path / "take.wav"
    bext = Bext(description="S1_0001", time_reference=172_800_000)
    with BwfWriter(path, 48_000, 2, bext, build_ixml(take="S1_0001"), length=48_000) as out:
        out.write(noise)
    return path


@pytest.fixture
def signer(tmp_path):
    (tmp_path / "scratch").mkdir()
    with open_kept(tmp_path / "kept") as kept:
        yield Signer(load_machine_credentials(), kept, tmp_path / "scratch")


@pytest.fixture
def claim():
    return Claim("take.wav", "trainedAlgorithmicMedia", ("Rythmo", "9"), ("kokoro", "1.0"), {"lines": []})


@pytest.fixture
def studio(tmp_path):
    """Writes a certificate chain and a key as a studio has them; returns their paths and the issuer's."""
    return lambda **options: write_studio(tmp_path / "studio", **options)
