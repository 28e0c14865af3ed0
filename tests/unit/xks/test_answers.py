"""Answers of proxies: what is in them counts only if all of it is right."""

import base64
import hashlib
from typing import Any

import orjson
import pytest

from masugata.xks import ExternalKey, Failure, ProxyError
from masugata.xks.answers import Answer, check_health, decrypted, encrypted, external_key

HEALTHY = {"id": "1", "model": "m", "healthStatus": "ACTIVE"}
NAMED: dict[str, Any] = {"xksProxyFleetSize": 1, "xksProxyVendor": "v", "ekmVendor": "v"}


def answer(status: int = 200, /, **members: Any) -> Answer:
    """An answer with these members."""
    return Answer(status, orjson.dumps(members))


def failure(call: Any, *arguments: Any) -> ProxyError:
    """How reading an answer fails."""
    with pytest.raises(ProxyError) as caught:
        call(*arguments)
    return caught.value


@pytest.mark.parametrize("managers", [None, [], [HEALTHY] * 11, [{}], [{"healthStatus": "FINE"}], "ACTIVE"])
def test_health_of_another_form(managers: Any) -> None:
    """One to ten key managers, each in one of three states."""
    given = answer(**NAMED, ekmFleetDetails=managers)
    assert failure(check_health, given).failure is Failure.INVALID_RESPONSE


def test_health() -> None:
    """One key manager that can be used is enough, and members that nobody knows are passed over."""
    gone = {**HEALTHY, "healthStatus": "UNAVAILABLE"}
    check_health(answer(**NAMED, ekmFleetDetails=[gone, HEALTHY], more={"a": [1]}))
    assert failure(check_health, answer(**NAMED, ekmFleetDetails=[gone])).failure is Failure.UNAVAILABLE


def test_a_key() -> None:
    """Its spec, usage and status as they were told."""
    given = answer(keySpec="AES_256", keyUsage=["ENCRYPT", "SIGN"], keyStatus="ENABLED")
    assert external_key(given) == ExternalKey("AES_256", ("ENCRYPT", "SIGN"), "ENABLED")
    assert failure(external_key, answer(keySpec="AES_256")).failure is Failure.INVALID_RESPONSE


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (404, "KeyNotFoundException", Failure.REFUSED),
        (400, "KeyNotFoundException", Failure.INVALID_RESPONSE),
        (500, "SomeException", Failure.INVALID_RESPONSE),
        (301, "ValidationException", Failure.INVALID_RESPONSE),
        (204, "ValidationException", Failure.INVALID_RESPONSE),
    ],
)
def test_refusals(status: int, name: str, expected: Failure) -> None:
    """An error of the API with the status that it has there; anything else is no answer."""
    error = failure(external_key, answer(status, errorName=name, errorMessage="secret"))
    assert error.failure is expected
    assert error.error_name == (name if expected is Failure.REFUSED else "")
    assert "secret" not in str(error)


def test_an_encryption_must_fit_its_checksum() -> None:
    """The checksum is over all of it, also what was authenticated with it."""
    parts = {"ciphertextMetadata": b"m", "initializationVector": b"v" * 12, "ciphertext": b"c" * 9}
    parts["authenticationTag"] = b"t" * 16
    value = hashlib.sha256(b"context" + b"".join(parts.values())).digest()
    members = {n: base64.b64encode(v).decode() for n, v in parts.items()}
    members["ciphertextDataIntegrityValue"] = base64.b64encode(value).decode()
    made = encrypted(answer(**members), 9, b"context")
    assert made == (b"c" * 9, b"v" * 12, b"t" * 16, b"m")
    for size, context in ((8, b"context"), (9, b"another")):
        assert failure(encrypted, answer(**members), size, context).failure is Failure.INVALID_RESPONSE


def test_a_plaintext_is_in_no_error() -> None:
    """Not in its text, and not in what caused it."""
    error = failure(decrypted, Answer(200, b'{"plaintext": "c2VjcmV0"'), 6)
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert "c2VjcmV0" not in str(error)
    assert decrypted(answer(plaintext="c2VjcmV0"), 6) == b"secret"
