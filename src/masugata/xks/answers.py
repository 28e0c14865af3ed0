"""What a proxy answers, read as a stranger's: its form, sizes and checksum; all raise `ProxyError`."""

import hashlib
import hmac
from typing import Annotated, Final, Literal, NamedTuple, TypeVar

import msgspec

from masugata.engines.keys import IV_SIZES, METADATA_LIMIT, ExternalCiphertext
from masugata.xks.errors import Failure, ProxyError

LARGEST_ANSWER: Final = 65_536
"""Bytes, headers included: some 4300 in base64 and a page of names is all that a proxy has to say."""

_TAG_SIZE: Final = 16
_OK: Final = 200
_STATUSES: Final = {
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


class Answer(NamedTuple):
    """The status and the body of an answer."""

    status: int
    body: bytes


class ExternalKey(msgspec.Struct, frozen=True, rename="camel"):
    """What a proxy says of a key: its spec, what it may be used for, and whether it is ENABLED."""

    key_spec: str
    key_usage: Annotated[tuple[str, ...], msgspec.Meta(max_length=10)]
    key_status: str


class _Manager(msgspec.Struct, frozen=True, rename="camel"):
    health_status: Literal["ACTIVE", "DEGRADED", "UNAVAILABLE"]


class _Health(msgspec.Struct, frozen=True, rename="camel"):
    xks_proxy_fleet_size: Annotated[int, msgspec.Meta(ge=1)]
    ekm_fleet_details: Annotated[tuple[_Manager, ...], msgspec.Meta(min_length=1, max_length=10)]


class _Encrypted(msgspec.Struct, frozen=True, rename="camel"):
    ciphertext: bytes
    initialization_vector: bytes
    authentication_tag: bytes
    ciphertext_data_integrity_value: bytes
    ciphertext_metadata: bytes = b""


class _Decrypted(msgspec.Struct, frozen=True):
    plaintext: bytes


class _Refusal(msgspec.Struct, frozen=True, rename="camel"):
    error_name: str


Form = TypeVar("Form")


def check_health(answer: Answer) -> None:
    """A proxy is healthy if one of the key managers behind it can be used."""
    health = _read(answer, _Health)
    if all(manager.health_status == "UNAVAILABLE" for manager in health.ekm_fleet_details):
        raise ProxyError(Failure.UNAVAILABLE)


def external_key(answer: Answer) -> ExternalKey:
    """What a proxy says of a key."""
    return _read(answer, ExternalKey)


def encrypted(answer: Answer, size: int, authenticated: bytes) -> ExternalCiphertext:
    """The encryption of `size` bytes, which came as the proxy's key manager made it: the checksum says so."""
    found = _read(answer, _Encrypted)
    made = ExternalCiphertext(
        found.ciphertext, found.initialization_vector, found.authentication_tag, found.ciphertext_metadata
    )
    if (
        len(made.ciphertext) != size
        or len(made.initialization_vector) not in IV_SIZES
        or len(made.tag) != _TAG_SIZE
        or len(made.metadata) > METADATA_LIMIT
    ):
        raise ProxyError(Failure.INVALID_RESPONSE, "the parts of a ciphertext are not of the right sizes")
    all_of_it = b"".join(
        (authenticated, made.metadata, made.initialization_vector, made.ciphertext, made.tag)
    )
    if not hmac.compare_digest(hashlib.sha256(all_of_it).digest(), found.ciphertext_data_integrity_value):
        raise ProxyError(Failure.INVALID_RESPONSE, "a ciphertext does not fit its data integrity value")
    return made


def decrypted(answer: Answer, size: int) -> bytes:
    """The plaintext, which is of the ciphertext's size."""
    plaintext = _read(answer, _Decrypted).plaintext
    if len(plaintext) != size:
        raise ProxyError(Failure.INVALID_RESPONSE, "a plaintext is not of the right size")
    return plaintext


def _read(answer: Answer, form: type[Form]) -> Form:
    if answer.status == _OK:
        return _decoded(answer, form)
    name = _decoded(answer, _Refusal).error_name
    if _STATUSES.get(name) != answer.status:
        raise ProxyError(Failure.INVALID_RESPONSE, f"status {answer.status} came with no error of the API")
    raise ProxyError(Failure.REFUSED, error_name=name)


def _decoded(answer: Answer, form: type[Form]) -> Form:
    try:
        return msgspec.json.decode(answer.body, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without its cause: that may quote a plaintext.
        raise ProxyError(
            Failure.INVALID_RESPONSE, f"an answer of status {answer.status} has another form"
        ) from None
