"""Fuzz target: whatever a proxy of an external key store sends, it is refused, or it is right.

The first byte says what was asked; the rest is what came over the connection.
"""

import hashlib
from base64 import b64encode

from masugata.engines import keys
from masugata.xks import ProxyError
from masugata.xks.answers import LARGEST_ANSWER, Answer, check_health, decrypted, encrypted, external_key
from masugata.xks.connections import read_answer

SIZE, CONTEXT = 95, b"c" * 32
PARTS = {"ciphertextMetadata": b"m", "initializationVector": b"v" * 12, "ciphertext": b"e" * SIZE}
PARTS["authenticationTag"] = b"t" * 16
VALUE = hashlib.sha256(CONTEXT + b"".join(PARTS.values())).digest()
MEMBERS = [
    (name, b64encode(value)) for name, value in (*PARTS.items(), ("ciphertextDataIntegrityValue", VALUE))
]
IDS = "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "1" * 64


def _http(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


SEEDS = (
    b"\0" + _http(b'{"xksProxyFleetSize":1,"ekmFleetDetails":[{"id":"1","healthStatus":"ACTIVE"}]}'),
    b"\1" + _http(b'{"keySpec":"AES_256","keyUsage":["ENCRYPT","DECRYPT"],"keyStatus":"ENABLED"}'),
    b"\2" + _http(b"{" + b",".join(b'"%b":"%b"' % (name.encode(), value) for name, value in MEMBERS) + b"}"),
    b"\3" + _http(b'{"plaintext":"' + b64encode(b"p" * SIZE) + b'"}'),
    b"\3" + _http(b'{"errorName":"AccessDeniedException","errorMessage":"no"}', 403),
    b"\4" + keys.external_ciphertext(*IDS, keys.ExternalCiphertext(b"e" * SIZE, b"v" * 12, b"t" * 16, b"m")),
)
PIECES = (
    b"Transfer-Encoding: chunked\r\n",
    b"0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Connection: close\r\n",
    b"[" * 99,
    b"null",
    b"\r\n\r\n",
    b"=",
)


def fuzz_one(data: bytes) -> None:
    """A finding is any exception but a refusal, and what is taken and does not fit what was asked."""
    if not data:
        return
    if data[0] % 5 == 4:
        _ciphertext(data[1:])
        return
    try:
        answer = read_answer(data[1:])
        _judge(data[0] % 5, answer)
    except ProxyError as refusal:
        if refusal.__cause__ is not None:
            raise AssertionError("a refusal that says more") from refusal


def _judge(asked: int, answer: Answer) -> None:
    if len(answer.body) > LARGEST_ANSWER:
        raise AssertionError("a large answer")
    if asked == 0:
        check_health(answer)
    elif asked == 1:
        external_key(answer)
    elif asked == 2:
        made = encrypted(answer, SIZE, CONTEXT)
        if keys.external_parts(keys.external_ciphertext(*IDS, made)) != made:
            raise AssertionError("an encryption that is not kept as it was")
    elif len(decrypted(answer, SIZE)) != SIZE:
        raise AssertionError("a plaintext of another size")


def _ciphertext(data: bytes) -> None:
    try:
        parts = keys.external_parts(data)
        named = keys.header_of(data)
    except keys.InvalidCiphertextError:
        return
    if keys.external_ciphertext(*named, parts) != data:
        raise AssertionError("a ciphertext with two written forms")
