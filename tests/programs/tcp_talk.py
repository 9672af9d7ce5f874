"""A TCP server and four clients in threads, with every kind of call that Python's socket module makes."""
import hashlib
import select
import socket
import threading

DATA = bytes(range(256)) * 400


def serve(listener, results):
    for _ in range(4):
        conn, _ = listener.accept()
        with conn:
            conn.settimeout(20)
            digest = hashlib.sha256()
            while chunk := conn.recv(4096):
                digest.update(chunk)
            conn.sendall(digest.hexdigest().encode())
            conn.shutdown(socket.SHUT_RDWR)
        results.append(digest.hexdigest())


def client(port, answers):
    with socket.create_connection(("localhost", port), timeout=20) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(DATA)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := s.recv(100):
            answer += chunk
        answers.append(answer.decode())


with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
    results, answers = [], []
    server = threading.Thread(target=serve, args=(listener, results))
    server.start()
    clients = [threading.Thread(target=client, args=(port, answers)) for _ in range(4)]
    for t in clients:
        t.start()
    for t in clients + [server]:
        t.join()

expected = hashlib.sha256(DATA).hexdigest()
print(results == [expected] * 4, answers == [expected] * 4)

a, b = socket.socketpair()
socket.send_fds(a, [b"here"], [a.fileno()])
message, fds, _, _ = socket.recv_fds(b, 10, 1)
print(message, len(fds))
poll = select.poll()
poll.register(b, select.POLLIN)
a.send(b"x")
print(poll.poll(1000)[0][1] == select.POLLIN, b.recv(1))
try:
    socket.create_connection(("127.0.0.1", 1), timeout=5)
except ConnectionRefusedError as e:
    print(e)
