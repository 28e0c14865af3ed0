"""What CreateGrant takes, and what it refuses."""

from typing import Any

import boto3
import pytest

from masugata.testing import local_aws
from unit.services.kms.using_keys import refusal

ACCOUNT = "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
SOURCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
MANAGEMENT = {"CreateGrant", "DescribeKey", "RetireGrant"}
OPERATIONS = {
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"): {
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo",
    },
    ("RSA_2048", "ENCRYPT_DECRYPT"): {"Decrypt", "Encrypt", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo"},
    ("ECC_NIST_P256", "SIGN_VERIFY"): {"GetPublicKey", "Sign", "Verify"},
    ("ECC_NIST_P256", "KEY_AGREEMENT"): {"DeriveSharedSecret", "GetPublicKey"},
    ("HMAC_256", "GENERATE_VERIFY_MAC"): {"GenerateMac", "VerifyMac"},
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"): {"Decapsulate", "Encapsulate", "GetPublicKey"},
}  # fmt: skip
ALL = MANAGEMENT.union(*OPERATIONS.values())


@pytest.fixture
def kms() -> Any:
    """The administrator's client, where there is a user `alice`."""
    with local_aws():
        boto3.client("iam").create_user(UserName="alice")
        yield boto3.client("kms")


def refused(kms: Any, **request: Any) -> tuple[str, str]:
    """The code and the text with which CreateGrant refuses."""
    return refusal(kms.create_grant, **request)


@pytest.mark.parametrize(("spec", "usage"), OPERATIONS)
def test_operations_fit_the_key(kms: Any, spec: str, usage: str) -> None:
    """What a key cannot do, no grant of it can allow; all that it can do, one grant may."""
    key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    possible = OPERATIONS[spec, usage] | MANAGEMENT
    kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=sorted(possible))
    for operation in sorted(ALL - possible):
        code, text = refused(kms, KeyId=key, GranteePrincipal=ALICE, Operations=["DescribeKey", operation])
        assert code == "ValidationException"
        assert text.endswith(f"cannot allow {operation}.")


def test_only_symmetric_keys_have_an_encryption_context(kms: Any) -> None:
    """A constraint on it is refused for any other key; one on the source is not."""
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        assert refused(kms, **request, Constraints={name: {"a": "b"}})[0] == "ValidationException"
    kms.create_grant(**request, Constraints={"SourceArn": SOURCE})


@pytest.mark.parametrize(
    "grantee",
    [
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:root",
        ALICE,
        f"arn:aws:iam::{ACCOUNT}:role/barista",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/barista/monday",
        f"arn:aws:sts::{ACCOUNT}:federated-user/carol",
    ],
)
def test_principals(kms: Any, grantee: str) -> None:
    """Accounts, users, roles and their sessions, and federated users can have and retire grants."""
    boto3.client("iam").create_role(
        RoleName="barista",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":'
        f'{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}}}',
    )
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, RetiringPrincipal=grantee, Operations=["Encrypt"])
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    shown = f"arn:aws:iam::{ACCOUNT}:root" if grantee == ACCOUNT else grantee
    assert grant["GranteePrincipal"] == grant["RetiringPrincipal"] == shown


@pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        "AIDACKCEVSQ6C2EXAMPLE",
        "999999999999",
        "arn:aws:iam::999999999999:root",
        f"arn:aws:iam::{ACCOUNT}:user/nobody",
        f"arn:aws:iam::{ACCOUNT}:user/ALICE",
        f"arn:aws:iam::{ACCOUNT}:group/alice",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/monday",
        "arn:aws:sts::999999999999:federated-user/carol",
        f"arn:aws-cn:iam::{ACCOUNT}:user/alice",
        "ec2.amazonaws.com",
    ],
)
def test_no_principal(kms: Any, member: str, principal: str) -> None:
    """Whoever is not there cannot have a grant, and nobody is named but by an ARN or as an account."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"], member: principal}
    arn = f"arn:aws:iam::{principal}:root" if principal.isdigit() else principal
    said = ("InvalidArnException", f"ARN does not refer to a valid principal: {arn}")
    assert refused(kms, **request) == said


@pytest.mark.parametrize(
    "changes",
    [
        {"GranteePrincipal": None},
        {"GranteeServicePrincipal": "ec2.amazonaws.com"},
        {"RetiringPrincipal": ALICE, "RetiringServicePrincipal": "ec2.amazonaws.com"},
        {"GranteePrincipal": None, "GranteeServicePrincipal": "ec2.amazonaws.com"},
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": "ec2.amazonaws.com",
            "Constraints": {"SourceArn": SOURCE},
        },
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": "ec2.amazonaws.com",
            "RetiringPrincipal": ALICE,
        },
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": "ec2.example.com",
            "RetiringPrincipal": ALICE,
            "Constraints": {"SourceArn": SOURCE},
        },
        {"Operations": []},
        {"Operations": ["ScheduleKeyDeletion"]},
        {"Constraints": {"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": {"a": "b"}}},
        {"Constraints": {"EncryptionContextSubset": {str(number): "" for number in range(9)}}},
        {"Constraints": {"EncryptionContextEquals": {"a": "b" * 384}}},
        {"Constraints": {"SourceArn": "arn:aws:ec2:us-east-1::instance/i-1"}},
        {"Name": "a name"},
        {"GrantTokens": ["x"] * 11},
    ],
)
def test_refused(kms: Any, changes: dict[str, Any]) -> None:
    """Each contradiction and everything beyond a limit is a ValidationException."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"], **changes}
    request = {name: value for name, value in request.items() if value is not None}
    assert refused(kms, **request)[0] == "ValidationException"


def test_the_largest_constraint(kms: Any) -> None:
    """Eight pairs, and 384 characters."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    kms.create_grant(**request, Constraints={"EncryptionContextSubset": {str(n): "" for n in range(8)}})
    kms.create_grant(**request, Constraints={"EncryptionContextEquals": {"a": "b" * 383}})


def test_a_grant_for_a_service(kms: Any) -> None:
    """It is shown as one, with the source that it is bound to and the service that retires it."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    service = {
        "GranteeServicePrincipal": "ec2.amazonaws.com",
        "RetiringServicePrincipal": "ebs.amazonaws.com",
        "Constraints": {"SourceArn": SOURCE},
    }
    kms.create_grant(KeyId=key, Operations=["Decrypt"], **service)
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    assert {name: grant[name] for name in service} == service
    assert {"GranteePrincipal", "RetiringPrincipal"}.isdisjoint(grant)


def test_an_alias_is_no_name_here(kms: Any) -> None:
    """CreateGrant takes a key id or a key ARN."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/espresso", TargetKeyId=key)
    request = {"KeyId": "alias/espresso", "GranteePrincipal": ALICE, "Operations": ["Encrypt"]}
    assert refused(kms, **request) == ("NotFoundException", "Invalid keyId 'alias/espresso'")
