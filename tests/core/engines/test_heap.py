"""Tests for the C library's heaps: the memory that threads have freed does not stay with the process."""

import subprocess
import sys

import pytest

from rythmo.executors import count_cores

PROGRAM = """
import ctypes, re, sys, threading
from rythmo.engines.local.heap import limit_heaps
if sys.argv[1] == "limited":
    limit_heaps()
together = threading.Barrier(24)
def work():
    ctypes.CDLL(None).malloc(1000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
for one in threads: one.start()
for one in threads: one.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
sys.stdout.flush()
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def count_heaps(how: str) -> int:
    told = subprocess.run([sys.executable, "-c", PROGRAM, how], check=True, capture_output=True, text=True)
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has a heap for each thread")
def test_threads_share_as_many_heaps_as_there_are_cores():
    assert count_heaps("limited") <= max(2, count_cores()) < count_heaps("as it is")
