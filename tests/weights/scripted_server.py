"""A web server on this machine that does what a test says: answers, stalls, cuts, redirects."""

import collections
import contextlib
import http.server
import socket
import struct
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """One answer.

    Args:
        body: What is sent.
        status: The HTTP status.
        headers: Further headers; `Content-Length` is set unless it is here, `None` leaves it out.
        etag: The version; with `ranges`, a Range request is answered where If-Range agrees.
        ranges: Whether Range requests are heeded.
        stop_after: Bytes after which nothing more comes.
        then: What happens there: `"close"`, `"reset"` the connection, or `"wait"` for `release`.
    """

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    etag: str | None = None
    ranges: bool = False
    stop_after: int | None = None
    then: str = "close"


class ScriptedServer:
    """Each path has a list of answers; the last one stays."""

    def __init__(self) -> None:
        self.requests = []
        self.release = threading.Event()
        self._answers = collections.defaultdict(list)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                with contextlib.suppress(ConnectionError):
                    outer._handle(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        poll = {"poll_interval": 0.01}
        threading.Thread(target=self._server.serve_forever, kwargs=poll, daemon=True).start()

    def answer(self, path: str, *answers: Answer) -> str:
        """Scripts a path, and returns its address."""
        self._answers[path] = list(answers)
        return self.url + path

    def gets(self, path: str) -> list:
        """The headers of every request for a path."""
        return [headers for asked, headers in self.requests if asked == path]

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _handle(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.requests.append((handler.path, handler.headers))
        answers = self._answers[handler.path] or [Answer(b"nothing here", 404)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        body, status, headers = answer.body, answer.status, dict(answer.headers)
        asked = handler.headers.get("Range")
        if asked and answer.ranges and handler.headers.get("If-Range") in (None, answer.etag):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            part = body[int(first) : int(last) + 1 if last else None]
            span = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
            headers.setdefault("Content-Range", span)
            body, status = part, 206
        headers.setdefault("Content-Length", len(body))
        headers.setdefault("ETag", answer.etag)
        handler.send_response(status)
        for name, value in headers.items():
            if value is not None:
                handler.send_header(name, str(value))
        handler.end_headers()
        handler.wfile.write(body[: answer.stop_after])
        if answer.stop_after is not None:
            self._stop(handler, body[answer.stop_after :], answer.then)

    def _stop(self, handler, rest: bytes, then: str) -> None:
        handler.wfile.flush()
        if then == "wait":
            self.release.wait(20)
            handler.wfile.write(rest)
        elif then == "reset":
            no_linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
            handler.connection.close()
