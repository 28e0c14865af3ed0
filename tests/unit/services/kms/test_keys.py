"""Describing, listing, switching and describing anew."""

from collections.abc import Iterator
from typing import Any

import pytest

from masugata.testing import LocalAws, local_aws

OTHER = "444455556666"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation of the test's own."""
    with local_aws() as entered:
        yield entered


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("kms")


def test_a_disabled_key_is_not_used(kms: Any) -> None:
    """A switch binds the very next call, and back again."""
    key = kms.create_key()["KeyMetadata"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"espresso")["CiphertextBlob"]
    kms.disable_key(KeyId=key["Arn"])
    shown = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (shown["KeyState"], shown["Enabled"]) == ("Disabled", False)
    with pytest.raises(kms.exceptions.DisabledException) as caught:
        kms.decrypt(CiphertextBlob=blob)
    assert caught.value.response["Error"]["Message"] == f"{key['Arn']} is disabled."
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_a_new_description(kms: Any) -> None:
    """It stands in the place of the old one, also an empty one."""
    key = kms.create_key(Description="orders")["KeyMetadata"]["KeyId"]
    for text in ("invoices", ""):
        kms.update_key_description(KeyId=key, Description=text)
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == text


def test_pages_of_keys(kms: Any) -> None:
    """All keys come once, in pages of the asked size; a marker that is none is refused."""
    ids = sorted(kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5))
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Keys"]) for page in pages] == [2, 2, 1]
    assert [key["KeyId"] for page in pages for key in page["Keys"]] == ids
    assert [page["Truncated"] for page in pages] == [True, True, False]
    with pytest.raises(kms.exceptions.InvalidMarkerException):
        kms.list_keys(Marker="!")
    with pytest.raises(kms.exceptions.InvalidMarkerException):  # of another listing
        kms.list_aliases(Marker=pages[0]["NextMarker"])


def test_keys_that_others_share(kms: Any) -> None:
    """Nobody shares keys here; one's own come with SELF, alone or beside it."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    for owners in (["SELF"], ["OTHER_ACCOUNTS_VIA_RAM", "SELF"]):
        assert [one["KeyId"] for one in kms.list_keys(ResourceOwners=owners)["Keys"]] == [key]


def test_a_region_and_an_account_list_their_own(aws: LocalAws, kms: Any) -> None:
    """Keys of another Region or account are not listed."""
    kms.create_key()
    assert aws.client("kms", region_name="eu-west-1").list_keys()["Keys"] == []
    assert aws.account(OTHER).client("kms").list_keys()["Keys"] == []
