"""Rotation: by a schedule and on demand, with every old ciphertext still readable."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config

from masugata.keeper import open_keeper
from masugata.limits import LIMITS
from masugata.records.kms import KEY_MATERIAL, ROTATION, SCHEDULED, Scheduled
from masugata.services.kms._rotating import ROTATIONS
from masugata.store import Records
from masugata.testing import LocalAws, local_aws
from unit.services.kms.using_keys import encrypted, refusal

ACCOUNT = "111122223333"
DAY = timedelta(days=1)
LIMIT_REACHED = "The on-demand rotations limit has been reached for the given keyId."


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own, in which time stands still."""
    with local_aws() as entered:
        entered.clock.freeze(datetime.fromisoformat("2026-03-01T12:00:00+00:00"))
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """The administrator's client."""
    return aws.client("kms", region_name="us-east-1")


def new_key(kms: Any, **given: Any) -> str:
    """The id of a new key."""
    key: str = kms.create_key(**given)["KeyMetadata"]["KeyId"]
    return key


def materials(kms: Any, key: str) -> list[Any]:
    """All materials of a key."""
    listed: list[Any] = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return listed


def test_schedule(aws: LocalAws, kms: Any) -> None:
    """A key gets new material on its day and not before, and both materials decrypt what they encrypted."""
    key = new_key(kms)
    old = encrypted(kms, key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyId"], status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (key, True, 90)
    assert status["NextRotationDate"] == aws.clock() + 90 * DAY
    aws.clock.advance(90 * DAY - timedelta(seconds=1))
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    rotated = aws.clock.advance(seconds=1)
    first, second = materials(kms, key)
    assert (first["KeyMaterialState"], second["KeyMaterialState"]) == ("NON_CURRENT", "CURRENT")
    assert "RotationDate" not in first
    assert "RotationType" not in first
    assert (second["RotationDate"], second["RotationType"]) == (rotated, "AUTOMATIC")
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == [second]
    new = encrypted(kms, key)
    for blob, material in ((old, first), (new, second)):
        answer = kms.decrypt(CiphertextBlob=blob)
        assert (answer["Plaintext"], answer["KeyMaterialId"]) == (b"espresso", material["KeyMaterialId"])
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == rotated + 90 * DAY
    aws.clock.advance(90 * DAY)
    assert len(materials(kms, key)) == 3


def test_enabling_again(aws: LocalAws, kms: Any) -> None:
    """The period is a year unless it is said, and enabling again changes it and begins anew."""
    key = new_key(kms)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    aws.clock.advance(300 * DAY)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2560)
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == aws.clock() + 2560 * DAY
    aws.clock.advance(2559 * DAY)
    assert len(materials(kms, key)) == 1
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key) | {"ResponseMetadata": None} == {
        "KeyId": key,
        "KeyRotationEnabled": False,
        "ResponseMetadata": None,
    }
    aws.clock.advance(3000 * DAY)
    assert len(materials(kms, key)) == 1


@pytest.mark.parametrize("days", [89, 2561])
def test_period_out_of_range(aws: LocalAws, days: int) -> None:
    """A period is of 90 to 2560 days."""
    kms = aws.client("kms", region_name="us-east-1", config=Config(parameter_validation=False))
    key = new_key(kms)
    code, _ = refusal(kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=days)
    assert code == "ValidationException"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_a_disabled_key_waits(aws: LocalAws, kms: Any) -> None:
    """A key is not rotated while it is disabled, but at once when it is enabled, and from then on."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    kms.disable_key(KeyId=key)
    aws.clock.advance(150 * DAY)
    assert len(materials(kms, key)) == 1
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    kms.enable_key(KeyId=key)
    assert [one.get("RotationDate") for one in materials(kms, key)] == [None, aws.clock()]
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == aws.clock() + 100 * DAY
    kms.disable_key(KeyId=key)
    aws.clock.advance(50 * DAY)
    kms.enable_key(KeyId=key)
    assert len(materials(kms, key)) == 2


def test_a_key_to_be_deleted_waits(aws: LocalAws, kms: Any) -> None:
    """While a key waits for its deletion its rotation counts as off, and is on again if that is cancelled."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    aws.clock.advance(80 * DAY)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    aws.clock.advance(20 * DAY)
    assert len(materials(kms, key)) == 1
    kms.cancel_key_deletion(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    kms.enable_key(KeyId=key)
    assert len(materials(kms, key)) == 2


def test_a_deleted_key(aws: LocalAws, kms: Any) -> None:
    """A key that is gone has no rotation, and holds up none of another key."""
    gone, other = new_key(kms), new_key(kms)
    for key in (gone, other):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=7)
    aws.clock.advance(90 * DAY)
    assert len(materials(kms, other)) == 2
    assert refusal(kms.get_key_rotation_status, KeyId=gone)[0] == "NotFoundException"


def test_missed_rotations(aws: LocalAws, kms: Any) -> None:
    """After a time in which nobody looked there is one rotation, and the next one is on its day."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    began = aws.clock()
    aws.clock.advance(400 * DAY)
    assert len(materials(kms, key)) == 2
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == began + 450 * DAY


def test_on_demand(aws: LocalAws, kms: Any) -> None:
    """A rotation on demand gives new material, does not move the schedule, and needs none."""
    key = new_key(kms)
    old = encrypted(kms, key)
    assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
    first, second = materials(kms, key)
    assert (second["RotationType"], second["KeyMaterialState"]) == ("ON_DEMAND", "CURRENT")
    assert kms.decrypt(CiphertextBlob=old)["KeyMaterialId"] == first["KeyMaterialId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    began = aws.clock()
    aws.clock.advance(40 * DAY)
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == began + 90 * DAY
    aws.clock.advance(50 * DAY)
    assert [one.get("RotationType") for one in materials(kms, key)] == [
        None,
        "ON_DEMAND",
        "ON_DEMAND",
        "AUTOMATIC",
    ]
    assert kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"espresso"


def test_on_demand_in_progress() -> None:
    """While a rotation on demand is at work its beginning is shown, and there is no other until it ends."""
    with local_aws(limits={"kms.on-demand-rotation-seconds": 60}) as aws:
        kms = boto3.client("kms", region_name="us-east-1")
        aws.clock.freeze()
        key = new_key(kms)
        began = aws.clock()
        kms.rotate_key_on_demand(KeyId=key)
        shown = kms.get_key_rotation_status(KeyId=key)["OnDemandRotationStartDate"]
        assert abs(shown - began) < timedelta(milliseconds=1)
        code, message = refusal(kms.rotate_key_on_demand, KeyId=key)
        assert code == "ConflictException"
        assert "is in progress" in message
        kms.disable_key(KeyId=key)
        aws.clock.advance(seconds=60)
        assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key)
        assert len(materials(kms, key)) == 2


def test_on_demand_just_before_the_schedule(aws: LocalAws, kms: Any) -> None:
    """In the last 20 minutes before an automatic rotation there is none on demand."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    aws.clock.advance(90 * DAY - timedelta(minutes=20))
    assert refusal(kms.rotate_key_on_demand, KeyId=key)[0] == "ConflictException"
    assert len(materials(kms, key)) == 1


def test_on_demand_limit() -> None:
    """A key is rotated on demand 25 times, or as often as the limit says; by schedule it goes on."""
    assert LIMITS["kms.on-demand-rotations-per-key"] == 25
    with local_aws(limits={"kms.on-demand-rotations-per-key": 2}) as aws:
        kms = boto3.client("kms", region_name="us-east-1")
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        for _ in range(2):
            kms.rotate_key_on_demand(KeyId=arn)
        assert refusal(kms.rotate_key_on_demand, KeyId=arn) == (
            "LimitExceededException",
            f"{LIMIT_REACHED} No more on-demand rotations can be performed for this key: {arn}",
        )
        kms.enable_key_rotation(KeyId=arn)
        aws.clock.advance(days=366)
        assert len(materials(kms, arn)) == 4


def test_pages(kms: Any) -> None:
    """Rotations come page by page, in their order."""
    key = new_key(kms)
    for _ in range(5):
        kms.rotate_key_on_demand(KeyId=key)
    every = materials(kms, key)
    assert [one["KeyMaterialState"] for one in every] == ["NON_CURRENT"] * 5 + ["CURRENT"]
    paged: list[Any] = []
    request: dict[str, Any] = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL", "Limit": 2}
    while True:
        answer = kms.list_key_rotations(**request)
        paged += answer["Rotations"]
        if not answer["Truncated"]:
            break
        request["Marker"] = answer["NextMarker"]
    assert paged == every
    assert len(every) == 6
    assert refusal(kms.list_key_rotations, KeyId=key, Marker="!")[0] == "InvalidMarkerException"


KINDS = {
    "RSA": ({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "key spec is RSA_2048"),
    "HMAC": ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "key spec is HMAC_256"),
    "EXTERNAL": ({"Origin": "EXTERNAL"}, "origin is EXTERNAL"),
}


@pytest.mark.parametrize("operation", ["enable_key_rotation", "disable_key_rotation"])
@pytest.mark.parametrize("kind", KINDS)
def test_keys_without_a_schedule(kms: Any, kind: str, operation: str) -> None:
    """Only symmetric keys with material that was made here are rotated by a schedule."""
    given, text = KINDS[kind]
    arn = kms.create_key(**given)["KeyMetadata"]["Arn"]
    expected = ("UnsupportedOperationException", f"{arn} {text} which is not valid for this operation.")
    assert refusal(getattr(kms, operation), KeyId=arn) == expected
    if kind == "EXTERNAL":
        assert refusal(kms.get_key_rotation_status, KeyId=arn) == expected
    else:
        assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is False
        assert refusal(kms.rotate_key_on_demand, KeyId=arn) == expected
        assert refusal(kms.list_key_rotations, KeyId=arn) == expected


def test_keys_that_are_not_there(aws: LocalAws, kms: Any) -> None:
    """A missing key is not found, an alias names none here, and another account sees the status alone."""
    key = kms.create_key()["KeyMetadata"]
    missing = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    for operation in ("enable_key_rotation", "rotate_key_on_demand", "list_key_rotations"):
        assert refusal(getattr(kms, operation), KeyId=missing)[0] == "NotFoundException"
        assert refusal(getattr(kms, operation), KeyId="alias/x")[0] == "NotFoundException"
    assert refusal(kms.get_key_rotation_status, KeyId="alias/x")[0] == "NotFoundException"
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    kms.put_key_policy(KeyId=key["KeyId"], Policy=policy)
    other = aws.account("444455556666").client("kms", region_name="us-east-1")
    assert other.get_key_rotation_status(KeyId=key["Arn"])["KeyRotationEnabled"] is False
    assert refusal(other.enable_key_rotation, KeyId=key["Arn"])[0] in {
        "NotFoundException",
        "AccessDeniedException",
    }


def test_events(aws: LocalAws, kms: Any) -> None:
    """The trail tells each rotation, from which material to which, and by what it came."""
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=90)
    aws.clock.advance(days=89)
    kms.rotate_key_on_demand(KeyId=arn)
    aws.clock.advance(days=1)
    first, second, third = (one["KeyMaterialId"] for one in materials(kms, arn))
    trail = boto3.client("cloudtrail", region_name="us-east-1")
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "RotateKey"}]
    found = trail.lookup_events(LookupAttributes=by_name)["Events"]
    events = [json.loads(event["CloudTrailEvent"]) for event in found]
    assert [event["eventType"] for event in events] == ["AwsServiceEvent"] * 2
    assert events[0]["resources"] == [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}]
    details = {"keyOrigin": "AWS_KMS", "keyId": arn.rpartition("/")[2]}
    assert [event["serviceEventDetails"] for event in events] == [
        {
            "rotationType": "AUTOMATIC",
            "previousKeyMaterialId": second,
            "currentKeyMaterialId": third,
            **details,
        },
        {
            "rotationType": "ON_DEMAND",
            "previousKeyMaterialId": first,
            "currentKeyMaterialId": second,
            **details,
        },
    ]


class Counting:
    """Records that count how many of them were looked at."""

    def __init__(self, records: Records) -> None:
        self.records, self.looked = records, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.records, name)

    def scan(self, *arguments: Any, **named: Any) -> Iterator[Any]:
        """Those that `records` has, counted."""
        for record in self.records.scan(*arguments, **named):
            self.looked += 1
            yield record


def test_the_next_of_many_keys(aws: LocalAws) -> None:
    """To find out which of thousands of keys is due next, and when, one of each sort is looked at."""
    store = aws._installation.store
    began = aws.clock()

    def schedule(transaction: Any) -> None:
        for number in range(5000):
            entry = Scheduled(what=ROTATION, due=began + (number + 1) * DAY, key_id=f"key-{number}")
            transaction.put(SCHEDULED, ACCOUNT, entry, "us-east-1")

    store.submit(schedule).result()
    counting = Counting(store.snapshot())
    assert ROTATIONS.next_due(counting, LIMITS) == began + DAY  # nobody has moved it on meanwhile
    assert counting.looked <= 2


def test_two_at_once(aws: LocalAws, kms: Any) -> None:
    """Two processes that both found a key due rotate it once, and lose nothing that they made in vain."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    store, keeper = aws._installation.store, aws._installation.gateway.keeper
    late = aws.clock() + 91 * DAY
    jobs = [ROTATIONS.prepare(store.snapshot(), late, keeper, LIMITS) for _ in range(2)]
    moved = []
    for job in jobs:
        rotate = partial(job, now=late, random=bytes, limits=LIMITS)
        moved.append(store.submit(rotate).result())
    assert moved == [1, 0]
    records = store.snapshot().referring(KEY_MATERIAL, ACCOUNT, "key", key, "us-east-1")
    assert len(records) == 2


def test_nothing_is_lost_without_a_keeper(aws: LocalAws, kms: Any) -> None:
    """A rotation for which no material can be made leaves the key as it is, and is done later."""
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    before = aws._installation.store.snapshot()

    class Sealed:
        """A keeper that does not open."""

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("sealed")

    with pytest.raises(RuntimeError, match="sealed"):
        ROTATIONS.prepare(before, aws.clock() + 91 * DAY, Sealed(), LIMITS)
    assert repr(open_keeper("ephemeral:", create=True)) == "<Keeper ephemeral:>"
    aws.clock.advance(91 * DAY)
    assert len(materials(kms, key)) == 2
