"""Aliases, as boto3 sees them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from masugata.engines.keys import KEY_SPECS
from masugata.records.kms import (
    CREATING,
    DISABLED,
    ENABLED,
    KEY,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
)
from masugata.testing import LocalAws, local_aws

HEAD = "arn:aws:kms:us-east-1:111122223333:"
MISSING = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An account of the test's own."""
    with local_aws() as found:
        yield found


def new_key(aws: LocalAws, **fields: Any) -> str:
    """The id of a new key, whose record has other fields."""
    key_id = str(aws.client("kms").create_key()["KeyMetadata"]["KeyId"])
    change(aws, key_id, **fields)
    return key_id


def change(aws: LocalAws, key_id: str, **fields: Any) -> None:
    """Change a key's record, as operations do that are not the matter here."""

    def job(transaction: Any) -> None:
        key = transaction.get(KEY, aws.id, key_id, aws.region)
        transaction.put(KEY, aws.id, replace(key, **fields), aws.region)

    aws._installation.store.submit(job).result()


def error(call: Any, **arguments: Any) -> tuple[str, str]:
    """Code and message of what a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    found = caught.value.response["Error"]
    return found["Code"], found["Message"]


def names(kms: Any, **arguments: Any) -> list[str]:
    """The aliases that are listed."""
    return [alias["AliasName"] for alias in kms.list_aliases(**arguments)["Aliases"]]


def test_an_alias_from_its_creation_to_its_end(aws: LocalAws) -> None:
    """It names its key, then another one, and then none; its times say when."""
    kms, first, second = aws.client("kms"), new_key(aws), new_key(aws)
    aws.clock.freeze()
    kms.create_alias(AliasName="alias/bread", TargetKeyId=first)
    (made,) = kms.list_aliases()["Aliases"]
    assert (made["AliasArn"], made["TargetKeyId"]) == (f"{HEAD}alias/bread", first)
    assert made["CreationDate"] == made["LastUpdatedDate"]
    aws.clock.advance(hours=1)
    kms.update_alias(AliasName="alias/bread", TargetKeyId=f"{HEAD}key/{second}")
    (changed,) = kms.list_aliases()["Aliases"]
    assert changed["TargetKeyId"] == second
    assert changed["CreationDate"] == made["CreationDate"] < changed["LastUpdatedDate"]
    assert kms.describe_key(KeyId="alias/bread")["KeyMetadata"]["KeyId"] == second
    kms.delete_alias(AliasName="alias/bread")
    assert error(kms.describe_key, KeyId="alias/bread") == (
        "NotFoundException",
        f"Alias {HEAD}alias/bread is not found.",
    )
    assert kms.describe_key(KeyId=second)["KeyMetadata"]["Enabled"]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("bread", "ValidationException", 'Alias must start with the prefix "alias/". Please see'),
        ("alias/", "InvalidAliasNameException", "'alias/' is not valid"),
        ("alias/a:b", "InvalidAliasNameException", "'alias/a:b' is not valid"),
        ("alias/a b", "ValidationException", "regular expression pattern: ^[a-zA-Z0-9:/_-]+$"),
        ("alias/" + "a" * 251, "ValidationException", "length less than or equal to 256"),
        (
            "alias/aws/s3",
            "AccessDeniedException",
            f"not authorized to perform: kms:CreateAlias on resource: {HEAD}",
        ),
    ],
    ids=["no-prefix", "nothing", "colon", "space", "too-long", "reserved"],
)
def test_names(aws: LocalAws, name: str, code: str, message: str) -> None:
    """What an alias cannot be called."""
    found = error(aws.client("kms").create_alias, AliasName=name, TargetKeyId=new_key(aws))
    assert found[0] == code
    assert message in found[1]


def test_the_longest_name(aws: LocalAws) -> None:
    """256 characters, of every sort that there may be."""
    name = "alias/aws-/_B9" + "a" * 242
    aws.client("kms").create_alias(AliasName=name, TargetKeyId=new_key(aws))
    assert names(aws.client("kms")) == [name]


def test_a_name_is_of_one_key_in_an_account_and_region(aws: LocalAws) -> None:
    """It can be there once; in another Region and in another account it is another one."""
    kms, key = aws.client("kms"), new_key(aws)
    kms.create_alias(AliasName="alias/bread", TargetKeyId=key)
    assert error(kms.create_alias, AliasName="alias/bread", TargetKeyId=key) == (
        "AlreadyExistsException",
        f"An alias with the name {HEAD}alias/bread already exists",
    )
    for other in (aws.client("kms", region_name="eu-west-1"), aws.account("444455556666").client("kms")):
        target = other.create_key()["KeyMetadata"]["KeyId"]
        other.create_alias(AliasName="alias/bread", TargetKeyId=target)
        assert names(other) == ["alias/bread"]


@pytest.mark.parametrize("target", ["id", "missing", "alias", "alias-arn", "region"])
def test_targets(aws: LocalAws, target: str) -> None:
    """An alias names a key that is there, by its id or ARN."""
    kms, key = aws.client("kms"), new_key(aws)
    kms.create_alias(AliasName="alias/bread", TargetKeyId=key)
    name, expected = {
        "id": ("bread", ("NotFoundException", "Invalid keyId 'bread'")),
        "missing": (MISSING, ("NotFoundException", f"Key '{HEAD}key/{MISSING}' does not exist")),
        "alias": ("alias/bread", ("ValidationException", "Aliases must refer to keys. Not aliases")),
        "alias-arn": (
            f"{HEAD}alias/bread",
            ("ValidationException", "Aliases must refer to keys. Not aliases"),
        ),
        "region": (
            f"arn:aws:kms:eu-west-1:111122223333:key/{key}",
            ("InvalidArnException", "Invalid arn eu-west-1"),
        ),
    }[target]
    assert error(kms.create_alias, AliasName="alias/cake", TargetKeyId=name) == expected
    assert error(kms.update_alias, AliasName="alias/bread", TargetKeyId=name) == expected


def test_an_alias_that_is_not_there(aws: LocalAws) -> None:
    """It can neither be changed nor deleted."""
    kms, expected = aws.client("kms"), ("NotFoundException", f"Alias {HEAD}alias/bread is not found.")
    assert error(kms.update_alias, AliasName="alias/bread", TargetKeyId=new_key(aws)) == expected
    assert error(kms.delete_alias, AliasName="alias/bread") == expected
    for operation in (kms.delete_alias, kms.update_alias):
        more = {} if operation == kms.delete_alias else {"TargetKeyId": MISSING}
        assert error(operation, AliasName="bread", **more)[0] == "ValidationException"


def test_quota(aws: LocalAws) -> None:
    """A key has 50 aliases, made for it or moved to it; a deleted one makes room."""
    kms, full, other = aws.client("kms"), new_key(aws), new_key(aws)
    for number in range(50):
        kms.create_alias(AliasName=f"alias/bread-{number}", TargetKeyId=full)
    message = f"A key has at most 50 aliases, and {HEAD}key/{full} has as many."
    expected = ("LimitExceededException", message)
    assert error(kms.create_alias, AliasName="alias/more", TargetKeyId=full) == expected
    kms.create_alias(AliasName="alias/more", TargetKeyId=other)
    assert error(kms.update_alias, AliasName="alias/more", TargetKeyId=full) == expected
    kms.update_alias(AliasName="alias/bread-0", TargetKeyId=full)  # which it is of already
    kms.delete_alias(AliasName="alias/bread-0")
    kms.update_alias(AliasName="alias/more", TargetKeyId=full)


@pytest.mark.parametrize(
    ("present", "new", "allowed"),
    [
        (("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "SIGN_VERIFY"), True),
        (("RSA_2048", "SIGN_VERIFY"), ("RSA_2048", "ENCRYPT_DECRYPT"), False),
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("RSA_2048", "ENCRYPT_DECRYPT"), False),
        (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("HMAC_256", "GENERATE_VERIFY_MAC"), False),
        (("HMAC_224", "GENERATE_VERIFY_MAC"), ("HMAC_512", "GENERATE_VERIFY_MAC"), True),
        (("ECC_NIST_P256", "KEY_AGREEMENT"), ("ECC_NIST_P256", "SIGN_VERIFY"), False),
        (("ML_KEM_512", "ENCAPSULATE_DECAPSULATE"), ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), True),
    ],
)
def test_types_of_keys(aws: LocalAws, present: tuple[str, str], new: tuple[str, str], allowed: bool) -> None:
    """An alias stays with keys of one type and usage, so that programs that use it go on working."""
    assert {present[0], new[0]} <= KEY_SPECS.keys()
    kms = aws.client("kms")
    old, other = (new_key(aws, spec=spec, usage=usage) for spec, usage in (present, new))
    kms.create_alias(AliasName="alias/bread", TargetKeyId=old)
    if allowed:
        kms.update_alias(AliasName="alias/bread", TargetKeyId=other)
    else:
        code, message = error(kms.update_alias, AliasName="alias/bread", TargetKeyId=other)
        assert code == "ValidationException"
        assert message.endswith("the key type and the key usage must be the same.")
    assert kms.list_aliases()["Aliases"][0]["TargetKeyId"] == (other if allowed else old)


_STATES = (
    ENABLED, DISABLED, PENDING_DELETION, PENDING_REPLICA_DELETION, PENDING_IMPORT, UNAVAILABLE, CREATING,
    UPDATING,
)  # fmt: skip
_REFUSED = {PENDING_DELETION: "pending deletion", PENDING_REPLICA_DELETION: "pending replica deletion"}


@pytest.mark.parametrize("state", _STATES)
def test_states(aws: LocalAws, state: str) -> None:
    """A key that is to be deleted gets no alias any more; those that it has can be moved and deleted."""
    kms, other = aws.client("kms"), new_key(aws)
    key = new_key(aws)
    kms.create_alias(AliasName="alias/present", TargetKeyId=key)
    kms.create_alias(AliasName="alias/other", TargetKeyId=other)
    change(aws, key, state=state)
    if state in _REFUSED:
        expected = ("KMSInvalidStateException", f"{HEAD}key/{key} is {_REFUSED[state]}.")
        assert error(kms.create_alias, AliasName="alias/new", TargetKeyId=key) == expected
        assert error(kms.update_alias, AliasName="alias/other", TargetKeyId=key) == expected
    else:
        kms.create_alias(AliasName="alias/new", TargetKeyId=key)
        kms.update_alias(AliasName="alias/other", TargetKeyId=key)
        kms.update_alias(AliasName="alias/other", TargetKeyId=other)
    assert "alias/present" in names(kms, KeyId=key)
    kms.update_alias(AliasName="alias/present", TargetKeyId=other)
    kms.delete_alias(AliasName="alias/present")


def test_listing(aws: LocalAws) -> None:
    """All aliases of the account in the Region by name, or those of one key, page by page."""
    kms, first, second = aws.client("kms"), new_key(aws), new_key(aws)
    for number in range(7):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=second if number % 3 else first)
    for arguments, expected in (
        ({}, [f"alias/{number}" for number in range(7)]),
        ({"KeyId": first}, ["alias/0", "alias/3", "alias/6"]),
        ({"KeyId": f"{HEAD}key/{second}"}, ["alias/1", "alias/2", "alias/4", "alias/5"]),
    ):
        assert names(kms, **arguments) == expected
        for size in (1, 2, 3, 100):
            pages = kms.get_paginator("list_aliases").paginate(
                **arguments, PaginationConfig={"PageSize": size}
            )
            listed = [[alias["AliasName"] for alias in page["Aliases"]] for page in pages]
            assert [name for page in listed for name in page] == expected
            assert all(len(page) == size for page in listed[:-1])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"KeyId": MISSING}, "NotFoundException"),
        ({"KeyId": "alias/bread"}, "NotFoundException"),
        ({"KeyId": "arn:aws:kms:eu-west-1:111122223333:key/x"}, "InvalidArnException"),
        ({"KeyId": f"arn:aws:kms:us-east-1:444455556666:key/{MISSING}"}, "NotFoundException"),
        ({"Marker": "no marker"}, "InvalidMarkerException"),
        ({"Limit": 101}, "ValidationException"),
        ({"Limit": 0}, "ParamValidationError"),
    ],
)
def test_what_cannot_be_listed(aws: LocalAws, arguments: dict[str, Any], code: str) -> None:
    """Aliases of no key of the account, from no place, and too many at once."""
    kms = aws.client("kms")
    if code == "ParamValidationError":
        kms = aws.session().client("kms", config=_unchecked())
        code = "ValidationException"
    assert error(kms.list_aliases, **arguments)[0] == code


def _unchecked() -> Any:
    from botocore.config import Config

    return Config(parameter_validation=False)


def test_both_permissions_are_needed(aws: LocalAws) -> None:
    """On the alias and on each key: a policy on only one of them is not enough."""
    key, other = f"{HEAD}key/{new_key(aws)}", f"{HEAD}key/{new_key(aws)}"
    alias = f"{HEAD}alias/bread"
    iam, admin = aws.client("iam"), aws.client("kms")
    for number, resources in enumerate(([alias], [key], [alias, key], [alias, key, other])):
        iam.create_user(UserName=f"user-{number}")
        statement = {"Effect": "Allow", "Action": "kms:*", "Resource": resources}
        policy = str({"Version": "2012-10-17", "Statement": [statement]}).replace("'", '"')
        iam.put_user_policy(UserName=f"user-{number}", PolicyName="p", PolicyDocument=policy)
        kms = aws.client("kms", user=f"user-{number}")
        create = {"AliasName": "alias/bread", "TargetKeyId": key}
        if number < 2:
            assert error(kms.create_alias, **create)[0] == "AccessDeniedException"
            admin.create_alias(**create)
            assert error(kms.delete_alias, AliasName="alias/bread")[0] == "AccessDeniedException"
            admin.delete_alias(AliasName="alias/bread")
            continue
        kms.create_alias(**create)
        if number == 2:
            move = {"AliasName": "alias/bread", "TargetKeyId": other}
            assert error(kms.update_alias, **move)[0] == "AccessDeniedException"
        else:
            kms.update_alias(AliasName="alias/bread", TargetKeyId=other)
        kms.delete_alias(AliasName="alias/bread")


def test_events(aws: LocalAws) -> None:
    """The event of each operation names the alias and the key."""
    kms, key = aws.client("kms"), new_key(aws)
    kms.create_alias(AliasName="alias/bread", TargetKeyId=key)
    kms.delete_alias(AliasName="alias/bread")
    for name in ("CreateAlias", "DeleteAlias"):
        (event,) = aws.events(name)
        assert {found["ARN"] for found in event["resources"]} == {f"{HEAD}alias/bread", f"{HEAD}key/{key}"}
        assert event["requestParameters"]["aliasName"] == "alias/bread"
