# SPDX-License-Identifier: Apache-2.0
"""A web server that asks every client for a Kerberos ticket and never looks at it."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class NegotiateHandler(BaseHTTPRequestHandler):
    """Answers 401 Negotiate until the client sends a token; takes uploads and drops them."""

    def do_GET(self):
        """Serve a page to whoever brings a token."""
        self._read_body()
        authorised = self.headers.get("Authorization", "").startswith("Negotiate ")
        self.send_response(200 if authorised else 401)
        if not authorised:
            self.send_header("WWW-Authenticate", "Negotiate")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def do_POST(self):
        """Take an upload."""
        self._read_body()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST

    def log_message(self, format, *args):
        """Keep quiet."""

    def _read_body(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), NegotiateHandler).serve_forever()
