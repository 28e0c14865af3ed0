"""Keys whose window has ended: what is gone with them, and that it is."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.exceptions import ClientError

from masugata.keeper import Keeper, open_keeper
from masugata.records import ALL_KINDS
from masugata.records.kind import Kind
from masugata.records.kms import (
    ALIAS,
    GRANT,
    KEY,
    KEY_MATERIAL,
    SCHEDULED,
    Alias,
    Grant,
    Key,
    KeyMaterial,
)
from masugata.scheduler import DueRunner
from masugata.services.kms._deletion import ERASURES
from masugata.store import Store, Transaction, open_store
from masugata.testing import LocalAws, local_aws
from support import House

ACCOUNT, REGION = "111122223333", "us-east-1"
_NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("kms")


def test_a_key_is_there_until_its_window_ends(aws: LocalAws, kms: Any) -> None:
    """On its last day a key can still be kept; a second after its window nobody knows it any more."""
    key = kms.create_key()["KeyMetadata"]
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    aws.clock.freeze(answer["DeletionDate"] - timedelta(seconds=1))
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    aws.clock.advance(seconds=2)
    with pytest.raises(kms.exceptions.NotFoundException) as caught:
        kms.describe_key(KeyId=key["KeyId"])
    assert caught.value.response["Error"]["Message"] == f"Key '{key['Arn']}' does not exist"
    assert kms.list_keys()["Keys"] == []


def test_what_a_deleted_key_encrypted_is_lost(aws: LocalAws, kms: Any) -> None:
    """Nothing decrypts a ciphertext of a key that is gone."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key)
    aws.clock.advance(days=31)
    with pytest.raises(ClientError) as caught:
        kms.decrypt(CiphertextBlob=blob)
    assert caught.value.response["Error"]["Code"] in {"AccessDeniedException", "NotFoundException"}


def test_a_cancelled_deletion_does_not_happen(aws: LocalAws, kms: Any) -> None:
    """A key that was kept is there after its window, and works once it is enabled."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
    aws.clock.advance(days=31)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_the_trail_tells_of_the_deletion(aws: LocalAws, kms: Any) -> None:
    """A service event DeleteKey names the key, as nobody called."""
    key = kms.create_key()["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    aws.clock.advance(days=31)
    (event,) = boto3.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DeleteKey"}]
    )["Events"]
    told = msgspec.json.decode(event["CloudTrailEvent"])
    assert told["eventType"] == "AwsServiceEvent"
    assert told["serviceEventDetails"] == {"keyId": key["KeyId"]}
    assert told["resources"] == [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key["Arn"]}]


def test_nothing_of_a_deleted_key_is_left(tmp_path: Path) -> None:
    """Material, grants, aliases, what was scheduled and the last use go with the key, and others' stay."""
    house = House(tmp_path)
    kms = house.client("kms")
    gone, kept = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    now = house.clock()

    def furnish(transaction: Any) -> None:
        for key_id in (gone, kept):
            alias = Alias(name=f"alias/{key_id}", key_id=key_id, creation_date=now, last_updated=now)
            grant = Grant(
                id="0" * 64, key_id=key_id, creation_date=now, issuing_account=ACCOUNT, grantee=ACCOUNT
            )
            transaction.put(ALIAS, ACCOUNT, alias, REGION)
            transaction.put(GRANT, ACCOUNT, grant, REGION)

    house.store.submit(furnish).result()
    for key_id in (gone, kept):
        kms.enable_key_rotation(KeyId=key_id)
        kms.encrypt(KeyId=key_id, Plaintext=b"espresso")
    kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=7)
    house.clock.offset = timedelta(days=8)
    house.move_on()
    records = house.store.snapshot()
    kinds: tuple[Kind[Any], ...] = (ALIAS, GRANT, KEY_MATERIAL, SCHEDULED)
    for kind in kinds:
        assert records.referring(kind, ACCOUNT, "key", gone, REGION) == []
        assert len(records.referring(kind, ACCOUNT, "key", kept, REGION)) == 1
    assert house.store.touched_under(f"kms-key/{REGION}/{gone}") == {}
    assert len(house.store.touched_under(f"kms-key/{REGION}/{kept}")) == 1


def test_very_many_grants_go_in_several_transactions(tmp_path: Path) -> None:
    """The key and its material are gone with the first of them, and no grant is left after the last."""
    house = House(tmp_path)
    kms = house.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    now = house.clock()
    house.store.submit(lambda transaction: _grant_to_many(transaction, key, REGION, now)).result()
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    late = now + timedelta(days=8)
    erase = ERASURES.move_on
    house.store.submit(lambda transaction: erase(transaction, late, os.urandom, {})).result()
    records = house.store.snapshot()
    assert records.partitions(KEY) == records.partitions(KEY_MATERIAL) == []
    assert records.count(GRANT, ACCOUNT, REGION) == 350
    house.clock.offset = timedelta(days=8)
    house.move_on()
    assert house.store.snapshot().partitions(GRANT) == []
    assert house.store.snapshot().partitions(SCHEDULED) == []


def test_a_new_replica_has_no_grants_of_the_one_before(tmp_path: Path) -> None:
    """It has the same id, so it can be made when the last grant of the one before is gone."""
    house = House(tmp_path)
    kms, there = house.client("kms"), house.client("kms", region="eu-west-1")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    _replicate(house, key, ("eu-west-1",))
    now = house.clock()
    house.store.submit(lambda transaction: _grant_to_many(transaction, key, "eu-west-1", now)).result()
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    house.clock.offset = timedelta(days=8)
    late = house.clock()
    house.store.submit(lambda transaction: ERASURES.move_on(transaction, late, os.urandom, {})).result()
    with pytest.raises(kms.exceptions.AlreadyExistsException):
        kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    house.move_on()
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert there.list_grants(KeyId=key)["Grants"] == []


def test_a_primary_waits_for_its_last_replica(tmp_path: Path) -> None:
    """Its window begins, and its date is known, when the last replica is deleted and not before."""
    house = House(tmp_path)
    kms = house.client("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    replicas = ("eu-west-1", "us-west-2")
    _replicate(house, key, replicas)
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["PendingDeletionWindowInDays"] == 10
    assert "DeletionDate" not in metadata
    for days, region in zip((7, 14), replicas, strict=True):
        house.client("kms", region=region).schedule_key_deletion(KeyId=key, PendingWindowInDays=days)
    house.clock.offset = timedelta(days=8)
    house.move_on()
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingReplicaDeletion"
    replicas_left = metadata["MultiRegionConfiguration"]["ReplicaKeys"]
    assert [one["Region"] for one in replicas_left] == ["us-west-2"]
    house.clock.offset = timedelta(days=15)
    house.move_on()
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingDeletion"
    assert "PendingDeletionWindowInDays" not in metadata
    left = metadata["DeletionDate"] - house.clock()
    assert timedelta(days=9, hours=23) < left <= timedelta(days=10)
    house.clock.offset = timedelta(days=26)
    house.move_on()
    assert house.store.snapshot().partitions(KEY) == []
    assert house.store.snapshot().partitions(KEY_MATERIAL) == []


def test_a_deleted_replica_leaves_the_others(tmp_path: Path) -> None:
    """What one Region had of a key is deleted; its primary goes on."""
    house = House(tmp_path)
    kms = house.client("kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    _replicate(house, key, ("eu-west-1",))
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    house.client("kms", region="eu-west-1").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    house.clock.offset = timedelta(days=8)
    house.move_on()
    assert house.store.snapshot().partitions(KEY) == [(ACCOUNT, REGION)]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["MultiRegionConfiguration"]["ReplicaKeys"] == []


def test_the_keeper_forgets_a_deleted_key(tmp_path: Path) -> None:
    """The keeper is told of the keys that are gone, and of no others."""
    house = House(tmp_path)
    kms = house.client("kms")
    gone, _kept = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=7)
    forgotten: list[str] = []

    class Keeper:
        materials = type("Materials", (), {"forget": staticmethod(forgotten.append)})

    keeper: Any = Keeper()
    now = house.clock() + timedelta(days=8)
    assert DueRunner(house.store, os.urandom, keeper=keeper).run(now) > 0
    assert forgotten == [gone]


def _grant_to_many(transaction: Any, key: str, region: str, now: datetime) -> None:
    """More grants of a key than are deleted at once."""
    for number in range(600):
        grant = Grant(
            id=f"{number:064}", key_id=key, creation_date=now, issuing_account=ACCOUNT, grantee=ACCOUNT
        )
        transaction.put(GRANT, ACCOUNT, grant, region)


def _replicate(house: House, key_id: str, regions: tuple[str, ...]) -> None:
    """Replicas of a primary key, as far as these tests look at them."""

    def job(transaction: Any) -> None:
        primary = transaction.get(KEY, ACCOUNT, key_id, REGION)
        (material,) = transaction.referring(KEY_MATERIAL, ACCOUNT, "key", key_id, REGION)
        for region in regions:
            transaction.put(KEY, ACCOUNT, msgspec.structs.replace(primary, region=region), region)
            transaction.put(KEY_MATERIAL, ACCOUNT, material, region)
        listing = msgspec.structs.replace(primary, replica_regions=regions)
        transaction.put(KEY, ACCOUNT, listing, REGION)

    house.store.submit(job).result()


def _files_with(folder: Path, sealed: bytes) -> list[str]:
    """The files that hold sealed material, as it is or as it stands in a record."""
    needles = (sealed[16:64], base64.b64encode(sealed)[16:64])
    return sorted(
        path.name for path in folder.iterdir() if any(needle in path.read_bytes() for needle in needles)
    )


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    store = open_store(folder / "masugata.sqlite", ALL_KINDS)
    try:
        yield store
    finally:
        store.close()


def _put(transaction: Transaction, keeper: Keeper, key_id: str) -> None:
    """A key with material of its own."""
    material = keeper.materials.generate(ACCOUNT, key_id, "ECC_NIST_P256", "SIGN_VERIFY")
    record = KeyMaterial(id=material.material_id, key_id=key_id, sealed=material.sealed, create_date=_NOW)
    key = Key(
        id=key_id, region=REGION, creation_date=_NOW, policy="{}", spec=material.spec, usage="SIGN_VERIFY"
    )
    transaction.put(KEY_MATERIAL, ACCOUNT, record, REGION)
    transaction.put(KEY, ACCOUNT, key, REGION)


def _schedule(transaction: Transaction, key_id: str) -> None:
    key = transaction.get(KEY, ACCOUNT, key_id, REGION)
    assert key is not None
    waiting = msgspec.structs.replace(key, state="PendingDeletion", deletion_date=_NOW + timedelta(days=7))
    transaction.put(KEY, ACCOUNT, waiting, REGION)


def _material(store: Store, key_id: str) -> bytes:
    records = store.snapshot()
    (material,) = records.referring(KEY_MATERIAL, ACCOUNT, "key", key_id, REGION)
    return material.sealed


def test_no_file_holds_the_material_of_a_deleted_key(tmp_path: Path) -> None:
    """Not in the database, its free pages or its log is a byte of what was sealed, once the window ended."""
    keeper = open_keeper("ephemeral:", create=True)
    folder = tmp_path / "data"
    with _opened(folder) as store:
        key_ids = [str(number) for number in range(50)]
        for key_id in key_ids:
            store.submit(partial(_put, keeper=keeper, key_id=key_id)).result()
        gone, kept = key_ids[10:20], [*key_ids[:10], *key_ids[20:]]
        sealed = {key_id: _material(store, key_id) for key_id in key_ids}
        assert all(_files_with(folder, sealed[key_id]) for key_id in key_ids)
        for key_id in gone:
            store.submit(partial(_schedule, key_id=key_id)).result()
        assert DueRunner(store, os.urandom, keeper=keeper).run(_NOW + timedelta(days=8)) >= len(gone)
        assert {key_id: _files_with(folder, sealed[key_id]) for key_id in gone} == {key: [] for key in gone}
        assert all(_files_with(folder, sealed[key_id]) for key_id in kept)


def test_a_reader_puts_off_the_emptying_of_the_log(tmp_path: Path) -> None:
    """While somebody reads an older state the log cannot be cut; the first commit after that does it."""
    keeper = open_keeper("ephemeral:", create=True)
    folder = tmp_path / "data"
    with _opened(folder) as store:
        store.submit(partial(_put, keeper=keeper, key_id="gone")).result()
        sealed = _material(store, "gone")
        store.submit(partial(_schedule, key_id="gone")).result()
        with store.export() as reading:
            list(reading.records)
            assert DueRunner(store, os.urandom, keeper=keeper).run(_NOW + timedelta(days=8)) >= 1
            assert _files_with(folder, sealed)
        store.submit(lambda _: None).result()
        assert _files_with(folder, sealed) == []
