"""A server that answers by the hash of what it is asked, as a model at temperature 0 would."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers:
    """`asked` counts the questions by hash; they have been answered, or were about to be."""

    def __init__(self, seconds: float) -> None:
        self.asked: Counter[str] = Counter()
        self.url = ""
        self._seconds, self._lock = seconds, threading.Lock()

    def answer(self, question: bytes) -> bytes:
        digest = hashlib.sha256(question).hexdigest()
        with self._lock:
            self.asked[digest] += 1
        time.sleep(self._seconds * (0.5 + int(digest[:2], 16) / 255))
        return json.dumps({"answer": digest, "usd": 0.001 * (1 + int(digest[2], 16))}).encode()


@contextmanager
def serving(seconds: float) -> Iterator[Answers]:
    answers = Answers(seconds)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            question = self.rfile.read(length)
            if len(question) < length:  # killed while it asked: no question
                return
            body = answers.answer(question)
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # who asked has been killed
                return

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    answers.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
