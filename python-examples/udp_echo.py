#!/usr/bin/env python3
"""A UDP echo server and its client, in one process: a datagram is one sendto and one recvfrom.

Run: python3 udp_echo.py
"""

import socket


def main():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        server.bind(("127.0.0.1", 0))
        for message in (b"one", b"two words", b""):
            client.sendto(message, server.getsockname())
            data, sender = server.recvfrom(1024)
            server.sendto(data.upper(), sender)
            answer, _ = client.recvfrom(1024)
            print("sent", message, "received", answer)
        # Three bytes of room for a datagram of five: the rest is gone, and nobody says so.
        client.sendto(b"short", server.getsockname())
        print("cut to", server.recvfrom(3)[0])


main()
