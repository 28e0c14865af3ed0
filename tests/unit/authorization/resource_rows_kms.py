"""What KMS operations act on, by AWS's permissions reference, and the condition keys of each.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from masugata.engines.keys.ciphertext import OVERHEAD, header

ACCOUNT_ID, REGION, THERE = "111122223333", "us-east-1", "eu-west-1"
HEAD = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:"
ID, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
MRK = "mrk-33333333333343338333333333333333"
KEY, OTHER_KEY, MRK_KEY = (f"{HEAD}key/{id_}" for id_ in (ID, OTHER, MRK))
REPLICA = f"arn:aws:kms:{THERE}:{ACCOUNT_ID}:key/{MRK}"
ALIAS, NEW_ALIAS = "alias/bread", "alias/cake"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/Cook"
EVERYTHING = "*"

Keys = Mapping[str, Any]
Row = tuple[str, Mapping[str, Any], list[tuple[str, str, Keys]]]

CALLER: Keys = {"kms:CallerAccount": ACCOUNT_ID}
OWN: Keys = {
    "aws:ResourceTag/Team": "red",
    "kms:CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "kms:CustomerMasterKeyUsage": "ENCRYPT_DECRYPT",
    "kms:KeyOrigin": "AWS_KMS",
    "kms:KeySpec": "SYMMETRIC_DEFAULT",
    "kms:KeyUsage": "ENCRYPT_DECRYPT",
    "kms:MultiRegion": "false",
    "kms:ResourceAliases": [ALIAS],
    **CALLER,
}
"""The keys of the key that has an alias."""
OTHERS: Keys = {key: value for key, value in OWN.items() if key != "kms:ResourceAliases"}
"""The keys of the one that has none."""
MULTI: Keys = {**OTHERS, "kms:MultiRegion": "true", "kms:MultiRegionKeyType": "PRIMARY"}
COPY: Keys = {**MULTI, "kms:MultiRegionKeyType": "REPLICA"}
TAGS: Mapping[str, Any] = {"Tags": [{"TagKey": "Shop", "TagValue": "bakery"}]}
TAG: Keys = {"aws:RequestTag/Shop": "bakery", "aws:TagKeys": ["Shop"]}
TAG_TO_BE: Keys = {"aws:ResourceTag/Shop": "bakery"}
CONTEXT = {"App": "till"}
IN_CONTEXT: Keys = {"kms:EncryptionContext:App": "till", "kms:EncryptionContextKeys": ["App"]}
SYMMETRIC: Keys = {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
NOT_THERE_YET: Keys = {
    "kms:CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "kms:CustomerMasterKeyUsage": "ENCRYPT_DECRYPT",
    "kms:KeyOrigin": "AWS_KMS",
    "kms:KeySpec": "SYMMETRIC_DEFAULT",
    "kms:KeyUsage": "ENCRYPT_DECRYPT",
}


def ciphertext(key_id: str) -> bytes:
    """What looks like a ciphertext of a key."""
    return header(key_id, "ab" * 32).ljust(OVERHEAD + 1, b"\0")


CIPHERTEXT = ciphertext(ID)
VALID_TO = datetime(2026, 12, 31, tzinfo=UTC)

_ON: Mapping[str, Any] = {"KeyId": ID}
_NO_GRANT_OF_A_SERVICE: Keys = {"kms:GrantIsForAWSResource": "false"}
_STORE = {"CustomKeyStoreId": "cks-1234567890abcdef0"}
_GRANT = {
    "KeyId": ID,
    "GranteePrincipal": ROLE,
    "RetiringPrincipal": ROLE,
    "Operations": ["Encrypt", "Decrypt"],
    "Constraints": {"EncryptionContextSubset": CONTEXT, "SourceArn": "arn:aws:s3::111122223333:shop"},
}
_GRANT_KEYS: Keys = {
    **_NO_GRANT_OF_A_SERVICE,
    **IN_CONTEXT,
    "kms:GrantConstraintSourceArn": "arn:aws:s3::111122223333:shop",
    "kms:GrantConstraintType": "EncryptionContextSubset",
    "kms:GranteePrincipal": ROLE,
    "kms:GrantOperations": ["Encrypt", "Decrypt"],
    "kms:RetiringPrincipal": ROLE,
}
_SIGNING = {"SigningAlgorithm": "ECDSA_SHA_256"}


def _on_key(operation: str, request: Mapping[str, Any] = {}, keys: Keys = {}) -> Row:  # noqa: B006
    """An operation on the key, which needs the permission of its own name."""
    return operation, {**_ON, **request}, [(f"kms:{operation}", KEY, {**OWN, **keys})]


def _on_all(operation: str, request: Mapping[str, Any] = {}) -> Row:
    return operation, request, [(f"kms:{operation}", EVERYTHING, CALLER)]


ROWS: list[Row] = [
    _on_key("CancelKeyDeletion"),
    _on_all("ConnectCustomKeyStore", _STORE),
    (
        "CreateAlias",
        {"AliasName": NEW_ALIAS, "TargetKeyId": ID},
        [("kms:CreateAlias", f"{HEAD}{NEW_ALIAS}", {}), ("kms:CreateAlias", KEY, OWN)],
    ),
    _on_all("CreateCustomKeyStore", {"CustomKeyStoreName": "safe"}),
    _on_key("CreateGrant", _GRANT, _GRANT_KEYS),
    (
        "CreateKey",
        {**TAGS, "MultiRegion": True, "KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"},
        [
            (
                "kms:CreateKey",
                EVERYTHING,
                {
                    **CALLER,
                    **TAG,
                    **TAG_TO_BE,
                    "kms:CustomerMasterKeySpec": "RSA_4096",
                    "kms:CustomerMasterKeyUsage": "SIGN_VERIFY",
                    "kms:KeyOrigin": "AWS_KMS",
                    "kms:KeySpec": "RSA_4096",
                    "kms:KeyUsage": "SIGN_VERIFY",
                    "kms:MultiRegion": "true",
                    "kms:MultiRegionKeyType": "PRIMARY",
                },
            ),
            (
                "kms:TagResource",
                f"{HEAD}key/*",
                {
                    **CALLER,
                    **TAG,
                    **TAG_TO_BE,
                    "kms:CustomerMasterKeySpec": "RSA_4096",
                    "kms:CustomerMasterKeyUsage": "SIGN_VERIFY",
                    "kms:KeyOrigin": "AWS_KMS",
                    "kms:KeySpec": "RSA_4096",
                    "kms:KeyUsage": "SIGN_VERIFY",
                    "kms:MultiRegion": "true",
                    "kms:MultiRegionKeyType": "PRIMARY",
                },
            ),
        ],
    ),
    _on_key("Decapsulate", {"EncapsulationAlgorithm": "ML_KEM"}, {"kms:EncapsulationAlgorithm": "ML_KEM"}),
    (
        "Decrypt",
        {"CiphertextBlob": CIPHERTEXT, "EncryptionContext": CONTEXT},
        [("kms:Decrypt", KEY, {**OWN, **SYMMETRIC, **IN_CONTEXT})],
    ),
    (
        "DeleteAlias",
        {"AliasName": ALIAS},
        [("kms:DeleteAlias", f"{HEAD}{ALIAS}", {}), ("kms:DeleteAlias", KEY, OWN)],
    ),
    _on_all("DeleteCustomKeyStore", _STORE),
    _on_key("DeleteImportedKeyMaterial"),
    _on_key("DeriveSharedSecret", {"KeyAgreementAlgorithm": "ECDH"}, {"kms:KeyAgreementAlgorithm": "ECDH"}),
    _on_all("DescribeCustomKeyStores"),
    ("DescribeKey", {"KeyId": ALIAS}, [("kms:DescribeKey", KEY, {**OWN, "kms:RequestAlias": ALIAS})]),
    _on_key("DisableKey"),
    _on_key("DisableKeyRotation"),
    _on_all("DisconnectCustomKeyStore", _STORE),
    _on_key("EnableKey"),
    _on_key("EnableKeyRotation", {"RotationPeriodInDays": 90}, {"kms:RotationPeriodInDays": "90"}),
    _on_key("Encapsulate", {"EncapsulationAlgorithm": "ML_KEM"}, {"kms:EncapsulationAlgorithm": "ML_KEM"}),
    _on_key(
        "Encrypt",
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
        {"kms:EncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
    ),
    _on_key("GenerateDataKey", {"EncryptionContext": CONTEXT}, {**SYMMETRIC, **IN_CONTEXT}),
    _on_key(
        "GenerateDataKeyPair", {"KeyPairSpec": "RSA_2048"}, {**SYMMETRIC, "kms:DataKeyPairSpec": "RSA_2048"}
    ),
    _on_key(
        "GenerateDataKeyPairWithoutPlaintext",
        {"KeyPairSpec": "RSA_2048"},
        {**SYMMETRIC, "kms:DataKeyPairSpec": "RSA_2048"},
    ),
    _on_key("GenerateDataKeyWithoutPlaintext", {}, SYMMETRIC),
    _on_key("GenerateMac", {"MacAlgorithm": "HMAC_SHA_256"}, {"kms:MacAlgorithm": "HMAC_SHA_256"}),
    _on_all("GenerateRandom", {"NumberOfBytes": 8}),
    _on_key("GetKeyLastUsage"),
    _on_key("GetKeyPolicy", {}, {"kms:PolicyName": "default"}),
    _on_key("GetKeyRotationStatus"),
    _on_key(
        "GetParametersForImport",
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        {"kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256", "kms:WrappingKeySpec": "RSA_2048"},
    ),
    _on_key("GetPublicKey"),
    _on_key(
        "ImportKeyMaterial",
        {"ValidTo": VALID_TO, "ExpirationModel": "KEY_MATERIAL_EXPIRES"},
        {"kms:ValidTo": "1798675200", "kms:ExpirationModel": "KEY_MATERIAL_EXPIRES"},
    ),
    _on_all("ListAliases"),
    _on_key("ListGrants", {}, _NO_GRANT_OF_A_SERVICE),
    _on_key("ListKeyPolicies"),
    _on_key("ListKeyRotations"),
    _on_all("ListKeys"),
    _on_key("ListResourceTags"),
    ("ListRetirableGrants", {"RetiringPrincipal": ROLE}, [("kms:ListRetirableGrants", ROLE, {})]),
    _on_key(
        "PutKeyPolicy",
        {"PolicyName": "default", "BypassPolicyLockoutSafetyCheck": True},
        {"kms:PolicyName": "default", "kms:BypassPolicyLockoutSafetyCheck": "true"},
    ),
    (
        "ReEncrypt",
        {
            "CiphertextBlob": CIPHERTEXT,
            "SourceEncryptionContext": CONTEXT,
            "DestinationKeyId": OTHER_KEY,
            "DestinationEncryptionContext": {"App": "oven"},
        },
        [
            ("kms:ReEncryptFrom", KEY, {**OWN, **SYMMETRIC, **IN_CONTEXT, "kms:ReEncryptOnSameKey": "false"}),
            (
                "kms:ReEncryptTo",
                OTHER_KEY,
                {
                    **OTHERS,
                    **SYMMETRIC,
                    "kms:EncryptionContext:App": "oven",
                    "kms:EncryptionContextKeys": ["App"],
                    "kms:ReEncryptOnSameKey": "false",
                },
            ),
        ],
    ),
    (
        "ReplicateKey",
        {"KeyId": MRK, "ReplicaRegion": "ap-northeast-1", **TAGS},
        [
            ("kms:ReplicateKey", MRK_KEY, {**MULTI, "kms:ReplicaRegion": "ap-northeast-1"}),
            (
                "kms:CreateKey",
                EVERYTHING,
                {
                    **CALLER,
                    **NOT_THERE_YET,
                    **TAG,
                    **TAG_TO_BE,
                    "aws:RequestedRegion": "ap-northeast-1",
                    "kms:MultiRegion": "true",
                    "kms:MultiRegionKeyType": "REPLICA",
                },
            ),
            (
                "kms:TagResource",
                f"arn:aws:kms:ap-northeast-1:{ACCOUNT_ID}:key/{MRK}",
                {
                    **CALLER,
                    **NOT_THERE_YET,
                    **TAG,
                    **TAG_TO_BE,
                    "aws:RequestedRegion": "ap-northeast-1",
                    "kms:MultiRegion": "true",
                    "kms:MultiRegionKeyType": "REPLICA",
                },
            ),
        ],
    ),
    _on_key("RetireGrant", {"GrantId": "0" * 64}),
    _on_key("RevokeGrant", {"GrantId": "0" * 64}, _NO_GRANT_OF_A_SERVICE),
    _on_key("RotateKeyOnDemand"),
    _on_key(
        "ScheduleKeyDeletion",
        {"PendingWindowInDays": 7},
        {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"},
    ),
    _on_key("Sign", _SIGNING, {"kms:MessageType": "RAW", "kms:SigningAlgorithm": "ECDSA_SHA_256"}),
    _on_key("TagResource", TAGS, TAG),
    _on_key("UntagResource", {"TagKeys": ["Shop"]}, {"aws:TagKeys": ["Shop"]}),
    (
        "UpdateAlias",
        {"AliasName": ALIAS, "TargetKeyId": OTHER},
        [
            ("kms:UpdateAlias", f"{HEAD}{ALIAS}", {}),
            ("kms:UpdateAlias", KEY, OWN),
            ("kms:UpdateAlias", OTHER_KEY, OTHERS),
        ],
    ),
    _on_all("UpdateCustomKeyStore", _STORE),
    _on_key("UpdateKeyDescription", {"Description": "x"}),
    (
        "UpdatePrimaryRegion",
        {"KeyId": MRK, "PrimaryRegion": THERE},
        [
            ("kms:UpdatePrimaryRegion", MRK_KEY, {**MULTI, "kms:PrimaryRegion": THERE}),
            (
                "kms:UpdatePrimaryRegion",
                REPLICA,
                {**COPY, "kms:PrimaryRegion": THERE, "aws:RequestedRegion": THERE},
            ),
        ],
    ),
    _on_key(
        "Verify",
        {**_SIGNING, "MessageType": "DIGEST"},
        {"kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256"},
    ),
    _on_key("VerifyMac", {"MacAlgorithm": "HMAC_SHA_256"}, {"kms:MacAlgorithm": "HMAC_SHA_256"}),
]
