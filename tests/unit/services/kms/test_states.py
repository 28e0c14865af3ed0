"""What can be done with keys in which state: every cell of AWS's table for the operations on keys themselves.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from masugata.records.kms import KEY
from support import ACCOUNT, House

REGION = "us-east-1"
POLICY = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},'
    '"Action":"kms:*","Resource":"*"}}'
)
STATES = (
    "Enabled", "Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Unavailable",
    "Creating", "Updating",
)  # fmt: skip
WORDS = {
    "PendingDeletion": "pending deletion",
    "PendingReplicaDeletion": "pending replica deletion",
    "PendingImport": "pending import",
    "Creating": "creating",
    "Updating": "updating",
}
PENDING = ("PendingDeletion", "PendingReplicaDeletion")
NOT_PENDING = tuple(state for state in STATES if state not in PENDING)

CALLS: dict[str, Callable[[Any, str], Any]] = {
    "CancelKeyDeletion": lambda kms, key: kms.cancel_key_deletion(KeyId=key),
    "DescribeKey": lambda kms, key: kms.describe_key(KeyId=key),
    "DisableKey": lambda kms, key: kms.disable_key(KeyId=key),
    "EnableKey": lambda kms, key: kms.enable_key(KeyId=key),
    "GetKeyLastUsage": lambda kms, key: kms.get_key_last_usage(KeyId=key),
    "GetKeyPolicy": lambda kms, key: kms.get_key_policy(KeyId=key),
    "ListKeyPolicies": lambda kms, key: kms.list_key_policies(KeyId=key),
    "ListResourceTags": lambda kms, key: kms.list_resource_tags(KeyId=key),
    "PutKeyPolicy": lambda kms, key: kms.put_key_policy(KeyId=key, Policy=POLICY),
    "ScheduleKeyDeletion": lambda kms, key: kms.schedule_key_deletion(KeyId=key),
    "TagResource": lambda kms, key: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    "UntagResource": lambda kms, key: kms.untag_resource(KeyId=key, TagKeys=["a"]),
    "UpdateKeyDescription": lambda kms, key: kms.update_key_description(KeyId=key, Description="d"),
}
REFUSED: dict[str, tuple[str, ...]] = {
    "CancelKeyDeletion": NOT_PENDING,
    "DisableKey": (*PENDING, "PendingImport", "Creating", "Updating"),
    "EnableKey": (*PENDING, "PendingImport", "Creating", "Updating"),
    "ScheduleKeyDeletion": (*PENDING, "Updating"),
    "TagResource": PENDING,
    "UntagResource": PENDING,
    "UpdateKeyDescription": PENDING,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation, in which each test has a key of its own."""
    made = House(tmp_path_factory.mktemp("states"))
    yield made
    made.store.close()


def in_state(house: House, state: str, **fields: Any) -> str:
    """The ARN of a new key in this state."""
    key = house.client("kms").create_key()["KeyMetadata"]
    if state == "PendingDeletion":
        fields = {"deletion_date": house.clock() + timedelta(days=9), "pending_window": 9, **fields}

    def job(transaction: Any) -> None:
        record = transaction.get(KEY, ACCOUNT, key["KeyId"], REGION)
        changed = msgspec.structs.replace(record, state=state, **fields)
        transaction.put(KEY, ACCOUNT, changed, REGION)

    house.store.submit(job).result()
    return str(key["Arn"])


def state_of(house: House, arn: str) -> str:
    """The state that a key shows."""
    return str(house.client("kms").describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", CALLS)
def test_every_state(house: House, operation: str, state: str) -> None:
    """Each operation is allowed or refused, in AWS's words, as the table says of the state."""
    arn = in_state(house, state)
    kms = house.client("kms")
    if state not in REFUSED.get(operation, ()):
        CALLS[operation](kms, arn)
        return
    with pytest.raises(kms.exceptions.KMSInvalidStateException) as caught:
        CALLS[operation](kms, arn)
    word = "not pending deletion" if operation == "CancelKeyDeletion" else WORDS[state]
    assert caught.value.response["Error"]["Message"] == f"{arn} is {word}."
    assert state_of(house, arn) == state


@pytest.mark.parametrize(
    ("operation", "state", "then"),
    [
        ("DisableKey", "Enabled", "Disabled"),
        ("DisableKey", "Disabled", "Disabled"),
        ("EnableKey", "Disabled", "Enabled"),
        ("EnableKey", "Enabled", "Enabled"),
        ("EnableKey", "Unavailable", "Unavailable"),
        ("DisableKey", "Unavailable", "Unavailable"),
        ("CancelKeyDeletion", "PendingDeletion", "Disabled"),
        ("CancelKeyDeletion", "PendingReplicaDeletion", "Disabled"),
        *(
            ("ScheduleKeyDeletion", state, "PendingDeletion")
            for state in ("Enabled", "Disabled", "PendingImport", "Unavailable", "Creating")
        ),
    ],
)
def test_what_follows(house: House, operation: str, state: str, then: str) -> None:
    """A key is in the state that AWS documents after each operation that changes it."""
    arn = in_state(house, state)
    CALLS[operation](house.client("kms"), arn)
    assert state_of(house, arn) == then


def test_an_unavailable_key_remembers_what_it_is_to_be(house: House) -> None:
    """Enabling and disabling succeed, and show as soon as the key store is connected again."""
    arn = in_state(house, "Unavailable", state_when_connected="Enabled")
    house.client("kms").disable_key(KeyId=arn)
    key = house.store.snapshot().get(KEY, ACCOUNT, arn.rpartition("/")[2], REGION)
    assert key is not None
    assert (key.state, key.state_when_connected) == ("Unavailable", "Disabled")


def test_a_kept_key_of_a_lost_store_is_unavailable(house: House) -> None:
    """Its deletion can be cancelled while its key store is away; with the store it comes back disabled."""
    arn = in_state(house, "PendingDeletion", custom_key_store="cks-1234567890abcdef0", xks_key="k")
    house.client("kms").cancel_key_deletion(KeyId=arn)
    key = house.store.snapshot().get(KEY, ACCOUNT, arn.rpartition("/")[2], REGION)
    assert key is not None
    assert (key.state, key.state_when_connected) == ("Unavailable", "Disabled")


def test_a_kept_key_without_its_material_waits_for_it(house: House) -> None:
    """Cancelling the deletion of a key whose material was never imported does not make it usable."""
    kms = house.client("kms")
    arn = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
    kms.schedule_key_deletion(KeyId=arn)
    kms.cancel_key_deletion(KeyId=arn)
    assert state_of(house, arn) == "PendingImport"


@pytest.mark.parametrize("days", [7, 30, None])
def test_the_window(house: House, days: int | None) -> None:
    """The answer tells the window, 30 days unless asked otherwise, and when the key will be deleted."""
    kms = house.client("kms")
    key = kms.create_key()["KeyMetadata"]
    given = {} if days is None else {"PendingWindowInDays": days}
    began = house.clock()
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], **given)
    assert answer["KeyId"] == key["Arn"]
    assert answer["KeyState"] == "PendingDeletion"
    assert answer["PendingWindowInDays"] == (days or 30)
    assert began <= answer["DeletionDate"] - timedelta(days=days or 30) + timedelta(milliseconds=1)
    shown = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert shown["DeletionDate"] == answer["DeletionDate"]
    assert shown["Enabled"] is False
    assert "PendingDeletionWindowInDays" not in shown


@pytest.mark.parametrize("days", [1, 6, 31, 365])
def test_other_windows_are_refused(house: House, days: int) -> None:
    """The model allows 1 to 365 days, the service 7 to 30."""
    kms = house.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError) as caught:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert state_of(house, key) == "Enabled"


@pytest.mark.parametrize(
    "operation",
    [
        "CancelKeyDeletion", "DisableKey", "EnableKey", "PutKeyPolicy", "ScheduleKeyDeletion", "TagResource",
        "UntagResource", "UpdateKeyDescription",
    ],
)  # fmt: skip
def test_a_key_of_aws_is_not_changed(house: House, operation: str) -> None:
    """Even if its policy allowed everything: nobody but AWS changes an AWS managed key."""
    arn = in_state(house, "Enabled", manager="AWS")
    with pytest.raises(ClientError) as caught:
        CALLS[operation](house.client("kms"), arn)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert state_of(house, arn) == "Enabled"


@pytest.mark.parametrize("operation", CALLS)
def test_an_unknown_key_is_not_found(house: House, operation: str) -> None:
    """Every operation says NotFoundException, and names the key by its ARN."""
    kms = house.client("kms")
    missing = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
    with pytest.raises(kms.exceptions.NotFoundException) as caught:
        CALLS[operation](kms, missing)
    assert caught.value.response["Error"]["Message"] == f"Key '{missing}' does not exist"


@pytest.mark.parametrize("operation", CALLS)
def test_a_malformed_arn_is_refused(house: House, operation: str) -> None:
    """Every operation says InvalidArnException of an ARN in another Region."""
    kms = house.client("kms")
    with pytest.raises(kms.exceptions.InvalidArnException):
        CALLS[operation](kms, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000")
