"""Whatever a request calls its keys, it is judged on resources of known owners, or refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.authorization.resources import UnresolvedResourceError, accesses
from masugata.errors import AwsError
from unit.authorization import resource_rows_kms as rows
from unit.authorization.test_kms_resources import FOREIGN_KEY, Keys
from unit.authorization.world import ACCOUNT_ID

_PARTS = st.sampled_from(
    ["arn", "aws", "aws-cn", "kms", "iam", "", rows.REGION, rows.THERE, ACCOUNT_ID, "444455556666", "key",
     "alias", rows.ID, rows.MRK, rows.ALIAS, "alias/aws/s3", ":", "/", "*", "key/", "mrk-", "é", "\0"]
)  # fmt: skip
_NAMES = st.one_of(
    st.text(max_size=80),
    st.lists(_PARTS, max_size=8).map(":".join),
    st.lists(_PARTS, max_size=8).map("".join),
    st.sampled_from([rows.KEY, rows.MRK_KEY, FOREIGN_KEY, rows.ALIAS, rows.ID]),
)
_MEMBERS = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId", "AliasName", "GrantToken")
_OPERATIONS = st.sampled_from([row[0] for row in rows.ROWS])


@pytest.fixture(scope="module")
def world() -> Keys:
    """Keys that nothing changes."""
    return Keys()


@given(
    operation=_OPERATIONS,
    names=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(_MEMBERS, _NAMES),
    ),
    blob=st.binary(max_size=120),
)
def test_names_of_keys(world: Keys, operation: str, names: dict[str, Any], blob: bytes) -> None:
    """Each resource is of the account that owns it, and its policy lets nobody in if it is not there."""
    request = {"CiphertextBlob": blob, "ReplicaRegion": rows.THERE, "PrimaryRegion": rows.THERE, **names}
    request |= {"Operations": ["Decrypt"]}
    try:
        found = accesses("kms", operation, request, world.alice(), world.records, rows.REGION)
    except (AwsError, UnresolvedResourceError):
        return
    assert found
    for access in found:
        own = access.resource_account in {None, ACCOUNT_ID}
        assert (access.stranger is None) == own
        if access.resource.startswith("arn:aws:kms:"):
            assert access.resource.split(":")[4] == access.resource_account
            is_key = access.resource.split(":", 5)[5].startswith("key/")
            assert not is_key or access.resource_policy is not None
        if not own and access.resource != FOREIGN_KEY:
            assert access.resource_policy == ""
