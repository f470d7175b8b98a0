"""The choice of the set `recommended` by the machine's cores, memory and GPU memory."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from rythmo.models.catalog import Catalog, catalog

_ASK_SECONDS = 10
# A Mac's GPU shares the main memory; about this part of it is available to a model.
_SHARED_PART = 0.5


@dataclass(frozen=True, slots=True)
class Machine:
    """The properties of a machine that decide which models suit it; sizes in units of 1024**3 bytes."""

    cores: int
    memory_gb: float
    gpu_gb: float = 0.0
    gpu_name: str = ""

    def describe(self) -> str:
        """Return the machine's description in one line."""
        gpu = (
            f", {self.gpu_name} with {self.gpu_gb:.0f} GB" if self.gpu_gb else ", no GPU that models can use"
        )
        return f"{self.cores} processor cores, {self.memory_gb:.0f} GB of memory{gpu}"


def choose_models(machine: Machine, table: Catalog | None = None) -> tuple[str, ...]:
    """Return the names of the models that suit the machine best."""
    for entry in (table or catalog()).recommended:
        enough = machine.cores >= entry.cores and machine.memory_gb >= entry.memory_gb
        if enough and machine.gpu_gb >= entry.gpu_gb:
            return entry.models
    return ()


@cache
def look_at_machine() -> Machine:
    """Inspect this machine. NVIDIA's own program reports the GPU; Apple's chips share their memory with
    it."""
    memory = _count_memory_gb()
    name, gpu = _ask_nvidia()
    if not gpu and sys.platform == "darwin" and platform.machine() == "arm64":
        name, gpu = "Apple's GPU", memory * _SHARED_PART
    return Machine(_count_cores(), memory, gpu, name)


def _count_cores() -> int:
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _count_memory_gb() -> float:
    if sys.platform == "win32":
        return _count_memory_on_windows()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError):
        return 0.0


def _count_memory_on_windows() -> float:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        )

    status = Status(length=ctypes.sizeof(Status))
    windows = getattr(ctypes, "windll")  # noqa: B009 - only there on Windows
    return status.total / 2**30 if windows.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else 0.0


def _ask_nvidia() -> tuple[str, float]:
    """Return name and memory of the largest NVIDIA GPU; ("", 0.0) when there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "", 0.0
    try:
        answer = subprocess.run(  # noqa: S603 - the program that PATH names, and no user's text
            [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", 0.0
    found = [("", 0.0)]
    for line in answer.stdout.splitlines() if answer.returncode == 0 else ():
        name, _, megabytes = line.rpartition(",")
        if megabytes.strip().isdigit():
            found.append((name.strip(), int(megabytes) / 1024))
    return max(found, key=lambda gpu: gpu[1])
