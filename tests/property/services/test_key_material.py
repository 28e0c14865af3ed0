"""Keys that are rotated, imported, copied and moved at random, beside a model of what decrypts where."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from masugata.testing import local_aws
from property.services.key_material_model import KeyModel
from unit.services.kms.importing import AGAIN, FOR_EVER, NEW, import_material

REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-1")
SECRETS = {"one": b"1" * 32, "two": b"2" * 32, "three": b"3" * 32}
LIMITS = {"kms.on-demand-rotations-per-key": 1000}
KINDS = st.sampled_from(["AWS_KMS", "EXTERNAL"])
PLACES = st.sampled_from(REGIONS)


def works(call: Callable[[], Any]) -> bool:
    """Whether a call is answered; an error must be one of KMS's own."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"InternalFailure", "ValidationException"}:
            raise
        return False
    return True


class KeyMaterial(RuleBasedStateMachine):
    """A key of ours and one with imported material, in up to three Regions."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = local_aws(limits=LIMITS)
        self.blobs: list[tuple[str, str, bytes]] = []
        self.ids: dict[tuple[str, str], str] = {}

    @initialize()
    def begin(self) -> None:
        """Make the keys."""
        self.aws = self.manager.__enter__()
        self.aws.clock.freeze(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.kms = {region: self.aws.client("kms", region_name=region) for region in REGIONS}
        home = self.kms[REGIONS[0]]
        self.keys = {
            origin: home.create_key(MultiRegion=True, Origin=origin)["KeyMetadata"]["KeyId"]
            for origin in ("AWS_KMS", "EXTERNAL")
        }
        self.models = {origin: KeyModel(REGIONS[0], origin == "EXTERNAL") for origin in self.keys}

    def teardown(self) -> None:
        """Leave the `local_aws`."""
        self.manager.__exit__(None, None, None)

    def works(self, region: str, operation: str, kind: str, **given: Any) -> bool:
        """Whether an operation on a key is answered in a Region."""
        call = getattr(self.kms[region], operation)
        return works(lambda: call(KeyId=self.keys[kind], **given))

    @rule(kind=KINDS, region=PLACES)
    def encrypt(self, kind: str, region: str) -> None:
        """Encrypt, and remember by which material that must have been."""
        model = self.models[kind]
        assert self.works(region, "encrypt", kind, Plaintext=b"x") == model.usable(region)
        if model.usable(region):
            blob = self.kms[region].encrypt(KeyId=self.keys[kind], Plaintext=b"espresso")["CiphertextBlob"]
            self.blobs = [*self.blobs[-15:], (kind, model.current(), blob)]

    @rule(kind=KINDS, region=PLACES, disabled=st.booleans())
    def switch(self, kind: str, region: str, disabled: bool) -> None:
        """Disable or enable a key."""
        operation = "disable_key" if disabled else "enable_key"
        assert self.works(region, operation, kind) == self.models[kind].switch(region, disabled=disabled)

    @rule(kind=KINDS, region=PLACES)
    def rotate(self, kind: str, region: str) -> None:
        """Rotate a key on demand."""
        assert self.works(region, "rotate_key_on_demand", kind) == self.models[kind].rotate(region)

    @rule(kind=KINDS, region=PLACES, period=st.integers(90, 120))
    def schedule(self, kind: str, region: str, period: int) -> None:
        """Have a key rotated by itself."""
        answered = self.works(region, "enable_key_rotation", kind, RotationPeriodInDays=period)
        assert answered == self.models[kind].schedule(region, period)

    @rule(
        region=PLACES,
        material=st.sampled_from(sorted(SECRETS)),
        new=st.booleans(),
        days=st.none() | st.integers(1, 300),
    )
    def bring(self, region: str, material: str, new: bool, days: int | None) -> None:
        """Import material, for ever or for some days."""
        model, key = self.models["EXTERNAL"], self.keys["EXTERNAL"]
        given: dict[str, Any] = dict(NEW if new else AGAIN)
        if days is None:
            given |= FOR_EVER
        else:
            given["ValidTo"] = self.aws.clock() + timedelta(days=days)
        answered = works(lambda: import_material(self.kms[region], key, SECRETS[material], **given))
        until = inf if days is None else model.today + days
        assert answered == model.bring(region, material, new=new, until=until)

    @rule(region=PLACES, material=st.sampled_from(sorted(SECRETS)))
    def erase(self, region: str, material: str) -> None:
        """Delete imported material that was current once."""
        known = self.ids.get(("EXTERNAL", material))
        if known is None:
            return
        answered = self.works(region, "delete_imported_key_material", "EXTERNAL", KeyMaterialId=known)
        assert answered == self.models["EXTERNAL"].erase(region, material)

    @rule(kind=KINDS, region=PLACES)
    def replicate(self, kind: str, region: str) -> None:
        """Copy a key from where its primary is."""
        model = self.models[kind]
        answered = self.works(model.primary, "replicate_key", kind, ReplicaRegion=region)
        assert answered == model.replicate(region)

    @rule(kind=KINDS, region=PLACES)
    def move(self, kind: str, region: str) -> None:
        """Make another Region the primary one."""
        model = self.models[kind]
        answered = self.works(model.primary, "update_primary_region", kind, PrimaryRegion=region)
        assert answered == model.move(region)

    @rule(days=st.integers(1, 150))
    def pass_days(self, days: int) -> None:
        """Let time pass."""
        self.aws.clock.advance(days=days)
        for model in self.models.values():
            model.pass_days(days)

    @invariant()
    def ciphertexts(self) -> None:
        """What was ever encrypted decrypts just where the model says, by the material of then."""
        for kind, material, blob in self.blobs:
            for region in REGIONS:
                try:
                    answer = self.kms[region].decrypt(CiphertextBlob=blob)
                except ClientError:
                    assert not self.models[kind].usable(region)
                    continue
                assert self.models[kind].usable(region)
                assert answer["Plaintext"] == b"espresso"
                assert (
                    self.ids.setdefault((kind, material), answer["KeyMaterialId"]) == answer["KeyMaterialId"]
                )
        assert len(set(self.ids.values())) == len(self.ids)


TestKeyMaterial = KeyMaterial.TestCase
TestKeyMaterial.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)


@pytest.mark.nightly
class TestKeyMaterialForLong(KeyMaterial.TestCase):
    """The same, many more and longer histories."""

    settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
