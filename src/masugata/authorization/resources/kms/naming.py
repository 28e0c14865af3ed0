"""Which keys and aliases a request names, and in which forms its operation takes a name.

Source: the field `KeyId` of each operation and its "Cross-account use" in
https://docs.aws.amazon.com/kms/latest/APIReference/
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from masugata.authorization import catalogue
from masugata.engines.keys import InvalidCiphertextError, header_of
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.records.account import ACCOUNT
from masugata.records.kms import (
    ALIAS_PREFIX,
    InvalidKeyNameError,
    KeyName,
    arn_of_key,
    parse_key_name,
)
from masugata.store import Records

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
ACROSS_ACCOUNTS: Final = frozenset(
    {
        "CreateGrant",
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "DescribeKey",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListGrants",
        "ReEncrypt",
        "RetireGrant",
        "RevokeGrant",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""The operations that can be done with a key of another account."""


def parsed(name: str, account: str, region: str) -> KeyName:
    """What a key is called; raises NotFoundException or InvalidArnException for what is no name."""
    try:
        return parse_key_name(name, account, region)
    except InvalidKeyNameError as error:
        raise AwsError(
            "InvalidArnException" if error.arn else "NotFoundException", str(error), 400
        ) from error


def key_name(action: str, given: str, caller: Caller, region: str) -> KeyName:
    """What a caller calls a key; raises as `parsed`, also for an alias where the action takes none."""
    if given.startswith("arn:") and not given.startswith(f"arn:{caller.partition}:"):
        raise AwsError("InvalidArnException", f"Invalid arn {given}", 400)
    named = parsed(given, caller.account, region)
    if named.alias and not takes_alias(action):
        raise AwsError("NotFoundException", f"Invalid keyId '{given}'", 400)
    return named


def takes_alias(action: str) -> bool:
    """Whether a key may be named by an alias: for cryptography, DescribeKey and GetPublicKey."""
    entry = catalogue.action(action)
    return entry is not None and "kms:RequestAlias" in entry.condition_keys


def key_of_ciphertext(ciphertext: bytes, partition: str, records: Records, region: str) -> str:
    """The key that a ciphertext names, by its ARN if there is one; raises InvalidCiphertextException."""
    key_id = _key_id(ciphertext)
    return arn_of_key(records, key_id, region, partition=partition) or key_id


def named_by_ciphertext(request: Mapping[str, Any], records: Records, region: str) -> KeyName:
    """The key that the ciphertext of a request names, of no account if there is none.

    Raises InvalidCiphertextException, and ValidationException where there is no ciphertext either.
    """
    if request.get("CiphertextBlob") is None:
        of_key = "sourceKeyId" if "DestinationKeyId" in request else "keyId"
        raise missing(of_key if request.get("DryRunModifiers") else "ciphertextBlob")
    key_id = _key_id(request["CiphertextBlob"])
    arn = arn_of_key(records, key_id, region)
    return KeyName("", key_id, "") if arn is None else parsed(arn, "", region)


def principal_arn(name: str, partition: str) -> str:
    """The ARN of a principal as a request names it: of an account its twelve digits are enough."""
    return f"arn:{partition}:iam::{name}:root" if _ACCOUNT.fullmatch(name) else name


def missing(member: str) -> AwsError:
    """ValidationException for a member that is required in this request, though not by the model."""
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
        "Member must not be null",
        400,
    )


def alias_name(request: Mapping[str, Any]) -> str:
    """The AliasName of a request; raises ValidationException for one that begins otherwise."""
    name = str(request["AliasName"])
    if not name.startswith(ALIAS_PREFIX):
        raise AwsError(
            "ValidationError",
            f'Alias must start with the prefix "{ALIAS_PREFIX}". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
            400,
        )
    return name


def is_open(account: str, records: Records) -> bool:
    """Whether the account is there and not closed: the keys of all others are as if they were not there."""
    record = records.get(ACCOUNT, account, account)
    return record is not None and record.active


def _key_id(ciphertext: bytes) -> str:
    try:
        return header_of(ciphertext).key_id
    except InvalidCiphertextError as error:
        raise AwsError("InvalidCiphertextException", "", 400) from error
