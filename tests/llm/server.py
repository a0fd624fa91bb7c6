"""A server on loopback that speaks the OpenAI chat protocol, well or badly, and keeps a ledger."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-0123456789abcdefSECRET"  # never to be seen in any file or output


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    number: int  # from 1
    body: Mapping[str, Any]
    key: str

    @property
    def prompt(self) -> str:
        return "\n".join(m["content"] for m in self.body["messages"])


@dataclass(frozen=True)
class Reply:
    """What is sent back. `raw` replaces the body; `counted` False leaves usage out."""

    text: str | None = ""
    finish: str = "stop"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    counted: bool = True
    tokens: tuple[int, int] | None = None  # read and written; else a word is a token
    extra: Mapping[str, Any] = field(default_factory=dict)  # merged into the body's top level
    drop: bool = False  # close the connection without an answer
    hold: threading.Event | None = None  # answer only when it is set
    pause: float = 0.0  # seconds before the answer


@dataclass(frozen=True)
class Charge:
    """What the server's owner would put on the bill."""

    tokens_in: int
    tokens_out: int


class Server:
    """Answers by `answer`; `asked` and `ledger` say what happened."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self._answer, self._lock = answer, threading.Lock()
        self.asked: list[Asked] = []
        self.ledger: list[Charge] = []
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = _Quiet(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def usd(self, price_in: float, price_out: float) -> float:
        """All that was charged, at dollars per million tokens."""
        return self.bill(self.ledger, price_in, price_out)

    @staticmethod
    def bill(charges: Sequence[Charge], price_in: float, price_out: float) -> float:
        return sum(c.tokens_in * price_in + c.tokens_out * price_out for c in charges) / 1e6

    def take(self, body: Mapping[str, Any], key: str) -> tuple[Asked, Reply]:
        with self._lock:
            asked = Asked(len(self.asked) + 1, body, key)
            self.asked.append(asked)
        return asked, self._answer(asked)

    def charge(self, asked: Asked, reply: Reply) -> Charge:
        """What a request is charged is written down."""
        words = len(asked.prompt.split()), max(1, len((reply.text or "").split()))
        made = Charge(*(reply.tokens or words))
        with self._lock:
            self.ledger.append(made)
        return made


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has been killed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        raw = self.rfile.read(length)
        if len(raw) < length:  # killed while it asked: no question
            self.close_connection = True
            return
        body = json.loads(raw)
        asked, reply = self.owner.take(body, self.headers.get("Authorization", ""))
        if reply.hold is not None:
            reply.hold.wait(60)
        time.sleep(reply.pause)
        if reply.drop or (reply.hold is not None and not reply.hold.is_set()):
            with contextlib.suppress(OSError):  # whoever asked has gone
                self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        data = reply.raw
        if data is None and reply.status != 200:
            data = json.dumps({"error": {"message": reply.text, **reply.extra}}).encode()
        if data is None:
            charge = self.owner.charge(asked, reply)
            data = json.dumps(_completion(body, reply, charge)).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        with contextlib.suppress(OSError):  # whoever asked has gone
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _completion(body: Mapping[str, Any], reply: Reply, charge: Charge) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body.get("model", "x"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text},
                "finish_reason": reply.finish,
            }
        ],
    }
    if reply.counted:
        made["usage"] = {
            "prompt_tokens": charge.tokens_in,
            "completion_tokens": charge.tokens_out,
            "total_tokens": charge.tokens_in + charge.tokens_out,
        }
    return {**made, **reply.extra}


@contextmanager
def serving(answer: Callable[[Asked], Reply]) -> Iterator[Server]:
    """A server for the length of a test."""
    made = Server(answer)
    try:
        yield made
    finally:
        made.close()
