#!/usr/bin/env python3
"""Unit tests of a downloader that stands on http.client: the server is fine, the network is not.

Run: socklens run -q -o /dev/null python3 http_faults.py, or LD_PRELOAD=libsocklens.so python3 http_faults.py. Without the
library every test is skipped.
"""

import http.client
import http.server
import threading
import unittest

from socklens_faults import Error, available, faults

BODY = bytes(range(256)) * 800  # 200 KB


class Downloader:
    """Fetches a file; after a failure it asks for the rest."""

    def __init__(self, address, tries=5):
        self.address, self.tries, self.failures = address, tries, []

    def get(self, path):
        have = b""
        while True:
            try:
                return have + self._once(path, have)
            except (ConnectionRefusedError, ConnectionResetError, http.client.IncompleteRead) as e:
                have += getattr(e, "partial", b"")
                self.failures.append(type(e).__name__)
                if len(self.failures) == self.tries:
                    raise

    def _once(self, path, have):
        connection = http.client.HTTPConnection(*self.address, timeout=10)
        try:
            connection.request("GET", path, headers={"Range": f"bytes={len(have)}-"})
            response = connection.getresponse()
            parts = []
            try:
                while part := response.read1(16384):
                    parts.append(part)
            except ConnectionResetError:
                raise http.client.IncompleteRead(b"".join(parts)) from None
            body = b"".join(parts)
            if len(body) < int(response.headers["Content-Length"]):
                raise http.client.IncompleteRead(body)
            return body
        finally:
            connection.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        rest = BODY[int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) :]
        self.send_response(206)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)

    def log_message(self, *_):
        pass


@unittest.skipUnless(available(), "socklens is not in this process")
class DownloaderTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cls.server.handle_error = lambda *_: None
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()

    def setUp(self):
        self.client = Downloader(self.server.server_address)

    def test_refused_twice(self):
        with faults("connect @n=1..2 : refuse") as f:
            self.assertEqual(self.client.get("/"), BODY)
        self.assertEqual(f.fired(), 2)
        self.assertEqual(self.client.failures, ["ConnectionRefusedError"] * 2)

    def test_always_refused(self):
        with faults("connect : refuse") as f, self.assertRaises(ConnectionRefusedError):
            self.client.get("/")
        self.assertEqual(f.fired(), 5)

    def test_reset_in_mid_body(self):
        with faults("in @bytes=64K : reset") as f:
            self.assertEqual(self.client.get("/"), BODY)
        self.assertEqual(f.fired(), 3)
        self.assertEqual(self.client.failures, ["IncompleteRead"] * 3)

    def test_end_of_file_in_mid_body(self):
        with faults("in @bytes=100000 @scope=process @once : eof") as f:
            self.assertEqual(self.client.get("/"), BODY)
        self.assertEqual(f.fired(), 1)
        self.assertEqual(self.client.failures, ["IncompleteRead"])

    def test_bytes_trickle_in(self):
        with faults("in : short 1..700") as f:
            self.assertEqual(self.client.get("/"), BODY)
        self.assertGreater(f.fired(), 100)
        self.assertEqual(self.client.failures, [])

    def test_other_threads_notice_nothing(self):
        def get(result):
            result.append(Downloader(self.server.server_address).get("/"))

        result = []
        with faults("connect : refuse") as f:
            thread = threading.Thread(target=get, args=[result])
            thread.start()
            thread.join()
        self.assertEqual((result, f.fired()), ([BODY], 0))

    def test_a_wrong_rule_is_explained(self):
        with self.assertRaisesRegex(Error, "did you mean `refuse`"), faults("connect : refuze"):
            pass


if __name__ == "__main__":
    unittest.main(verbosity=2)
