#!/usr/bin/env python3
"""A server with a thread, or a process, for each client: tcp_servers.py threads|processes

Three clients connect one after the other, all stay connected, and are answered. Run: python3 tcp_servers.py threads
"""

import os
import socket
import sys
import threading

CLIENTS = 3


def answer(connection):
    with connection:
        while data := connection.recv(1024):
            connection.sendall(data.upper())


def serve(listener, processes):
    workers = []
    for _ in range(CLIENTS):
        connection, _ = listener.accept()
        if processes:
            child = os.fork()
            if child == 0:
                listener.close()
                answer(connection)
                os._exit(0)
            # While the parent keeps its copy, the client never sees the end of file.
            connection.close()
            workers.append(child)
        else:
            worker = threading.Thread(target=answer, args=(connection,))
            worker.start()
            workers.append(worker)
    listener.close()
    for worker in workers:
        if processes:
            os.waitpid(worker, 0)
        else:
            worker.join()


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("threads", "processes"):
        sys.exit("usage: tcp_servers.py threads|processes")
    listener = socket.create_server(("127.0.0.1", 0), backlog=CLIENTS)
    address = listener.getsockname()
    child = os.fork()
    if child == 0:
        serve(listener, sys.argv[1] == "processes")
        os._exit(0)
    listener.close()
    clients = [socket.create_connection(address, timeout=10) for _ in range(CLIENTS)]
    for number, client in enumerate(clients):
        client.sendall(b"client %d" % number)
        print(client.recv(1024).decode())
    for client in clients:
        client.close()
    print("server's status:", os.waitpid(child, 0)[1])


main()
