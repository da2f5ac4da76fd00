"""A proxy on loopback between Keywright and the sandbox that counts calls and does to them what AWS and networks do.

What it does is a `Fault`: a function that gets each call and a way to forward it. See `faults_of_aws.py` for some.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/[^/]+/(?P<region>[^/]+)/")


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as it came.

    Args:
        number: counts the proxy's calls from 1.
        operation: for example `CreateKey`.
        region: of its signature.
        account: the access key ID that signed it.
        body: as it was sent.
    """

    number: int
    operation: str
    region: str
    account: str
    body: bytes

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of a call to KMS or the tagging API."""
        return dict(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    content_type: str = "application/x-amz-json-1.1"

    @property
    def document(self) -> dict[str, Any]:
        """The answer of KMS or the tagging API."""
        return dict(json.loads(self.body or b"{}"))


class Dropped(Exception):
    """Raised by a fault: the connection is reset and there is no answer."""


Forward = Callable[[], Reply]
Fault = Callable[[Call, Forward], Reply]


def nothing(_call: Call, forward: Forward) -> Reply:
    """No fault."""
    return forward()


class FaultingProxy:
    """A context manager; `fault` may be changed at any time.

    Args:
        endpoint: the sandbox's.
        fault: what to do to each call.
    """

    def __init__(self, endpoint: str, fault: Fault = nothing) -> None:
        self.fault = fault
        self.calls: list[Call] = []
        self._upstream = urlsplit(endpoint).netloc
        self._lock = threading.Lock()
        self._under_way = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def counts(self) -> Counter[str]:
        """The calls so far, by operation."""
        return Counter(call.operation for call in self.calls)

    def settle(self) -> None:
        """Wait until no call is under way any more: of a killed client, some may be."""
        while self._under_way:
            threading.Event().wait(0.002)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _received(self, headers: http.client.HTTPMessage, body: bytes) -> Call:
        target = headers.get("X-Amz-Target", "")
        operation = target.rpartition(".")[2] or dict(parse_qsl(body.decode())).get("Action", "")
        signed = _CREDENTIAL.search(headers.get("Authorization", ""))
        with self._lock:
            number = len(self.calls) + 1
            call = Call(number, operation, signed["region"] if signed else "", signed["key"] if signed else "", body)
            self.calls.append(call)
        return call


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    proxy: FaultingProxy

    def handle_error(self, *_: object) -> None:
        """A client that has gone is what half of these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(self.server.proxy._upstream, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def do_POST(self) -> None:
        proxy = self.server.proxy
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # a client that was killed while it sent: AWS would wait for the rest for a minute
            self.close_connection = True
            return
        call = proxy._received(self.headers, body)
        with proxy._lock:
            proxy._under_way += 1
        try:
            reply = proxy.fault(call, lambda: self._forward(body))
        except Dropped:
            self._reset()
            return
        finally:
            with proxy._lock:
                proxy._under_way -= 1
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def _forward(self, body: bytes) -> Reply:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "expect"}}
        self._upstream.request("POST", self.path, body, kept)
        answer = self._upstream.getresponse()
        return Reply(answer.status, answer.read(), answer.headers.get("Content-Type", ""))

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing: the test has the calls."""
