"""Multi-Region keys: the same key in several Regions, and which of them is the primary."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.testing import LocalAws, local_aws
from unit.services.kms.importing import AGAIN, NEW, external_key, import_material
from unit.services.kms.using_keys import refusal

ACCOUNT = "111122223333"
HOME, EUROPE, ASIA = "us-east-1", "eu-west-1", "ap-northeast-1"
FIRST, SECOND = b"1" * 32, b"2" * 32


class World:
    """Clients of three Regions, and a key that is in the first."""

    def __init__(self, aws: LocalAws, **given: Any) -> None:
        self.aws = aws
        self.home, self.europe, self.asia = (
            aws.client("kms", region_name=region) for region in (HOME, EUROPE, ASIA)
        )
        self.key: str = self.home.create_key(MultiRegion=True, **given)["KeyMetadata"]["KeyId"]

    def arn(self, region: str = HOME) -> str:
        """The ARN of the key in a Region."""
        return f"arn:aws:kms:{region}:{ACCOUNT}:key/{self.key}"

    def replicate(self, region: str = EUROPE, **given: Any) -> Any:
        """A replica in another Region."""
        return self.home.replicate_key(KeyId=self.key, ReplicaRegion=region, **given)

    def state(self, client: Any) -> str:
        """The state of the key in a client's Region."""
        found: str = client.describe_key(KeyId=self.key)["KeyMetadata"]["KeyState"]
        return found

    def encrypted(self, client: Any) -> bytes:
        """Something under the key in a client's Region."""
        blob: bytes = client.encrypt(KeyId=self.key, Plaintext=b"espresso")["CiphertextBlob"]
        return blob

    def current(self, client: Any) -> str:
        """The material that the key encrypts with in a client's Region."""
        found: str = client.describe_key(KeyId=self.key)["KeyMetadata"]["CurrentKeyMaterialId"]
        return found


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own, in which time stands still."""
    with local_aws() as entered:
        entered.clock.freeze(datetime(2026, 3, 1, 12, tzinfo=UTC))
        yield entered


@pytest.fixture
def world(aws: LocalAws) -> World:
    """A key of ours that is not replicated yet."""
    return World(aws)


def test_replica(world: World) -> None:
    """A replica has the same id and material, and policy, tags and description of its own."""
    tags = [{"TagKey": "shop", "TagValue": "dublin"}]
    answer = world.replicate(Description="for Europe", Tags=tags)
    metadata = answer["ReplicaKeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Creating", False)
    assert (metadata["KeyId"], metadata["Arn"]) == (world.key, world.arn(EUROPE))
    assert (metadata["Description"], answer["ReplicaTags"]) == ("for Europe", tags)
    assert json.loads(answer["ReplicaPolicy"])["Id"] == "key-default-1"
    shown = world.europe.describe_key(KeyId=world.key)["KeyMetadata"]
    assert shown["KeyState"] == "Enabled"
    assert shown["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": world.arn(), "Region": HOME},
        "ReplicaKeys": [{"Arn": world.arn(EUROPE), "Region": EUROPE}],
    }
    home = world.home.describe_key(KeyId=world.key)["KeyMetadata"]
    assert home["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert home["Description"] == ""
    assert world.europe.list_resource_tags(KeyId=world.key)["Tags"] == tags
    assert world.home.list_resource_tags(KeyId=world.key)["Tags"] == []


def test_ciphertexts_interoperate(world: World) -> None:
    """What is encrypted in one Region is decrypted in any other, also what was before the replica came."""
    before = world.encrypted(world.home)
    world.replicate()
    for blob in (before, world.encrypted(world.home), world.encrypted(world.europe)):
        for client in (world.home, world.europe):
            assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    answer = world.europe.decrypt(CiphertextBlob=before)
    assert answer["KeyId"] == world.arn(EUROPE)
    code, _ = refusal(world.asia.decrypt, CiphertextBlob=before)
    assert code in {"AccessDeniedException", "NotFoundException"}


def test_signatures_interoperate(aws: LocalAws) -> None:
    """A replica of a key pair signs and verifies as its primary does."""
    world = World(aws, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    world.replicate()
    request = {"KeyId": world.key, "Message": b"latte", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = world.europe.sign(**request)["Signature"]
    assert world.home.verify(Signature=signature, **request)["SignatureValid"] is True
    public = [client.get_public_key(KeyId=world.key)["PublicKey"] for client in (world.home, world.europe)]
    assert public[0] == public[1]


def test_independent(world: World) -> None:
    """Related keys are disabled, named and deleted each on its own."""
    world.replicate()
    blob = world.encrypted(world.home)
    world.home.disable_key(KeyId=world.key)
    world.europe.create_alias(AliasName="alias/dublin", TargetKeyId=world.key)
    assert world.europe.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    assert world.home.list_aliases(KeyId=world.key)["Aliases"] == []
    world.europe.schedule_key_deletion(KeyId=world.key, PendingWindowInDays=7)
    world.home.enable_key(KeyId=world.key)
    world.aws.clock.advance(days=7)
    assert refusal(world.europe.describe_key, KeyId=world.key)[0] == "NotFoundException"
    home = world.home.describe_key(KeyId=world.key)["KeyMetadata"]
    assert home["MultiRegionConfiguration"]["ReplicaKeys"] == []
    assert world.home.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    world.replicate()
    assert world.europe.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_primary_goes_last(world: World) -> None:
    """A primary waits for its replicas to be deleted before its own window begins."""
    world.replicate()
    world.home.schedule_key_deletion(KeyId=world.key, PendingWindowInDays=10)
    assert world.state(world.home) == "PendingReplicaDeletion"
    world.europe.schedule_key_deletion(KeyId=world.key, PendingWindowInDays=7)
    world.aws.clock.advance(days=7)
    assert world.state(world.home) == "PendingDeletion"
    world.aws.clock.advance(days=10)
    assert refusal(world.home.describe_key, KeyId=world.key)[0] == "NotFoundException"


def test_what_cannot_be_replicated(world: World) -> None:
    """No replica of a replica, of a key in a single Region, twice in one Region, or in another partition."""
    world.replicate()
    unsupported = "UnsupportedOperationException"
    again = {"KeyId": world.key, "ReplicaRegion": ASIA}
    assert refusal(world.europe.replicate_key, **again) == (
        unsupported,
        f"{world.arn(EUROPE)} is not a multi-region primary key.",
    )
    single = world.home.create_key()["KeyMetadata"]
    assert refusal(world.home.replicate_key, KeyId=single["KeyId"], ReplicaRegion=ASIA) == (
        unsupported,
        f"{single['Arn']} is not a multi-region primary key.",
    )
    for region in (HOME, EUROPE):
        assert refusal(world.replicate, region=region)[0] == "AlreadyExistsException"
    assert refusal(world.replicate, region="cn-north-1")[0] == unsupported
    assert refusal(world.asia.describe_key, KeyId=world.key)[0] == "NotFoundException"


def test_replica_quota() -> None:
    """The quota of the replica's Region counts."""
    with local_aws(limits={"kms.keys": 1}) as aws:
        world = World(aws)
        world.asia.create_key()
        assert refusal(world.replicate, region=ASIA)[0] == "LimitExceededException"
        world.replicate(EUROPE)


def test_replica_policy(world: World) -> None:
    """The policy of a replica must leave it to the caller to change it; a refusal leaves nothing behind."""
    nobody = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:Encrypt",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**nobody, "Resource": "*"}]})
    tags = [{"TagKey": "aws:x", "TagValue": "y"}]
    assert refusal(world.replicate, Policy=policy)[0] == "MalformedPolicyDocumentException"
    assert refusal(world.replicate, Tags=tags)[0] == "TagException"
    home = world.home.describe_key(KeyId=world.key)["KeyMetadata"]
    assert home["MultiRegionConfiguration"]["ReplicaKeys"] == []
    answer = world.replicate(Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    assert json.loads(answer["ReplicaPolicy"]) == json.loads(policy)


def test_authorized_in_both_regions(world: World) -> None:
    """Who may not create keys in the other Region cannot replicate to it, nor make it the primary one."""
    iam = world.aws.client("iam")
    statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    at_home = {**statement, "Condition": {"StringEquals": {"aws:RequestedRegion": HOME}}}
    iam.create_user(UserName="local")
    document = json.dumps({"Version": "2012-10-17", "Statement": [at_home]})
    iam.put_user_policy(UserName="local", PolicyName="p", PolicyDocument=document)
    local = world.aws.client("kms", user="local", region_name=HOME)
    request = {"KeyId": world.key, "ReplicaRegion": EUROPE}
    assert refusal(local.replicate_key, **request)[0] == "AccessDeniedException"
    world.replicate()
    swap = {"KeyId": world.key, "PrimaryRegion": EUROPE}
    assert refusal(local.update_primary_region, **swap)[0] == "AccessDeniedException"
    assert world.state(world.home) == "Enabled"


def test_rotation_is_shared(world: World) -> None:
    """The primary is rotated for all Regions at once; a replica shows the schedule and has no other."""
    world.replicate()
    old = world.encrypted(world.europe)
    world.home.enable_key_rotation(KeyId=world.key, RotationPeriodInDays=90)
    shown = world.europe.get_key_rotation_status(KeyId=world.key)
    assert (shown["KeyRotationEnabled"], shown["RotationPeriodInDays"]) == (True, 90)
    text = f"{world.arn(EUROPE)} is not a multi-region primary key."
    for operation in ("enable_key_rotation", "disable_key_rotation", "rotate_key_on_demand"):
        refused = refusal(getattr(world.europe, operation), KeyId=world.key)
        assert refused == ("UnsupportedOperationException", text)
    world.europe.disable_key(KeyId=world.key)
    world.aws.clock.advance(days=90)
    world.europe.enable_key(KeyId=world.key)
    assert world.current(world.home) == world.current(world.europe)
    every = {"KeyId": world.key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    lists = [client.list_key_rotations(**every)["Rotations"] for client in (world.home, world.europe)]
    assert lists[0] == lists[1]
    assert len(lists[0]) == 2
    world.replicate(ASIA)
    for blob in (old, world.encrypted(world.home)):
        for client in (world.home, world.europe, world.asia):
            assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_update_primary_region(world: World) -> None:
    """A replica becomes the primary; both are as before after a moment, and all Regions know of it."""
    world.replicate()
    world.replicate(ASIA)
    assert world.home.update_primary_region(KeyId=world.key, PrimaryRegion=EUROPE)["ResponseMetadata"]
    for client in (world.home, world.europe, world.asia):
        metadata = client.describe_key(KeyId=world.key)["KeyMetadata"]
        assert metadata["KeyState"] == "Enabled"
        configuration = metadata["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"] == {"Arn": world.arn(EUROPE), "Region": EUROPE}
        assert [key["Region"] for key in configuration["ReplicaKeys"]] == [ASIA, HOME]
    refused = refusal(world.home.replicate_key, KeyId=world.key, ReplicaRegion="sa-east-1")
    assert refused[0] == "UnsupportedOperationException"
    world.europe.replicate_key(KeyId=world.key, ReplicaRegion="sa-east-1")


def test_the_schedule_moves_along(world: World) -> None:
    """A new primary is rotated when the old one would have been, with what was rotated on demand counted."""
    world.replicate()
    world.home.enable_key_rotation(KeyId=world.key, RotationPeriodInDays=100)
    due = world.home.get_key_rotation_status(KeyId=world.key)["NextRotationDate"]
    world.home.update_primary_region(KeyId=world.key, PrimaryRegion=EUROPE)
    assert world.home.get_key_rotation_status(KeyId=world.key)["NextRotationDate"] == due
    before = world.current(world.home)
    world.aws.clock.advance(days=100)
    assert world.current(world.home) == world.current(world.europe) != before
    world.europe.disable_key_rotation(KeyId=world.key)
    assert world.home.get_key_rotation_status(KeyId=world.key)["KeyRotationEnabled"] is False


def test_a_rotation_in_progress_moves_along() -> None:
    """A rotation on demand that is not done yet is done by the new primary, at its time."""
    with local_aws(limits={"kms.on-demand-rotation-seconds": 60}) as aws:
        world = World(aws)
        world.replicate()
        before = world.current(world.home)
        world.home.rotate_key_on_demand(KeyId=world.key)
        world.home.update_primary_region(KeyId=world.key, PrimaryRegion=EUROPE)
        assert "OnDemandRotationStartDate" in world.home.get_key_rotation_status(KeyId=world.key)
        assert world.current(world.europe) == before
        aws.clock.advance(seconds=60)
        assert world.current(world.home) == world.current(world.europe) != before
        assert "OnDemandRotationStartDate" not in world.europe.get_key_rotation_status(KeyId=world.key)


def test_what_cannot_become_primary(world: World) -> None:
    """Only a replica that is there and enabled takes over, and only from the primary."""
    assert refusal(world.home.update_primary_region, KeyId=world.key, PrimaryRegion=ASIA) == (
        "NotFoundException",
        f"Key '{world.arn(ASIA)}' does not exist",
    )
    world.replicate()
    same = refusal(world.home.update_primary_region, KeyId=world.key, PrimaryRegion=HOME)
    assert same[0] == "UnsupportedOperationException"
    replica = refusal(world.europe.update_primary_region, KeyId=world.key, PrimaryRegion=EUROPE)
    assert replica[0] == "UnsupportedOperationException"
    world.europe.disable_key(KeyId=world.key)
    swap = {"KeyId": world.key, "PrimaryRegion": EUROPE}
    disabled = ("DisabledException", f"{world.arn(EUROPE)} is disabled.")
    assert refusal(world.home.update_primary_region, **swap) == disabled


def test_transient_states() -> None:
    """A replica that is being created cannot be used; keys that change places can, but not be managed."""
    limits = {"kms.replica-creation-seconds": 60, "kms.primary-region-update-seconds": 60}
    with local_aws(limits=limits) as aws:
        aws.clock.freeze()
        world = World(aws)
        world.replicate()
        assert world.state(world.europe) == "Creating"
        creating = ("KMSInvalidStateException", f"{world.arn(EUROPE)} is creating.")
        assert refusal(world.europe.encrypt, KeyId=world.key, Plaintext=b"x") == creating
        assert refusal(world.europe.disable_key, KeyId=world.key) == creating
        aws.clock.advance(seconds=60)
        world.home.update_primary_region(KeyId=world.key, PrimaryRegion=EUROPE)
        for client, region in ((world.home, HOME), (world.europe, EUROPE)):
            assert world.state(client) == "Updating"
            assert client.decrypt(CiphertextBlob=world.encrypted(client))["Plaintext"] == b"espresso"
            updating = ("KMSInvalidStateException", f"{world.arn(region)} is updating.")
            assert refusal(client.disable_key, KeyId=world.key) == updating
        assert refusal(world.europe.replicate_key, KeyId=world.key, ReplicaRegion=ASIA) == updating
        world.europe.update_primary_region(KeyId=world.key, PrimaryRegion=HOME)
        aws.clock.advance(seconds=60)
        assert [world.state(client) for client in (world.home, world.europe)] == ["Enabled", "Enabled"]


def test_a_replica_deleted_while_it_is_created() -> None:
    """The end of a moment's state does not bring back a key whose deletion was scheduled in it."""
    with local_aws(limits={"kms.replica-creation-seconds": 60}) as aws:
        world = World(aws)
        world.replicate()
        world.europe.schedule_key_deletion(KeyId=world.key, PendingWindowInDays=7)
        aws.clock.advance(seconds=60)
        assert world.state(world.europe) == "PendingDeletion"


def test_imported_keys(aws: LocalAws) -> None:
    """Each Region imports for itself what the primary has, and a rotation waits for all of them."""
    home, europe = (aws.client("kms", region_name=region) for region in (HOME, EUROPE))
    key = external_key(home, MultiRegion=True)
    arn = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/{key}"
    pending = refusal(home.replicate_key, KeyId=key, ReplicaRegion=EUROPE)
    assert pending == ("KMSInvalidStateException", f"{arn} is pending import.")
    first = import_material(home, key, FIRST)["KeyMaterialId"]
    blob = home.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    home.replicate_key(KeyId=key, ReplicaRegion=EUROPE)
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    with pytest.raises(ClientError, match="IncorrectKeyMaterialException"):
        import_material(europe, key, SECOND)
    with pytest.raises(ClientError, match="is not a multi-region primary key"):
        import_material(europe, key, SECOND, **NEW)
    assert import_material(europe, key, FIRST)["KeyMaterialId"] == first
    assert europe.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    second = import_material(home, key, SECOND, **NEW)["KeyMaterialId"]
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert _last_state(home, key) == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    none = f"No available key material pending rotation for the key: {arn}."
    assert refusal(home.rotate_key_on_demand, KeyId=key) == ("KMSInvalidStateException", none)
    import_material(europe, key, SECOND, **AGAIN)
    assert [_last_state(client, key) for client in (home, europe)] == ["PENDING_ROTATION"] * 2
    home.rotate_key_on_demand(KeyId=key)
    for client in (home, europe):
        assert client.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == second
        assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    europe.delete_imported_key_material(KeyId=key, KeyMaterialId=first)
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    assert home.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_material_that_waits_goes_everywhere(aws: LocalAws) -> None:
    """What waits for a rotation is deleted in all Regions by the primary, and by a replica in its own."""
    home, europe = (aws.client("kms", region_name=region) for region in (HOME, EUROPE))
    key = external_key(home, MultiRegion=True)
    import_material(home, key, FIRST)
    home.replicate_key(KeyId=key, ReplicaRegion=EUROPE)
    import_material(europe, key, FIRST)
    second = import_material(home, key, SECOND, **NEW)["KeyMaterialId"]
    import_material(europe, key, SECOND)
    europe.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert _last_state(home, key) == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    import_material(europe, key, SECOND)
    home.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert [_last_state(client, key) for client in (home, europe)] == ["CURRENT"] * 2
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def _last_state(client: Any, key: str) -> str:
    """The state of the newest material of a key."""
    listed = client.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    found: str = listed[-1]["KeyMaterialState"]
    return found
