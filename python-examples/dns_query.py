#!/usr/bin/env python3
"""A program with a DNS resolver of its own, as many have: it asks the name server directly over UDP.

    dns_query.py NAME SERVER [PORT]

Prints the answer's code and how many addresses came. Run: python3 dns_query.py example.org 192.0.2.53
"""

import socket
import struct
import sys


def main():
    name, server, port = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 53
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
    query = struct.pack("!6H", 0x1234, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        s.connect((server, port))
        s.send(query)
        try:
            answer = s.recv(512)
        except OSError as error:
            print("no answer:", error.strerror or error)
            return
    _, flags, _, answers, _, _ = struct.unpack("!6H", answer[:12])
    print("code", flags & 15, "answers", answers)


main()
