"""CreateKey: what fits together, what it makes, and that a refused one leaves nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from masugata.engines.keys import KEY_SPECS, UNSUPPORTED
from masugata.records.kms import CUSTOM_KEY_STORE, KEY, KEY_MATERIAL, CustomKeyStore
from masugata.testing import LocalAws, local_aws
from support import ACCOUNT, House

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MRK = re.compile(r"mrk-[0-9a-f]{32}")
USAGES = [
    (name, usage)
    for name, spec in KEY_SPECS.items()
    if name not in UNSUPPORTED and name not in {"RSA_3072", "RSA_4096"}
    for usage in spec.usages
]


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("kms")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation whose store can be looked into."""
    return House(tmp_path)


def refused(kms: Any, code: str, **request: Any) -> str:
    """The text with which CreateKey is refused."""
    with pytest.raises(ClientError) as caught:
        kms.create_key(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(error["Message"])


def test_a_key_of_nothing_but_defaults(kms: Any) -> None:
    """Without any parameter it is a symmetric encryption key of one Region, ready for use."""
    key = kms.create_key()["KeyMetadata"]
    assert UUID.fullmatch(key["KeyId"])
    assert re.fullmatch("[0-9a-f]{64}", key.pop("CurrentKeyMaterialId"))
    created = key.pop("CreationDate")
    assert key == {
        "AWSAccountId": ACCOUNT,
        "KeyId": key["KeyId"],
        "Arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key['KeyId']}",
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert described["CreationDate"] == created
    assert described["CurrentKeyMaterialId"]


@pytest.mark.parametrize(("spec", "usage"), USAGES)
def test_every_spec_with_every_usage(kms: Any, spec: str, usage: str) -> None:
    """The algorithms are those of spec and usage, under the member of the usage and no other."""
    key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
    assert (key["KeySpec"], key["CustomerMasterKeySpec"], key["KeyUsage"]) == (spec, spec, usage)
    algorithms = {name: value for name, value in key.items() if name.endswith("Algorithms")}
    supported = [name for name in KEY_SPECS[spec].algorithms[usage] if name not in UNSUPPORTED]
    assert list(algorithms.values()) == [supported]
    assert ("CurrentKeyMaterialId" in key) == (spec == "SYMMETRIC_DEFAULT")


def test_the_old_name_of_the_spec(kms: Any) -> None:
    """CustomerMasterKeySpec says the same as KeySpec, and both at once are refused."""
    request = {"CustomerMasterKeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
    assert kms.create_key(**request)["KeyMetadata"]["KeySpec"] == "HMAC_256"
    assert refused(kms, "ValidationException", KeySpec="HMAC_384", **request) == (
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "
        "deprecated."
    )


def test_all_but_symmetric_keys_need_a_usage(kms: Any) -> None:
    """Even where only one is possible, it has to be said."""
    for spec in KEY_SPECS:
        if spec != "SYMMETRIC_DEFAULT":
            assert refused(kms, "ValidationException", KeySpec=spec) == (
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
            )


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("SYMMETRIC_DEFAULT", "SIGN_VERIFY"),
        ("RSA_2048", "GENERATE_VERIFY_MAC"),
        ("RSA_2048", "KEY_AGREEMENT"),
        ("ECC_NIST_P256", "ENCRYPT_DECRYPT"),
        ("ECC_SECG_P256K1", "KEY_AGREEMENT"),
        ("ECC_NIST_EDWARDS25519", "KEY_AGREEMENT"),
        ("HMAC_256", "ENCRYPT_DECRYPT"),
        ("ML_DSA_44", "ENCAPSULATE_DECAPSULATE"),
        ("ML_KEM_768", "SIGN_VERIFY"),
    ],
)
def test_a_usage_that_does_not_fit(kms: Any, spec: str, usage: str) -> None:
    """A key is only for what its spec can do."""
    text = refused(kms, "ValidationException", KeySpec=spec, KeyUsage=usage)
    assert text == f"KeyUsage {usage} is not compatible with KeySpec {spec}"


@pytest.mark.parametrize(
    "request_", [{"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, {"Origin": "AWS_CLOUDHSM"}]
)
def test_what_cannot_be_made_here(kms: Any, request_: dict[str, str]) -> None:
    """It is known, and refused as what is not supported."""
    refused(kms, "UnsupportedOperationException", **request_)


@pytest.mark.parametrize("origin", ["AWS_KMS", "EXTERNAL"])
@pytest.mark.parametrize("spec", sorted(set(UNSUPPORTED) & set(KEY_SPECS)))
def test_specs_without_an_implementation(kms: Any, spec: str, origin: str) -> None:
    """A spec that nothing here can use is refused, wherever its material were to come from."""
    usage = KEY_SPECS[spec].usages[0]
    refused(kms, "UnsupportedOperationException", KeySpec=spec, KeyUsage=usage, Origin=origin)


def test_an_unknown_spec(kms: Any) -> None:
    """The model's own check names the values that there are."""
    text = refused(kms, "ValidationException", KeySpec="DES")
    assert "Member must satisfy enum value set" in text


def test_a_key_for_imported_material_waits_for_it(kms: Any) -> None:
    """It has no material and no date on which that expires."""
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert (key["Origin"], key["KeyState"], key["Enabled"]) == ("EXTERNAL", "PendingImport", False)
    assert not {"CurrentKeyMaterialId", "ExpirationModel", "ValidTo"} & set(key)
    with pytest.raises(kms.exceptions.KMSInvalidStateException) as caught:
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"espresso")
    assert caught.value.response["Error"]["Message"] == f"{key['Arn']} is pending import."


@pytest.mark.parametrize(
    "given",
    [{"CustomKeyStoreId": "cks-1"}, {"XksKeyId": "k"}, {"CustomKeyStoreId": "cks-1", "XksKeyId": "k"}],
)
@pytest.mark.parametrize("origin", ["AWS_KMS", "EXTERNAL"])
def test_only_external_keys_are_in_a_store(kms: Any, origin: str, given: dict[str, str]) -> None:
    """What belongs to another origin is refused."""
    refused(kms, "ValidationException", Origin=origin, **given)


def test_a_key_of_an_external_store(house: House) -> None:
    """It needs both ids and a store that is there and connected, and is symmetric and of one Region."""
    kms = house.client("kms")
    given = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "cks-1", "XksKeyId": "k"}
    refused(kms, "ValidationException", Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId="cks-1")
    refused(kms, "ValidationException", Origin="EXTERNAL_KEY_STORE", XksKeyId="k")
    refused(kms, "ValidationException", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", **given)
    refused(kms, "UnsupportedOperationException", MultiRegion=True, **given)
    refused(kms, "CustomKeyStoreNotFoundException", **given)
    store = CustomKeyStore(id="cks-1", name="s", creation_date=house.clock())
    house.store.submit(lambda tx: tx.put(CUSTOM_KEY_STORE, ACCOUNT, store, "us-east-1")).result()
    refused(kms, "CustomKeyStoreInvalidStateException", **given)


def test_a_multi_region_key(kms: Any) -> None:
    """Its id begins with mrk-, and it is the primary, without replicas."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    assert MRK.fullmatch(key["KeyId"])
    assert key["MultiRegion"] is True
    assert key["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": key["Arn"], "Region": "us-east-1"},
        "ReplicaKeys": [],
    }
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"espresso")["KeyId"] == key["Arn"]


def test_two_calls_make_two_keys(kms: Any) -> None:
    """CreateKey is not idempotent."""
    ids = {kms.create_key(Description="the same")["KeyMetadata"]["KeyId"] for _ in range(2)}
    assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == ids
    assert len(ids) == 2


def test_the_quota_of_keys() -> None:
    """Keys that wait for their deletion count; those in another Region and those of AWS do not."""
    with local_aws(limits={"kms.keys": 2}) as aws:
        kms = aws.client("kms")
        kms.schedule_key_deletion(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        kms.create_key()
        text = refused(kms, "LimitExceededException")
        assert "2 KMS keys" in text
        aws.client("kms", region_name="eu-west-1").create_key()


def test_keys_of_aws_do_not_count(tmp_path: Path) -> None:
    """The quota is one of customer managed keys."""
    house = House(tmp_path, limits={"kms.keys": 1})
    kms = house.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    refused(kms, "LimitExceededException")

    def job(transaction: Any) -> None:
        record = transaction.get(KEY, ACCOUNT, key, "us-east-1")
        transaction.put(KEY, ACCOUNT, msgspec.structs.replace(record, manager="AWS"), "us-east-1")

    house.store.submit(job).result()
    kms.create_key()


@pytest.mark.parametrize(
    ("code", "request_"),
    [
        ("MalformedPolicyDocumentException", {"Policy": "{}"}),
        ("TagException", {"Tags": [{"TagKey": "aws:a", "TagValue": "b"}]}),
        ("ValidationException", {"KeySpec": "RSA_2048"}),
        (
            "MalformedPolicyDocumentException",
            {
                "Policy": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Allow",
                            "Principal": {"AWS": "444455556666"},
                            "Action": "kms:*",
                            "Resource": "*",
                        },
                    }
                )
            },
        ),
    ],
)
def test_a_refused_call_leaves_nothing(house: House, code: str, request_: dict[str, Any]) -> None:
    """Neither a key nor its material, which was made before, is in the store, whenever it is refused."""
    refused(house.client("kms"), code, **request_)
    records = house.store.snapshot()
    assert records.partitions(KEY) == []
    assert records.partitions(KEY_MATERIAL) == []


@pytest.fixture
def maker(aws: LocalAws) -> Any:
    """A client of a role without any permission."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    role = aws.client("iam").create_role(RoleName="maker", AssumeRolePolicyDocument=_document(trust))["Role"]
    return aws.client("kms", role=role["Arn"])


def test_nobody_without_permission_creates_keys(aws: LocalAws, maker: Any) -> None:
    """CreateKey is a matter of identity policies, and so are tags that come with it."""
    assert "kms:CreateKey" in refused(maker, "AccessDeniedException")
    _allow(aws, {"Action": ["kms:CreateKey", "kms:PutKeyPolicy"]})
    maker.create_key()
    tags = _tags(shop="tokyo")
    assert "kms:TagResource" in refused(maker, "AccessDeniedException", Tags=tags)
    _allow(aws, {"Action": ["kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"]})
    key = maker.create_key(Tags=tags)["KeyMetadata"]["KeyId"]
    assert aws.client("kms").list_resource_tags(KeyId=key)["Tags"] == tags


@pytest.mark.parametrize("action", ["kms:CreateKey", "kms:TagResource"])
def test_conditions_on_tags_hold_for_creation_and_for_tagging(aws: LocalAws, maker: Any, action: str) -> None:
    """By aws:RequestTag and aws:TagKeys either action says which tags a new key may have, and must."""
    condition = {
        "StringEquals": {"aws:RequestTag/shop": "tokyo"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["shop", "team"]},
    }
    others = {"kms:CreateKey", "kms:TagResource", "kms:PutKeyPolicy"} - {action}
    _allow(aws, {"Action": sorted(others)}, {"Action": action, "Condition": condition})
    maker.create_key(Tags=_tags(shop="tokyo"))
    maker.create_key(Tags=_tags(shop="tokyo", team="roast"))
    for tags in (_tags(shop="osaka"), _tags(team="roast"), _tags(shop="tokyo", owner="me")):
        assert action in refused(maker, "AccessDeniedException", Tags=tags)
    if action == "kms:CreateKey":
        assert action in refused(maker, "AccessDeniedException")
    else:
        maker.create_key()  # nothing is tagged


def _tags(**pairs: str) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in pairs.items()]


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(aws: LocalAws, *statements: dict[str, Any]) -> None:
    """Allow the maker what these statements say, and nothing else."""
    document = _document(*({"Effect": "Allow", "Resource": "*", **statement} for statement in statements))
    aws.client("iam").put_role_policy(RoleName="maker", PolicyName="p", PolicyDocument=document)
