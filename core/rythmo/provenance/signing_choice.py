"""Choose the certificate and key to sign with, from the settings."""

from __future__ import annotations

from rythmo.errors import SigningError
from rythmo.provenance.credentials import Credentials, load_credentials
from rythmo.provenance.library import INSTALL, is_installed
from rythmo.provenance.machine_certificate import load_machine_credentials
from rythmo.provenance.provenance_settings import ProvenanceSettings


def check_signing(settings: ProvenanceSettings) -> None:
    """Check, before any work, that what is asked for can be signed with.

    Raises UsageError for a certificate and key that cannot be used, and SigningError where signing with them
    was asked for and c2pa-python is missing.
    """
    if not settings.sign or not (settings.certificate or settings.key or settings.timestamp):
        return
    if not is_installed():
        raise SigningError("Signing needs c2pa-python.", hint=f"Get it: {INSTALL}")
    if settings.certificate or settings.key:
        load_credentials(settings.certificate, settings.key, settings.timestamp)


def choose_credentials(settings: ProvenanceSettings) -> Credentials:
    """Return the certificate and key to sign with: those of the settings, else those of this machine.

    Raises UsageError, SigningError, OutputError.
    """
    if settings.certificate or settings.key:
        return load_credentials(settings.certificate, settings.key, settings.timestamp)
    return load_machine_credentials(timestamp=settings.timestamp)
