"""An external key store on loopback: an XKS proxy over TLS, its keys, and faults on demand."""

import base64
import hashlib
import json
import os
import re
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from federation.issuer import certificate

ACCESS_KEY_ID = "ABCDEFGHIJKLMNOPQRSTUVWX"
PATH = "/safe/kms/xks/v1"
STATUSES = {
    "ValidationException": 400,
    "InvalidStateException": 400,
    "InvalidCiphertextException": 400,
    "InvalidKeyUsageException": 400,
    "AuthenticationFailedException": 401,
    "AccessDeniedException": 403,
    "KeyNotFoundException": 404,
    "InvalidUriPathException": 404,
    "ThrottlingException": 429,
    "InternalException": 500,
    "UnsupportedOperationException": 501,
    "DependencyTimeoutException": 503,
}


class _RefusedError(Exception):
    """Answered with an error of the API."""


class ExternalKey:
    """An AES-256 key, as the key manager behind the proxy has it."""

    def __init__(self) -> None:
        self.cipher = AESGCM(os.urandom(32))
        self.metadata: dict[str, Any] = {
            "keySpec": "AES_256",
            "keyUsage": ["ENCRYPT", "DECRYPT"],
            "keyStatus": "ENABLED",
        }


class Proxy:
    """A proxy with the keys `espresso` and `filter`; use it as a context manager.

    `spoil` is what a test does to answers that would be right: it gets the last part of the path and the
    answer, and returns another one, or bytes to send as they are; `refuse` is the name of an error for all.
    `asked` are the paths and bodies of requests, `hold` keeps answers back until it is set.
    """

    def __init__(self, folder: Path) -> None:
        self.authority, _ = certificate(folder)
        self.secret = base64.b64encode(os.urandom(36)).decode()
        self.keys = {"espresso": ExternalKey(), "filter": ExternalKey()}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.connections = 0
        self.refuse = ""
        self.managers = ["ACTIVE"]
        self.vector_size = 12
        self.metadata = b"v=1"
        self.spoil: Callable[[str, dict[str, Any]], Any] = lambda _, answer: answer
        self.hold = threading.Event()
        self.hold.set()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.host = f"localhost:{self._server.server_port}"

    @property
    def parts(self) -> dict[str, Any]:
        """How a gateway is told where it is."""
        return {"private_xks_proxies": [self.host], "xks_authority": self.authority}

    def configuration(self, **changed: Any) -> dict[str, Any]:
        """What CreateCustomKeyStore is given for it."""
        given = {
            "CustomKeyStoreName": "cellar",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": "https://localhost",
            "XksProxyUriPath": PATH,
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": ACCESS_KEY_ID,
                "RawSecretAccessKey": self.secret,
            },
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            **changed,
        }
        return {name: value for name, value in given.items() if value is not None}

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Status and answer, or bytes in its place."""
        try:
            self._authenticate(path, headers, body)
            request = json.loads(body)
            self.asked.append((path, request))
            self.hold.wait()
            self._refuse_everything()
            right = self._do(path[path.index("/kms/xks/v1") + len("/kms/xks/v1") :], request)
        except _RefusedError as error:
            return STATUSES[str(error)], {"errorName": str(error), "errorMessage": "no coffee"}
        encoded = {n: base64.b64encode(v).decode() if isinstance(v, bytes) else v for n, v in right.items()}
        return 200, self.spoil(path.rpartition("/")[2], encoded)

    def _refuse_everything(self) -> None:
        if self.refuse:
            raise _RefusedError(self.refuse)

    def _authenticate(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """By botocore's own signer, which knows nothing of ours."""
        given = {name.lower(): value for name, value in headers.items()}
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)", given["authorization"]
        )
        assert found is not None
        credential, signed, signature = found.groups()
        assert {"host", "x-amz-date"} <= set(signed.split(";"))
        request = AWSRequest("POST", f"https://{given['host']}{path}", data=body)
        for name in signed.split(";"):
            request.headers[name] = given[name]
        request.context["timestamp"] = given["x-amz-date"]
        signer = SigV4Auth(Credentials(ACCESS_KEY_ID, self.secret), "kms-xks-proxy", "us-east-1")
        text = signer.string_to_sign(request, signer.canonical_request(request))
        right = signer.signature(text, request)
        if (signature, credential) != (right, f"{ACCESS_KEY_ID}/{signer.credential_scope(request)}"):
            raise _RefusedError("AuthenticationFailedException")

    def _do(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        metadata = request["requestMetadata"]
        assert metadata["kmsRequestId"]
        assert metadata["kmsOperation"]
        if path == "/health":
            details = [{"id": str(i), "model": "m", "healthStatus": s} for i, s in enumerate(self.managers)]
            names = dict.fromkeys(("xksProxyVendor", "xksProxyModel", "ekmVendor"), "masugata")
            return {"xksProxyFleetSize": 1, "ekmFleetDetails": details, **names}
        assert metadata["awsPrincipalArn"].startswith("arn:aws:")
        _, _, name, what = path.split("/")
        if name not in self.keys:
            raise _RefusedError("KeyNotFoundException")
        key = self.keys[name]
        if what == "metadata":
            return key.metadata
        if key.metadata["keyStatus"] != "ENABLED":
            raise _RefusedError("InvalidStateException")
        assert ":key/" in metadata["kmsKeyArn"]
        given = {n: base64.b64decode(v) for n, v in request.items() if n in _BYTES}
        authenticated = given["additionalAuthenticatedData"]
        if what == "encrypt":
            return self._encrypt(key, given["plaintext"], authenticated)
        marked = given.get("ciphertextMetadata", b"")
        try:
            plaintext = key.cipher.decrypt(
                given["initializationVector"],
                given["ciphertext"] + given["authenticationTag"],
                _framed(authenticated, marked),
            )
        except InvalidTag:
            raise _RefusedError("InvalidCiphertextException") from None
        return {"plaintext": plaintext}

    def _encrypt(self, key: ExternalKey, plaintext: bytes, authenticated: bytes) -> dict[str, Any]:
        vector = os.urandom(self.vector_size)
        made = key.cipher.encrypt(vector, plaintext, _framed(authenticated, self.metadata))
        ciphertext, tag = made[:-16], made[-16:]
        answer = {
            "ciphertext": ciphertext,
            "initializationVector": vector,
            "authenticationTag": tag,
            "ciphertextDataIntegrityValue": hashlib.sha256(
                authenticated + self.metadata + vector + ciphertext + tag
            ).digest(),
        }
        return answer | ({"ciphertextMetadata": self.metadata} if self.metadata else {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one connection, which is kept."""

            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm: ClassVar[bool] = True

            def setup(self) -> None:
                proxy.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = proxy.answer(self.path, dict(self.headers), body)
                if callable(answer):
                    answer(self)
                    return
                encoded = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                with suppress(OSError):  # whoever asked did not wait
                    self.wfile.write(encoded)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.hold.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.close_all()
            self._server.server_close()
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def close_all(self) -> None:
        """End the connections that are kept."""
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(2)

    def handle_error(self, *_: Any) -> None:
        """Clients that do not trust the certificate, or do not wait, hang up."""


def _framed(authenticated: bytes, metadata: bytes) -> bytes:
    """What GCM authenticates: the data behind two bytes of length, the metadata behind one."""
    return len(authenticated).to_bytes(2, "big") + authenticated + len(metadata).to_bytes(1, "big") + metadata


_BYTES = {
    "plaintext",
    "ciphertext",
    "initializationVector",
    "authenticationTag",
    "additionalAuthenticatedData",
    "ciphertextMetadata",
}
