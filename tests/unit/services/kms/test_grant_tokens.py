"""Grant tokens: checked wherever they are taken, and worth nothing by themselves."""

import base64
from typing import Any

import boto3
import orjson
import pytest
from botocore.exceptions import ClientError

from masugata.services import SERVICES
from masugata.services.kms._grant_tokens import TAKING_TOKENS
from masugata.testing import LocalAws, local_aws
from masugata.wire import load_service

ALICE = "arn:aws:iam::111122223333:user/alice"


@pytest.fixture
def aws() -> Any:
    """An installation with two users."""
    with local_aws() as entered:
        for name in ("alice", "bob"):
            boto3.client("iam").create_user(UserName=name)
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """The administrator's client."""
    return aws.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The id of a symmetric key."""
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


def token_of(kms: Any, key: str, *operations: str) -> str:
    """The token of a new grant to alice."""
    request = {"KeyId": key, "GranteePrincipal": ALICE, "Operations": operations or ("Encrypt",)}
    return str(kms.create_grant(**request)["GrantToken"])


def encrypting(client: Any, key: str, *tokens: str) -> str:
    """The code with which encrypting is refused, or the empty text."""
    try:
        client.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=list(tokens))
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_the_operations_that_take_tokens() -> None:
    """They are those of the model, and each that is built checks them."""
    model = load_service("kms")
    taking = {
        name
        for name in model.operation_names
        if (shape := model.operation(name).input) and "GrantTokens" in model.shape(shape).members
    }
    assert taking == TAKING_TOKENS
    for name in taking & SERVICES["kms"].keys():
        assert SERVICES["kms"][name].handler.__qualname__.startswith("_checking")


def test_a_good_token_is_taken(aws: LocalAws, kms: Any, key: str) -> None:
    """With the token, or with ten, the grant counts as without; none is longer than AWS's."""
    tokens = [token_of(kms, key) for _ in range(10)]
    alice = aws.client("kms", user="alice")
    assert (
        encrypting(alice, key) == encrypting(alice, key, tokens[0]) == encrypting(alice, key, *tokens) == ""
    )
    assert max(map(len, tokens)) <= 8192
    assert encrypting(alice, key, *tokens, tokens[0]) == "ValidationException"


def test_somebody_else_s_token_gives_nothing(aws: LocalAws, kms: Any, key: str) -> None:
    """It is no error, and no permission."""
    token = token_of(kms, key)
    assert encrypting(aws.client("kms", user="bob"), key, token) == "AccessDeniedException"
    assert encrypting(kms, key, token) == ""


def test_tokens_that_are_none(kms: Any, key: str) -> None:
    """InvalidGrantTokenException for what is malformed, of another key, or of a grant that is gone."""
    token = token_of(kms, key)
    other = token_of(kms, kms.create_key()["KeyMetadata"]["KeyId"])
    for bad in ("x", "AQ==", "é", token + "=", token + token, token[:-4], other):
        assert encrypting(kms, key, bad) == "InvalidGrantTokenException", bad
        assert encrypting(kms, key, token, bad) == "InvalidGrantTokenException", bad
    kms.retire_grant(GrantToken=token)
    assert encrypting(kms, key, token) == "InvalidGrantTokenException"


def test_a_token_with_any_bit_flipped_is_none(kms: Any, key: str) -> None:
    """Every bit of what the token holds is under the seal, and the token has one spelling."""
    token = token_of(kms, key)
    content = base64.b64decode(token)
    for place in range(0, 8 * len(content), 7):
        changed = bytearray(content)
        changed[place // 8] ^= 1 << place % 8
        bad = base64.b64encode(changed).decode()
        assert encrypting(kms, key, bad) == "InvalidGrantTokenException", place
    last = {token[:-3] + letter + token[-2:] for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} - {token}
    assert {encrypting(kms, key, bad) for bad in last} == {"InvalidGrantTokenException"}


def test_a_token_cannot_be_made_for_another_grant(aws: LocalAws, kms: Any, key: str) -> None:
    """The seal of one grant under the name of another one retires nothing, whoever asks."""
    mine, theirs = token_of(kms, key, "RetireGrant"), token_of(kms, key, "Encrypt")
    (name, _, _), (_, _, seal) = (base64.b64decode(one)[1:].partition(b"\0") for one in (theirs, mine))
    forged = base64.b64encode(b"\x01" + name + b"\0" + seal).decode()
    with pytest.raises(ClientError, match="InvalidGrantTokenException"):
        kms.retire_grant(GrantToken=forged)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        aws.client("kms", user="alice").retire_grant(GrantToken=forged)
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 2


@pytest.mark.parametrize(
    "name", [{}, [], ["a"], [1, 2, 3, 4], ["111122223333", "us-east-1", "x", "y", "z"], "text"]
)
def test_names_that_no_token_has(kms: Any, name: Any) -> None:
    """JSON that names no grant is no token, where a grant is to be retired as well."""
    forged = base64.b64encode(b"\x01" + orjson.dumps(name) + b"\0seal").decode()
    with pytest.raises(ClientError, match="InvalidGrantTokenException"):
        kms.retire_grant(GrantToken=forged)


def test_tokens_of_decrypt_and_re_encrypt(kms: Any, key: str) -> None:
    """The key may be named by its ciphertext or an alias, and either key's grants may be meant."""
    second = kms.create_key()["KeyMetadata"]["KeyId"]
    third = token_of(kms, kms.create_key()["KeyMetadata"]["KeyId"])
    kms.create_alias(AliasName="alias/second", TargetKeyId=second)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    tokens = [token_of(kms, key), token_of(kms, second)]
    kms.decrypt(CiphertextBlob=blob, GrantTokens=tokens[:1])
    kms.describe_key(KeyId="alias/second", GrantTokens=tokens[1:])
    request = {"CiphertextBlob": blob, "DestinationKeyId": "alias/second"}
    kms.re_encrypt(**request, GrantTokens=tokens)
    with pytest.raises(ClientError, match="InvalidGrantTokenException"):
        kms.decrypt(CiphertextBlob=blob, GrantTokens=tokens)
    with pytest.raises(ClientError, match="InvalidGrantTokenException"):
        kms.re_encrypt(**request, GrantTokens=[*tokens, third])
    with pytest.raises(ClientError, match="InvalidGrantTokenException"):
        kms.create_grant(KeyId=key, GranteePrincipal=ALICE, Operations=["Encrypt"], GrantTokens=tokens[1:])


def test_a_token_is_of_its_region(kms: Any, key: str) -> None:
    """A grant is retired where it is."""
    with pytest.raises(ClientError, match="InvalidArnException"):
        boto3.client("kms", region_name="eu-west-1").retire_grant(GrantToken=token_of(kms, key))
