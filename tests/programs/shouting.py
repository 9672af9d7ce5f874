"""An asyncio server: answers each line in capitals, after its length."""
import asyncio
import sys


async def serve(reader, writer):
    while line := await reader.readline():
        text = line.rstrip(b"\n").upper()
        writer.write(b"%d %s\n" % (len(text), text))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
