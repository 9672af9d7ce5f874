"""Children by subprocess (vfork), multiprocessing (fork and spawn), os.system and asyncio, each with sockets."""
import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys

CHILD = "import socket; a, b = socket.socketpair(); a.send(b'child'); print(b.recv(9).decode())"


def work(queue):
    a, b = socket.socketpair()
    a.send(b"worker")
    queue.put(b.recv(10).decode())


async def echo():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello asyncio\n")
    answer = await reader.readline()
    writer.close()
    server.close()
    return answer.decode().strip()


if __name__ == "__main__":
    print(subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True).stdout.strip())
    print(subprocess.run([sys.executable, "-c", CHILD], env={}, close_fds=True, capture_output=True, text=True).stdout.strip())
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        queue = context.Queue()
        process = context.Process(target=work, args=(queue,))
        process.start()
        print(method, queue.get(timeout=30))
        process.join()
    sys.stdout.flush()
    print(os.system(f"{sys.executable} -c \"{CHILD}\""))
    print(asyncio.run(echo()))
