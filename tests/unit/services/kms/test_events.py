"""What the events of changes to keys show where the operations answer nothing."""

from typing import Any

from masugata.testing import local_aws

ANSWERED = (
    "CreateAlias",
    "CreateGrant",
    "DeleteAlias",
    "DisableKey",
    "EnableKey",
    "EnableKeyRotation",
    "UntagResource",
    "UpdateAlias",
)
UNANSWERED = ("DisableKeyRotation", "PutKeyPolicy", "RetireGrant", "TagResource", "UpdateKeyDescription")


def test_the_key_that_changed_is_shown() -> None:
    """In the answer, by its ARN, for the operations for which CloudTrail has it there, and for no others."""
    with local_aws() as aws:
        kms = aws.client("kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        key_id, alias = key.split("/")[1], "alias/espresso"
        kms.create_alias(AliasName=alias, TargetKeyId=key_id)
        kms.update_alias(AliasName=alias, TargetKeyId=key_id)
        kms.delete_alias(AliasName=alias)
        grant = kms.create_grant(
            KeyId=key_id, GranteePrincipal=f"arn:aws:iam::{aws.id}:root", Operations=["Encrypt"]
        )
        kms.retire_grant(GrantToken=grant["GrantToken"])
        kms.enable_key_rotation(KeyId=key_id)
        kms.disable_key_rotation(KeyId=key_id)
        kms.disable_key(KeyId=key_id)
        kms.enable_key(KeyId=key_id)
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "b"}])
        kms.untag_resource(KeyId=key_id, TagKeys=["a"])
        kms.update_key_description(KeyId=key_id, Description="espresso")
        kms.put_key_policy(KeyId=key_id, Policy=kms.get_key_policy(KeyId=key_id)["Policy"])
        events: dict[str, Any] = {event["eventName"]: event for event in aws.events()}
    assert {events[name]["responseElements"]["keyId"] for name in ANSWERED} == {key}
    assert events["CreateGrant"]["responseElements"]["grantId"] == grant["GrantId"]
    assert [events[name]["responseElements"] for name in UNANSWERED] == [None] * len(UNANSWERED)
    assert events["RetireGrant"]["additionalEventData"] == {"grantId": grant["GrantId"]}
