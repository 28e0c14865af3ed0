"""Keys themselves: made of every kind, described, tagged, switched, given policies, and deleted."""

import json
from typing import Any

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "kms:*",
            "Resource": "*",
        },
    }
)
KINDS: tuple[dict[str, Any], ...] = (
    {"Description": "orders", "Policy": POLICY, "Tags": [{"TagKey": "shop", "TagValue": "tokyo"}]},
    {"MultiRegion": True},
    {"Origin": "EXTERNAL"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"},
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
)


def keys(kms: Any) -> None:
    """The life of a key, in the company of others."""
    ids = [kms.create_key(**kind)["KeyMetadata"]["KeyId"] for kind in KINDS]
    for key in ids:
        kms.describe_key(KeyId=key)
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 3}))
    assert {key["KeyId"] for page in pages for key in page["Keys"]} >= set(ids)
    key = ids[0]
    kms.encrypt(KeyId=key, Plaintext=b"espresso")
    kms.get_key_last_usage(KeyId=key)
    kms.update_key_description(KeyId=key, Description="invoices")
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "team", "TagValue": "billing"}])
    list(kms.get_paginator("list_resource_tags").paginate(KeyId=key, PaginationConfig={"PageSize": 1}))
    kms.untag_resource(KeyId=key, TagKeys=["team"])
    list(kms.get_paginator("list_key_policies").paginate(KeyId=key))
    kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"])
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    kms.describe_key(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
