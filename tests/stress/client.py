"""A small and fast client: AWS signatures, and HTTP over one connection at a time, without retries.

It is made for load, so it signs a request once a second and principal (a signature may be used
again within that second) and reads no more of an answer than it needs.
"""

import hashlib
import hmac
import socket
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import orjson

REGION = "us-east-1"
_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
_TARGETS = {  # of those that speak JSON
    "kms": "TrentService",
    "organizations": "AWSOrganizationsV20161128",
}


class Identity:
    """Access keys, and the requests signed with them."""

    def __init__(self, access_key_id, secret_access_key, token=None):
        self.access_key_id = access_key_id
        self._secret = secret_access_key
        self._token = token
        self._signing_keys = {}
        self._signed = {}

    def request(self, host, service, action, **parameters):
        """The bytes of a signed call; the same ones within a second."""
        second = int(time.time())
        wanted = (service, action, *parameters.items())
        found = self._signed.get(wanted)
        if found is None or found[0] != second:
            if service in _TARGETS:
                body, target = orjson.dumps(parameters), f"{_TARGETS[service]}.{action}"
            else:
                body = urlencode({"Action": action, "Version": _VERSIONS[service], **parameters}).encode()
                target = None
            found = self._signed[wanted] = (second, self._sign(host, service, body, second, target))
        return found[1]

    def _sign(self, host, service, body, second, target):
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        scope = f"{stamp[:8]}/{REGION}/{service}/aws4_request"
        content_type = "application/x-www-form-urlencoded" if target is None else "application/x-amz-json-1.1"
        headers = {"host": host, "x-amz-date": stamp}
        if self._token is not None:
            headers["x-amz-security-token"] = self._token
        if target is not None:
            headers["x-amz-target"] = target
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._signing_key(stamp[:8], service), text.encode(), "sha256").hex()
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return (
            f"POST / HTTP/1.1\r\n{head}content-type: {content_type}\r\n"
            f"content-length: {len(body)}\r\nauthorization: AWS4-HMAC-SHA256 "
            f"Credential={self.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}\r\n\r\n"
        ).encode() + body

    def _signing_key(self, day, service):
        found = self._signing_keys.get((day, service))
        if found is None:
            found = b"AWS4" + self._secret.encode()
            for part in (day, REGION, service, "aws4_request"):
                found = hmac.digest(found, part.encode(), "sha256")
            self._signing_keys[day, service] = found
        return found


class LostError(Exception):
    """The connection ended before the answer was complete."""


class Connection:
    """A keep-alive connection that is opened again only after the server announced its end."""

    def __init__(self, host):
        self.host = host
        self.opened = 0
        self.socket = None
        self.open()

    def open(self):
        """Connect."""
        name, _, port = self.host.rpartition(":")
        self.socket = socket.create_connection((name, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.opened += 1

    def close(self):
        """Disconnect."""
        self.socket.close()

    def call(self, identity, service, action, **parameters):
        """Status and body of one call."""
        self.socket.sendall(identity.request(self.host, service, action, **parameters))
        return self.receive()

    def receive(self):
        """Status and body of the answer that comes next."""
        received = b""
        while (parsed := parse(received)) is None:
            piece = self.socket.recv(262_144)
            if not piece:
                raise LostError(received)
            received += piece
        status, body, ends = parsed
        if ends:
            self.close()
            self.open()
        return status, body


def owner_of(client, candidates):
    """The process that holds the other end of a connection on this machine."""
    ours, port = client.getsockname()[1], client.getpeername()[1]
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    # A set, for a row may be listed twice while the table changes.
    (inode,) = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[2].endswith(f":{ours:04X}")}
    for pid in candidates:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                if str(descriptor.readlink()) == f"socket:[{inode}]":
                    return pid
    raise AssertionError(f"no worker holds the connection from port {ours}")


def parse(received):
    """Status, body and whether the connection ends, or None if the answer is not complete."""
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return None
    at = head.index(b"content-length: ") + 16
    end = head.find(b"\r", at)
    length = int(head[at : end if end >= 0 else None])
    if len(body) < length:
        return None
    assert len(body) == length, "more than one answer to one request"
    return int(head[9:12]), body, b"connection: close" in head


def text(body, name):
    """The text of the first element of a name; enough for what these tests read."""
    return body.partition(f"<{name}>".encode())[2].partition(b"<")[0].decode()
