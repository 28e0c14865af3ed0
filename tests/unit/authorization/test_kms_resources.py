"""Every KMS operation resolves to the ARNs and condition keys of AWS's permissions reference."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from masugata.authorization import catalogue
from masugata.authorization.access import Access
from masugata.authorization.resources import UnresolvedResourceError, accesses
from masugata.authorization.resources.kms import default_policy
from masugata.authorization.resources.kms.naming import ACROSS_ACCOUNTS, takes_alias
from masugata.authorization.resources.kms.request_keys import MEMBERS
from masugata.errors import AwsError
from masugata.identity.caller import Caller, service_caller
from masugata.identity.services import CallingService, ServicePrincipal
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import Tag
from masugata.records.kms import ALIAS, AWS, GRANT, KEY, Alias, Grant, Key
from masugata.wire import load_service
from unit.authorization import resource_rows_kms as rows
from unit.authorization.world import ACCOUNT_ID, NOW, OTHER_ID, World

POLICY = default_policy(ACCOUNT_ID, "aws")
FOREIGN = "44444444-4444-4444-8444-444444444444"
FOREIGN_KEY = f"arn:aws:kms:{rows.REGION}:{OTHER_ID}:key/{FOREIGN}"
CLOSED = "999999999999"
CLOSED_ID = "99999999-9999-4999-8999-999999999999"
ON_KEYS = [row for row in rows.ROWS if row[1].get("KeyId") in (rows.ID, rows.MRK, rows.ALIAS)]


def key(key_id: str, region: str = rows.REGION, **fields: Any) -> Key:
    """A key with a tag."""
    values: dict[str, Any] = {
        "policy": POLICY,
        "spec": "SYMMETRIC_DEFAULT",
        "usage": "ENCRYPT_DECRYPT",
        "tags": (Tag("Team", "red"),),
        **fields,
    }
    return Key(id=key_id, region=region, creation_date=NOW, **values)


class Keys(World):
    """The world with keys: one with an alias, one without, a primary and its replica, one elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.add(key(rows.ID))
        self.add(key(rows.OTHER))
        self.add(key(rows.MRK, primary_region=rows.REGION, replica_regions=(rows.THERE,)))
        self.add(key(rows.MRK, rows.THERE, primary_region=rows.REGION))
        self.add(key(FOREIGN), OTHER_ID)
        self.put(
            ACCOUNT, Account(id=CLOSED, root_email="x@y.example", create_date=NOW, state="SUSPENDED"), CLOSED
        )
        self.add(key(CLOSED_ID), CLOSED)
        self.name(rows.ALIAS, rows.ID)
        self.name(rows.ALIAS, FOREIGN, OTHER_ID)

    def add(self, record: Key, account: str = ACCOUNT_ID) -> None:
        """Store a key."""
        self.store.submit(lambda tx: tx.put(KEY, account, record, record.region)).result()

    def name(self, alias: str, key_id: str, account: str = ACCOUNT_ID) -> None:
        """Give a key an alias."""
        record = Alias(name=alias, key_id=key_id, creation_date=NOW, last_updated=NOW)
        self.store.submit(lambda tx: tx.put(ALIAS, account, record, rows.REGION)).result()

    def grant(self) -> None:
        """Add a grant with a constraint."""
        record = Grant(
            id="0" * 64,
            key_id=rows.ID,
            creation_date=NOW,
            issuing_account=ACCOUNT_ID,
            grantee=rows.ROLE,
            context_equals=rows.CONTEXT,
        )
        self.store.submit(lambda tx: tx.put(GRANT, ACCOUNT_ID, record, rows.REGION)).result()


@pytest.fixture(scope="module")
def world() -> Keys:
    """Keys that no test changes."""
    return Keys()


def needed(
    world: World, operation: str, request: Mapping[str, Any], caller: Caller | None = None
) -> list[Access]:
    """What alice, or another caller, needs for this call."""
    return accesses("kms", operation, request, caller or world.alice(), world.records, rows.REGION)


@pytest.mark.parametrize(("operation", "request_", "expected"), rows.ROWS, ids=[row[0] for row in rows.ROWS])
def test_operation(
    world: Keys, operation: str, request_: Mapping[str, Any], expected: list[tuple[str, str, rows.Keys]]
) -> None:
    """Each permission, on each resource, with exactly the documented keys."""
    found = needed(world, operation, request_)
    assert [(one.action, one.resource, one.context) for one in found] == expected
    for one in found:
        assert one.resource_account == (None if one.resource == "*" else ACCOUNT_ID)
        on_key = one.resource.partition(":key/")[1] != ""
        assert one.resource_policy == (POLICY if on_key else None)
        assert one.stranger is None


def test_every_operation_has_its_row() -> None:
    """All operations of KMS stand here, built or not."""
    assert sorted(row[0] for row in rows.ROWS) == sorted(load_service("kms").operation_names)


def _given(operation: str) -> Mapping[str, Any]:
    """The fullest request that there is for an operation; its keys are named by an alias if they may be."""
    row = next(row for row in rows.ROWS if row[0] == operation)
    fullest: dict[str, Any] = {member.name: f"a-{member.name}" for member in MEMBERS.values()}
    fullest |= {f"{side}EncryptionContext": rows.CONTEXT for side in ("", "Source", "Destination")}
    fullest |= {**rows.TAGS, "TagKeys": ["Shop"], "MultiRegion": True, **row[1]}
    fullest["Constraints"] = {"EncryptionContextEquals": rows.CONTEXT, "SourceArn": "arn:aws:s3::1:x"}
    if takes_alias(f"kms:{operation}"):
        fullest["KeyId"] = rows.ALIAS
    if operation == "ReEncrypt":
        fullest |= {"SourceKeyId": rows.ALIAS, "DestinationKeyId": rows.ALIAS}
    return fullest


@pytest.mark.parametrize("operation", [row[0] for row in rows.ROWS])
def test_every_condition_key_that_the_catalogue_names_is_sent(operation: str) -> None:
    """By way of a service, with all members given, each key of each action is there, but for two kinds.

    Nobody's attestation is verified here, and of the last use the gateway knows.
    """
    world = Keys()
    world.grant()
    caller = replace(world.alice(), via=(CallingService("s3", rows.REGION),))
    found = needed(world, operation, _given(operation), caller)
    for name in {access.action for access in found}:
        action = catalogue.action(name)
        assert action is not None
        sent = {key for access in found if access.action == name for key in access.context}
        wanted = {
            key.replace("${TagKey}", "Shop").replace("${EncryptionContextKey}", "App")
            for key in action.condition_keys
            if not key.startswith("kms:RecipientAttestation:") and key != "kms:TrailingDaysWithoutKeyUsage"
        }
        assert wanted <= sent, wanted - sent


@pytest.mark.parametrize(("operation", "request_"), [row[:2] for row in ON_KEYS], ids=[r[0] for r in ON_KEYS])
def test_names_of_a_key(world: Keys, operation: str, request_: Mapping[str, Any]) -> None:
    """Id and ARN mean the same; an alias and its ARN do only where the operation takes one."""
    by_id = needed(world, operation, {**request_, "KeyId": rows.MRK})
    assert needed(world, operation, {**request_, "KeyId": rows.MRK_KEY}) == by_id
    for alias in (rows.ALIAS, f"{rows.HEAD}{rows.ALIAS}"):
        if takes_alias(f"kms:{operation}"):
            (access,) = needed(world, operation, {**request_, "KeyId": alias})
            assert (access.resource, access.context["kms:RequestAlias"]) == (rows.KEY, rows.ALIAS)
        else:
            with pytest.raises(AwsError, match=f"Invalid keyId '{alias}'") as caught:
                needed(world, operation, {**request_, "KeyId": alias})
            assert caught.value.code == "NotFoundException"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("bread", "NotFoundException", "Invalid keyId 'bread'"),
        ("11111111-1111-4111-8111-11111111111", "NotFoundException", "Invalid keyId"),
        (
            f"arn:aws:kms:{rows.THERE}:{ACCOUNT_ID}:key/{rows.ID}",
            "InvalidArnException",
            "Invalid arn eu-west-1",
        ),
        (f"arn:aws-cn:kms:{rows.REGION}:{ACCOUNT_ID}:key/{rows.ID}", "InvalidArnException", "Invalid arn"),
        ("arn:aws:s3:::bread", "InvalidArnException", "Invalid arn arn:aws:s3:::bread"),
        (f"arn:aws:kms:{rows.REGION}:{ACCOUNT_ID}:grant/{rows.ID}", "InvalidArnException", "Invalid arn"),
        ("arn:aws:kms", "InvalidArnException", "Invalid arn arn:aws:kms"),
        (f"arn:aws:kms:{rows.REGION}:{ACCOUNT_ID}:key/x", "NotFoundException", "Invalid keyId 'x'"),
    ],
    ids=[
        "no-id",
        "too-short",
        "other-region",
        "other-partition",
        "other-service",
        "no-key",
        "no-arn",
        "no-id-in-arn",
    ],
)
def test_what_is_no_name(world: Keys, name: str, code: str, message: str) -> None:
    """A text that can be no key's name, or of a key that is used elsewhere, is refused in AWS's words."""
    with pytest.raises(AwsError, match=message) as caught:
        needed(world, "DescribeKey", {"KeyId": name})
    assert caught.value.code == code


@pytest.mark.parametrize(("operation", "request_"), [row[:2] for row in ON_KEYS], ids=[r[0] for r in ON_KEYS])
def test_key_of_another_account(world: Keys, operation: str, request_: Mapping[str, Any]) -> None:
    """Its policy is asked where AWS documents use across accounts; for all other operations nobody may."""
    access = needed(world, operation, {**request_, "KeyId": FOREIGN_KEY})[0]
    across = operation in ACROSS_ACCOUNTS
    assert (access.resource, access.resource_account) == (FOREIGN_KEY, OTHER_ID)
    policy = default_policy(OTHER_ID, "aws") if operation == "RetireGrant" else POLICY
    assert access.resource_policy == (policy if across else "")
    assert ("kms:KeySpec" in access.context) == across


def test_a_stranger_is_told_what_the_request_says(world: Keys) -> None:
    """Of keys that are there and of those that are not, by whatever name, the same is told."""
    missing = FOREIGN_KEY.replace("4444-", "4445-")
    for there, gone in ((FOREIGN_KEY, missing), (f"arn:aws:kms:{rows.REGION}:{OTHER_ID}:{rows.ALIAS}", None)):
        (found,) = needed(world, "Encrypt", {"KeyId": there, "EncryptionContext": rows.CONTEXT})
        told = found.stranger
        assert told is not None
        assert told.resource == there
        assert told.resource_policy == ""
        assert told.context.keys() - {"kms:RequestAlias"} == {*rows.CALLER, *rows.SYMMETRIC, *rows.IN_CONTEXT}
        if gone is not None:
            (other,) = needed(world, "Encrypt", {"KeyId": gone, "EncryptionContext": rows.CONTEXT})
            assert other.stranger == replace(told, resource=gone)


def test_key_of_a_ciphertext_is_of_no_account_to_a_stranger(world: Keys) -> None:
    """A ciphertext does not tell whose its key is, nor whether it is there."""
    blobs = (rows.ciphertext(FOREIGN), rows.ciphertext(FOREIGN.replace("4444-", "4445-")))
    there, gone = (needed(world, "Decrypt", {"CiphertextBlob": blob})[0] for blob in blobs)
    assert there.resource == FOREIGN_KEY
    assert there.resource_policy == POLICY
    assert gone.resource_policy == ""
    assert there.stranger is not None
    assert gone.stranger is not None
    assert there.stranger.resource_account == gone.stranger.resource_account == ""


def test_keys_of_a_closed_account_are_nobody_s(world: Keys) -> None:
    """A key of an account that is closed is as if it were not there."""
    (access,) = needed(world, "Encrypt", {"KeyId": f"arn:aws:kms:{rows.REGION}:{CLOSED}:key/{CLOSED_ID}"})
    assert access.resource_policy == ""
    assert "kms:KeySpec" not in access.context


def test_what_is_not_there(world: Keys) -> None:
    """In one's own account a missing key is judged by the default policy, and has no keys of its own."""
    missing = rows.ID.replace("1111-", "1112-")
    (access,) = needed(world, "Encrypt", {"KeyId": missing})
    assert access.resource == f"{rows.HEAD}key/{missing}"
    assert access.resource_policy == POLICY
    assert access.context == {**rows.CALLER, **rows.SYMMETRIC}
    (access,) = needed(world, "Encrypt", {"KeyId": rows.NEW_ALIAS})
    assert access.resource == f"{rows.HEAD}{rows.NEW_ALIAS}"
    (alias,) = needed(world, "DeleteAlias", {"AliasName": rows.NEW_ALIAS})
    assert alias.resource == f"{rows.HEAD}{rows.NEW_ALIAS}"


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutKeyPolicy", {"KeyId": rows.ID}),
        ("ImportKeyMaterial", {"KeyId": rows.ID, "ValidTo": rows.VALID_TO}),
    ],
)
def test_keys_that_are_absent_with_their_parameter(
    world: Keys, operation: str, request_: Mapping[str, Any]
) -> None:
    """AWS's examples test with Null whether these parameters were given."""
    (access,) = needed(world, operation, request_)
    assert not {"kms:BypassPolicyLockoutSafetyCheck", "kms:ExpirationModel"} & access.context.keys()


@pytest.mark.parametrize(
    ("operation", "request_", "keys"),
    [
        ("EnableKeyRotation", {}, {"kms:RotationPeriodInDays": "365"}),
        ("ScheduleKeyDeletion", {}, {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}),
        ("Sign", {"SigningAlgorithm": "x"}, {"kms:MessageType": "RAW", "kms:SigningAlgorithm": "x"}),
    ],
)
def test_defaults(world: Keys, operation: str, request_: Mapping[str, Any], keys: rows.Keys) -> None:
    """A parameter that is left out has a key with its default."""
    (access,) = needed(world, operation, {"KeyId": rows.ID, **request_})
    assert access.context == {**rows.OWN, **keys}


def test_more_aliases_than_the_quota() -> None:
    """By whatever condition on its aliases a key could be used, it may not once it has too many."""
    world = Keys()
    for number in range(50):
        world.name(f"alias/bread-{number:02}", rows.ID)
    found = needed(world, "DescribeKey", {"KeyId": rows.ID})
    aliases = [access.context.get("kms:ResourceAliases") for access in found]
    assert len(aliases[0] or ()) == 51
    assert aliases[1:] == [["\0"], None]


@pytest.mark.parametrize("operation", ["Encrypt", "Decrypt", "GenerateDataKey"])
def test_encryption_context_whose_keys_differ_only_in_case(world: Keys, operation: str) -> None:
    """A policy could not tell them apart, so nobody may use such a context."""
    request = {"KeyId": rows.ID, "EncryptionContext": {"Stage": "restricted", "stage": "test"}}
    with pytest.raises(AwsError, match="differ only in case") as caught:
        needed(world, operation, request)
    assert caught.value.code == "AccessDenied"


def test_encryption_context_with_an_empty_key(world: Keys) -> None:
    """To `ForAllValues` a set of nothing but empty text is none, so it would meet any such condition."""
    request = {"KeyId": rows.ID, "EncryptionContext": {"": "restricted"}}
    with pytest.raises(AwsError, match="empty key") as caught:
        needed(world, "Encrypt", request)
    assert caught.value.code == "AccessDenied"


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("Decrypt", {}, "ValidationError"),
        ("Decrypt", {"CiphertextBlob": b"x" * 200}, "InvalidCiphertextException"),
        ("ReEncrypt", {"CiphertextBlob": b"x", "DestinationKeyId": rows.ID}, "InvalidCiphertextException"),
        ("RetireGrant", {}, "ValidationError"),
        ("RetireGrant", {"GrantToken": "x"}, "InvalidGrantTokenException"),
        ("CreateAlias", {"AliasName": "bread", "TargetKeyId": rows.ID}, "ValidationError"),
        ("CreateAlias", {"AliasName": rows.NEW_ALIAS, "TargetKeyId": rows.ALIAS}, "ValidationError"),
    ],
)
def test_requests_that_name_nothing(
    world: Keys, operation: str, request_: Mapping[str, Any], code: str
) -> None:
    """What cannot be judged because it names no key is refused as AWS does."""
    with pytest.raises(AwsError) as caught:
        needed(world, operation, request_)
    assert caught.value.code == code


@pytest.mark.parametrize("operation", ["Encrypt", "CreateGrant"])
def test_without_a_key(world: Keys, operation: str) -> None:
    """What says no key at all has no rule."""
    with pytest.raises(UnresolvedResourceError):
        needed(world, operation, {})


def test_same_key_and_both_sides_of_re_encrypt(world: Keys) -> None:
    """Whether both keys are one is told whatever they are called."""
    request = {"CiphertextBlob": rows.CIPHERTEXT, "DestinationKeyId": rows.ALIAS}
    source, destination = needed(world, "ReEncrypt", request)
    assert source.context["kms:ReEncryptOnSameKey"] == "true"
    assert destination.context["kms:ReEncryptOnSameKey"] == "true"
    assert "kms:RequestAlias" not in source.context


def test_grants_for_services(world: Keys) -> None:
    """A grant is for an AWS resource if a service asks for it, for somebody or for itself."""
    request = {"KeyId": rows.KEY, "GranteePrincipal": rows.ROLE, "Operations": ["Decrypt"]}
    through = replace(world.alice(), via=(CallingService("ec2", rows.REGION),))
    (access,) = needed(world, "CreateGrant", request, through)
    assert access.context["kms:GrantIsForAWSResource"] == "true"
    assert access.context["kms:ViaService"] == "ec2.us-east-1.amazonaws.com"
    service = ServicePrincipal(name="rds.amazonaws.com", account=ACCOUNT_ID, region=rows.REGION)
    (access,) = needed(world, "CreateGrant", request, service_caller(service))
    assert access.context["kms:GrantIsForAWSResource"] == "true"
    assert not {"kms:CallerAccount", "kms:ViaService"} & access.context.keys()


@pytest.mark.parametrize("role", ["Grantee", "Retiring"])
def test_a_principal_has_one_name_for_conditions(world: Keys, role: str) -> None:
    """An account that is named by its digits alone does not evade a Deny on its ARN."""
    request = {"KeyId": rows.KEY, "GranteePrincipal": rows.ROLE, "Operations": ["Decrypt"]}
    (access,) = needed(world, "CreateGrant", {**request, f"{role}Principal": OTHER_ID})
    assert access.context[f"kms:{role}Principal"] == f"arn:aws:iam::{OTHER_ID}:root"


def test_aws_managed_keys_are_exempt_from_rcps() -> None:
    """Resource control policies do not bind them."""
    world = Keys()
    world.add(key(rows.OTHER, manager=AWS))
    assert [needed(world, "DescribeKey", {"KeyId": i})[0].rcp_exempt for i in (rows.ID, rows.OTHER)] == [
        False,
        True,
    ]


def test_what_a_key_was_is_not_remembered() -> None:
    """The next request sees new tags, an alias that is of another key now, and that an account was closed."""
    world = Keys()
    request = {"KeyId": f"arn:aws:kms:{rows.REGION}:{ACCOUNT_ID}:{rows.ALIAS}", "Plaintext": b"x"}
    (before,) = needed(world, "Encrypt", request)
    assert before.resource.endswith(rows.ID)
    assert before.context["aws:ResourceTag/Team"] == "red"
    world.add(key(rows.ID, tags=(Tag("Team", "blue"),)))
    assert needed(world, "Encrypt", request)[0].context["aws:ResourceTag/Team"] == "blue"
    world.name(rows.ALIAS, rows.OTHER)
    assert needed(world, "Encrypt", request)[0].resource.endswith(rows.OTHER)
    stranger = replace(world.alice(), account=OTHER_ID)
    assert needed(world, "Encrypt", request, stranger)[0].resource_policy == POLICY
    closed = Account(id=ACCOUNT_ID, root_email="z@y.example", create_date=NOW, state="SUSPENDED")
    world.put(ACCOUNT, closed)
    assert needed(world, "Encrypt", request, stranger)[0].resource_policy == ""
