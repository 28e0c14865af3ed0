"""Aliases of keys: made, listed, changed, used and deleted."""

from typing import Any


def aliases(kms: Any) -> None:
    """The life of an alias of two keys."""
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    for name in ("alias/bread", "alias/cake"):
        kms.create_alias(AliasName=name, TargetKeyId=first)
    kms.update_alias(AliasName="alias/bread", TargetKeyId=second)
    pages = list(kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 1}))
    found = [alias for page in pages for alias in page["Aliases"]]
    assert [alias["TargetKeyId"] for alias in found] == [second, first]
    (listed,) = kms.list_aliases(KeyId=second)["Aliases"]
    assert kms.describe_key(KeyId=listed["AliasArn"])["KeyMetadata"]["KeyId"] == second
    for alias in found:
        kms.delete_alias(AliasName=alias["AliasName"])
