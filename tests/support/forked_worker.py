"""Stands for a worker that service_to_interrupt.py forks: `forked_worker.py SOCKET BILL LOCK`.

Starting Python with all that a worker loads takes a second, hundreds of times. This process hands its
standard streams to the process behind the socket, which forks the worker, and lives as long as that does.
When it is killed, the worker kills itself.
"""

import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as link:
    link.connect(sys.argv[1])
    socket.send_fds(link, ["\0".join(sys.argv[2:]).encode()], [0, 1, 2])
    for number in (0, 1):
        os.close(number)  # their other ends must see it when the worker ends
    link.recv(1)
