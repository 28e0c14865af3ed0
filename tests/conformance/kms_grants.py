"""Grants of KMS keys: made, listed, revoked by the key's side, and retired by whom they name."""

from typing import Any

from conformance.inspector import Inspector

GRANTEE = "arn:aws:iam::111122223333:user/admin"
SERVICE = {
    "GranteeServicePrincipal": "ec2.amazonaws.com",
    "RetiringServicePrincipal": "ebs.amazonaws.com",
    "Operations": ["Decrypt"],
    "Constraints": {"SourceArn": "arn:aws:ec2:us-east-1:111122223333:instance/i-1"},
}
CONSTRAINTS = ({}, {"EncryptionContextEquals": {"a": "b"}}, {"EncryptionContextSubset": {"a": "b"}})


def grants(inspector: Inspector) -> None:
    """A grant of each sort."""
    kms = inspector.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "GranteePrincipal": GRANTEE, "Operations": ["Encrypt", "RetireGrant"]}
    made = [
        kms.create_grant(**request, RetiringPrincipal=GRANTEE, Name="tour", Constraints=constraints)
        for constraints in CONSTRAINTS
    ]
    kms.create_grant(KeyId=key, **SERVICE)
    assert len(_all(kms, "list_grants", KeyId=key)) == 4
    assert len(_all(kms, "list_retirable_grants", RetiringPrincipal=GRANTEE)) == 3
    kms.revoke_grant(KeyId=key, GrantId=made[0]["GrantId"])
    kms.retire_grant(KeyId=key, GrantId=made[1]["GrantId"])
    kms.retire_grant(GrantToken=made[2]["GrantToken"])
    (left,) = kms.list_grants(KeyId=key)["Grants"]
    assert left["GranteeServicePrincipal"] == SERVICE["GranteeServicePrincipal"]


def _all(kms: Any, listing: str, **request: str) -> list[Any]:
    pages = kms.get_paginator(listing).paginate(**request, PaginationConfig={"PageSize": 2})
    return [grant for page in pages for grant in page["Grants"]]
