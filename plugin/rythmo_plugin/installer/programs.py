"""The supported editing programs, and their checks for `rythmo doctor`."""

from __future__ import annotations

from pathlib import Path

from rythmo.cli.doctor import Check
from rythmo.counts import format_count
from rythmo.version import __version__
from rythmo_plugin.installer import parcel as parcels
from rythmo_plugin.installer import premiere, resolve
from rythmo_plugin.installer.machine import this_machine
from rythmo_plugin.installer.parcel import Parcel
from rythmo_plugin.installer.resolve_version import find_version
from rythmo_plugin.service.config import service_home
from rythmo_plugin.service.fusion_prefs import find_prefs_files, find_profiles

NAMES = (resolve.HOST, premiere.HOST)


def home() -> Path:
    """Return the service's folder, which holds its address and token and the records of installations."""
    return service_home()


def make_parcel(host: str) -> Parcel:
    """Make the parcel of a host for this machine. Raises UsageError if the host does not run here."""
    if host == premiere.HOST:
        return premiere.make_parcel(this_machine(), home())
    return resolve.make_parcel(this_machine(), home())


def checks() -> list[Check]:
    """Check each host that exists for this system.

    A host without Rythmo is no fault. Files that are missing, changed, or from another installation are.
    """
    return [_check(host) for host in NAMES if host != premiere.HOST or premiere.is_supported(this_machine())]


def _check(host: str) -> Check:
    record = parcels.read_record(host, home())
    if record is None:
        return Check(host, ok=True, found="not installed", todo=f"`rythmo install {host}`")
    again = f"Install it again: rythmo install {host}"
    if broken := parcels.find_changed_files(record):
        return Check(host, ok=False, found=f"{broken[0]} is missing or was changed", todo=again)
    if record.version != __version__:
        return Check(host, ok=False, found=f"of version {record.version}; this is {__version__}", todo=again)
    if not parcels.was_written_from(record, make_parcel(host)):
        return Check(host, ok=False, found="installed by another installation of Rythmo", todo=again)
    found = f"{format_count(len(record.files), 'file')} in {Path(record.files[0].path).parent}"
    return _check_mailbox(found) if host == resolve.HOST else Check(host, ok=True, found=found)


def _check_mailbox(found: str) -> Check:
    """Say whether the installed Resolve needs the mailbox, and whether its preferences can be found."""
    version = find_version(this_machine())
    if not resolve.needs_mailbox(version):
        return Check(resolve.HOST, ok=True, found=found)
    named = ".".join(map(str, version))
    profiles = find_profiles()
    if find_prefs_files(profiles):
        return Check(
            resolve.HOST,
            ok=True,
            found=f"{found}; Resolve {named}: the free edition's scripts use the mailbox ({profiles})",
            todo="In the free edition, start `rythmo serve` before the script. Studio needs nothing.",
        )
    return Check(
        resolve.HOST,
        ok=False,
        found=f"Resolve {named}: the free edition needs Fusion's preferences, not found in {profiles}",
        todo="Start Resolve once. In Studio, the Python scripts work without them.",
    )
