"""The pages of the demo's shop on a port of their own, with a cart to write to, and the pixel's
snippet with the options that a test sets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

from deploy.shop import pages


class Shop:
    """What the shop serves. Each `open` is a new shop to the browser: a host of its own, hence no
    cookies of another test."""

    def __init__(self, port: int, gateway_url: str) -> None:
        self._hosts = count(1)
        self.port = port
        self.gateway_url = gateway_url
        self.options: dict[str, Any] = {}
        self.before = ""
        self.files: dict[str, bytes] = {}
        self.carts: list[dict[str, str]] = []
        self.host = ""

    def open(self, key: str, *, before: str = "", **options: Any) -> None:
        """Serve from now on with these options; `before` is a script ahead of the snippet."""
        self.host = f"www.shop{next(self._hosts)}.localhost"
        self.options = {"key": key, "endpoint": self.gateway_url, **options}
        self.before = before
        self.files = {}
        self.carts = []

    def url(self, path: str) -> str:
        """A page of the shop."""
        return f"http://{self.host}:{self.port}{path}"

    def elsewhere(self, landing: str) -> str:
        """A page of somebody else that links to the landing page."""
        return f"http://search.example.localhost:{self.port}/elsewhere.html#{landing}"

    @property
    def snippet(self) -> str:
        """What a shop pastes into its pages."""
        return pages.snippet(self.options, before=self.before)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Kind and content of a file."""
        if path == "/snippet.js":
            return pages.KINDS[".js"], self.snippet.encode()
        if path == "/attributary-here.js":
            # The real file comes from the gateway, as it does in a shop.
            return pages.KINDS[".js"], pages.loader(self.gateway_url).encode()
        if path in self.files:
            return pages.KINDS[Path(path).suffix], self.files[path]
        return pages.file(path)


@contextmanager
def serving(gateway_url: str) -> Iterator[Shop]:
    """The shop, open until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = shop.answer(self.path.partition("?")[0])
            self._reply(*(found or ("text/plain", b"nothing")), status=200 if found else 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/cart/update.js":
                shop.carts.append(json.loads(body)["attributes"])
            self._reply("application/json", b"{}", status=200)

        def _reply(self, kind: str, content: bytes, *, status: int) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is written to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop = Shop(server.server_port, gateway_url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
