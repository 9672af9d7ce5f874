"""Numbered datagrams with the moment of their sending, to the port of 127.0.0.1 that is named: late_datagrams.py HOW PORT COUNT.

HOW is asyncio (a hundred at a time, then the peer's answer is waited for), selectors, close, exit, exec or fork: what happens
right behind the last one.
"""
import asyncio
import os
import selectors
import socket
import struct
import sys
import time

how, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
peer = ("127.0.0.1", port)


def datagram(n):
    return struct.pack("<QQ", n, time.clock_gettime_ns(time.CLOCK_MONOTONIC))


class Talk(asyncio.DatagramProtocol):
    def __init__(self):
        self.answers = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.answers.put_nowait(data)

    def error_received(self, exc):
        raise exc


async def talk():
    loop = asyncio.get_running_loop()
    transport, talk = await loop.create_datagram_endpoint(Talk, remote_addr=peer)
    for n in range(count):
        transport.sendto(datagram(n))
        if n % 100 == 99:
            await talk.answers.get()
    transport.close()


if how == "asyncio":
    asyncio.run(talk())
    sys.exit(0)

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
if how == "selectors":
    waits = selectors.DefaultSelector()
    waits.register(s, selectors.EVENT_READ)
    for n in range(count):
        assert s.sendto(datagram(n), peer) == 16
        assert s.getsockname()[1] != 0
        if n % 100 == 99:
            assert waits.select(60)
            s.recv(16)
    sys.exit(0)
copy = s.dup() if how == "dup" else None
for n in range(count):
    s.sendto(datagram(n), peer)
if how == "close":
    s.close()
    time.sleep(0.2)
elif how == "dup":
    s.close()
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    time.sleep(2.5)
elif how == "fork":
    child = os.fork()
    if child == 0:
        s.close()
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(2.5)
elif how == "exec":
    os.execv("/bin/true", ["true"])
