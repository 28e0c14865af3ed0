"""The grant tokens of a request, looked at before its operation is done."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from masugata.authorization.grant_tokens import invalid_grant_token, proven_grant
from masugata.authorization.resources.kms import parsed
from masugata.call import Call, Handler, Operation
from masugata.engines.keys import InvalidCiphertextError, header_of
from masugata.records.kms import GRANT, find_key

TAKING_TOKENS: Final = frozenset(
    {
        "CreateGrant", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encapsulate",
        "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncrypt", "Sign", "Verify",
        "VerifyMac",
    }
)  # fmt: skip
"""Operations with a member GrantTokens."""


def with_grant_tokens(operations: Mapping[str, Operation]) -> dict[str, Operation]:
    """The same table, in which operations that take grant tokens refuse those that are not good."""
    return {
        name: operation._replace(handler=_checking(operation.handler)) if name in TAKING_TOKENS else operation
        for name, operation in operations.items()
    }


def _checking(handler: Handler) -> Handler:
    def checked(call: Call, request: Any) -> Mapping[str, Any]:
        if tokens := request.get("GrantTokens"):
            _check(call, request, tokens)
        return handler(call, request)

    return checked


def _check(call: Call, request: Mapping[str, Any], tokens: list[str]) -> None:
    """Each is of a grant that is there, of a key that the request is about.

    Raises InvalidGrantTokenException. Whose grant it is does not matter: it gives nobody anything.
    """
    keys = set(_keys(call, request))
    for token in tokens:
        name = proven_grant(token, call.keeper)
        grant = call.records.get(GRANT, name.account, f"{name.key_id}/{name.grant_id}", name.region)
        if grant is None or name.region != call.region or name.key_id not in keys:
            raise invalid_grant_token()


def _keys(call: Call, request: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the keys that a request names, itself or in its ciphertext."""
    for member in ("KeyId", "SourceKeyId", "DestinationKeyId"):
        if (given := request.get(member)) is not None:
            named = parsed(given, call.account, call.region)
            key = find_key(call.records, named, call.region)
            yield named.key_id if key is None else key.id
    if (ciphertext := request.get("CiphertextBlob")) is not None:
        try:
            yield header_of(ciphertext).key_id
        except InvalidCiphertextError:
            return  # the operation itself says so
