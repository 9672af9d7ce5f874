#!/usr/bin/env python3
"""A TCP echo server and its client, in two processes.

The client sends two lines, each waited for before the next, and says that it is done by shutdown; the server answers
until then. Run: python3 tcp_echo.py, then socklens run python3 tcp_echo.py
"""

import os
import socket


def serve(listener):
    connection, _ = listener.accept()
    listener.close()
    with connection:
        while data := connection.recv(1024):
            connection.sendall(data)


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1)
    address = listener.getsockname()
    child = os.fork()
    if child == 0:
        serve(listener)
        os._exit(0)
    listener.close()
    with socket.create_connection(address, timeout=10) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in (b"hello\n", b"goodbye\n"):
            client.sendall(line)
            print("received", client.recv(1024))
        client.shutdown(socket.SHUT_WR)
        print("end of file:", client.recv(1024) == b"")
    print("server's status:", os.waitpid(child, 0)[1])


main()
