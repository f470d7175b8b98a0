"""Stands for a worker that another process forks: `forked_worker.py SOCKET ARGUMENT...`.

Starting Python with all that a worker loads takes two seconds of processor, hundreds of times. This process
hands its standard streams, folder and environment to the process behind the socket, which forks the worker
(see worker_nursery.py), and lives as long as that does. When it is killed, the worker kills itself.
"""

import json
import os
import socket
import sys


def stand_in(address: str, words: list[str]) -> None:
    """Have a worker forked with these arguments, and return when it has ended."""
    handed = json.dumps([words, os.getcwd(), dict(os.environ)]).encode()  # noqa: PTH109 - pathlib takes long to load
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(address)
        socket.send_fds(link, [len(handed).to_bytes(4, "big")], [0, 1, 2])
        link.sendall(handed)
        for number in (0, 1):
            os.close(number)  # their other ends must see it when the worker ends
        link.recv(1)


if __name__ == "__main__":
    stand_in(sys.argv[1], sys.argv[2:])
