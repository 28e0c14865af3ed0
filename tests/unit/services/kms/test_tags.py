"""Tags of keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.testing import LocalAws, local_aws


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("kms")


def tags(**pairs: str) -> list[dict[str, str]]:
    """Tags as KMS wants them."""
    return [{"TagKey": key, "TagValue": value} for key, value in pairs.items()]


def of(kms: Any, key: str) -> dict[str, str]:
    """The tags of a key."""
    listed = kms.list_resource_tags(KeyId=key)
    assert listed["Truncated"] is False
    return {tag["TagKey"]: tag["TagValue"] for tag in listed["Tags"]}


def test_tags_come_and_go(kms: Any) -> None:
    """Those of the creation, added ones, new values, and removed ones; unknown keys are no error."""
    key = kms.create_key(Tags=tags(shop="tokyo", team=""))["KeyMetadata"]["KeyId"]
    assert of(kms, key) == {"shop": "tokyo", "team": ""}
    kms.tag_resource(KeyId=key, Tags=tags(shop="kyoto", Shop="osaka"))
    assert of(kms, key) == {"shop": "kyoto", "Shop": "osaka", "team": ""}
    kms.untag_resource(KeyId=key, TagKeys=["shop", "unknown"])
    assert of(kms, key) == {"Shop": "osaka", "team": ""}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([*tags(a="1"), *tags(a="2")], "Duplicate tag keys"),
        ([{"TagKey": f"k{n}", "TagValue": ""} for n in range(51)], "Too many tags"),
        ([{"TagKey": "aws:x", "TagValue": ""}], "Tags beginning with aws: are reserved"),
        ([{"TagKey": "AWS:x", "TagValue": ""}], "Tags beginning with aws: are reserved"),
    ],
)
def test_tags_that_are_refused(kms: Any, given: list[dict[str, str]], text: str) -> None:
    """TagException says why, when a key is created and when it is tagged."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(kms.exceptions.TagException) as caught:
        kms.create_key(Tags=given)
    assert caught.value.response["Error"]["Message"] == text
    with pytest.raises(kms.exceptions.TagException) as caught:
        kms.tag_resource(KeyId=key, Tags=given)
    assert caught.value.response["Error"]["Message"] == text
    assert of(kms, key) == {}


def test_fifty_tags_in_all(kms: Any) -> None:
    """Those that a key has count; a new value for one of them is no further tag."""
    key = kms.create_key(Tags=[{"TagKey": f"k{n}", "TagValue": ""} for n in range(50)])["KeyMetadata"][
        "KeyId"
    ]
    kms.tag_resource(KeyId=key, Tags=tags(k1="new"))
    with pytest.raises(kms.exceptions.TagException):
        kms.tag_resource(KeyId=key, Tags=tags(one_more=""))
    assert len(of(kms, key)) == 50


def test_reserved_tags_are_not_removed(kms: Any) -> None:
    """Nobody but AWS would have set them."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(kms.exceptions.TagException):
        kms.untag_resource(KeyId=key, TagKeys=["aws:x"])


def test_pages_of_tags(kms: Any) -> None:
    """By their keys, at most 50 on a page."""
    key = kms.create_key(Tags=tags(c="3", a="1", b="2"))["KeyMetadata"]["KeyId"]
    first = kms.list_resource_tags(KeyId=key, Limit=2)
    assert (first["Tags"], first["Truncated"]) == (tags(a="1", b="2"), True)
    rest = kms.list_resource_tags(KeyId=key, Limit=2, Marker=first["NextMarker"])
    assert (rest["Tags"], rest["Truncated"]) == (tags(c="3"), False)
    with pytest.raises(kms.exceptions.InvalidMarkerException):
        kms.list_resource_tags(KeyId=key, Marker="!")
    with pytest.raises(ClientError) as caught:
        kms.list_resource_tags(KeyId=key, Limit=51)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
