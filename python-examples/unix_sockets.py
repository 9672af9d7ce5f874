#!/usr/bin/env python3
"""Unix sockets: a path, a pair, and a descriptor that travels through one.

Run: python3 unix_sockets.py
"""

import os
import socket
import tempfile


def path():
    with tempfile.TemporaryDirectory() as directory:
        name = os.path.join(directory, "socket")
        with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.bind(name)
            listener.listen(1)
            client.connect(name)
            server, _ = listener.accept()
            with server:
                client.sendall(b"hello")
                print("by path:", server.recv(16))


def pass_a_descriptor():
    left, right = socket.socketpair()
    reader, writer = os.pipe()
    with left, right:
        socket.send_fds(left, [b"here it is"], [writer])
        message, descriptors, _, _ = socket.recv_fds(right, 64, 1)
        os.write(descriptors[0], b"through the other's pipe")
        print("passed with", message, "gives", os.read(reader, 64))
        for descriptor in (reader, writer, *descriptors):
            os.close(descriptor)


path()
pass_a_descriptor()
