"""The server of README.md's commands: http_server.py PORT. It sends each small answer by one call, serves a small file and one of
20 MB from a directory that it makes, `www`, and leaves its process id in `server.pid`."""
import functools
import http.server
import os
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    wbufsize = 1 << 16
    sys_version = ""


os.makedirs("www", exist_ok=True)
with open("www/index.html", "w") as page:
    page.write("hello\n")
with open("www/big", "w") as big:
    big.truncate(20 << 20)
with open("server.pid", "w") as pid:
    pid.write(str(os.getpid()))
handler = functools.partial(Handler, directory="www")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
