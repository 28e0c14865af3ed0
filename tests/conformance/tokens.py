"""Temporary credentials of STS, and tokens that it issues for others."""

import json
from typing import Any

import pytest

from conformance.identities import ANY, IAM, READ_ONLY, TAGS
from conformance.inspector import Inspector
from support import ACCOUNT


def credentials(inspector: Inspector) -> None:
    """Those of a role, a user and a federated user, each used; who was refused can have it explained."""
    sts = inspector.client("sts")
    assert sts.get_caller_identity()["Arn"] == f"{IAM}user/admin"
    assert sts.get_access_key_info(AccessKeyId=inspector.house.admin[0])["Account"] == ACCOUNT
    role = sts.assume_role(
        RoleArn=f"{IAM}role/Cook",
        RoleSessionName="hanako",
        Policy=ANY,
        PolicyArns=[{"arn": READ_ONLY}],
        Tags=TAGS,
        TransitiveTagKeys=["Team"],
        SourceIdentity="hanako",
    )
    assert 0 < role["PackedPolicySize"] <= 100
    token = sts.get_session_token()
    federated = sts.get_federation_token(Name="taro", Policy=ANY, Tags=TAGS)
    for answer in (role, token, federated):
        inspector.session(answer["Credentials"], "sts").get_caller_identity()
    _explained(inspector, sts, role["Credentials"])


def _explained(inspector: Inspector, sts: Any, given: dict[str, Any]) -> None:
    key = (given["AccessKeyId"], given["SecretAccessKey"])
    cook = inspector.house.client("iam", key, token=given["SessionToken"])
    with pytest.raises(cook.exceptions.ClientError, match="AccessDenied") as denied:
        cook.create_user(UserName="eve")
    headers = denied.value.response["ResponseMetadata"]["HTTPHeaders"]
    encoded = headers["x-masugata-authorization-message"]
    message = sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert json.loads(message)["context"]["action"] == "iam:CreateUser"


def outbound_tokens(inspector: Inspector) -> None:
    """The account as an issuer, with a token of each algorithm."""
    iam, sts = inspector.client("iam"), inspector.client("sts")
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"] == issuer
    for algorithm in ("ES384", "RS256"):
        answer = sts.get_web_identity_token(
            Audience=["https://api.example.com"], SigningAlgorithm=algorithm, Tags=TAGS
        )
        assert answer["WebIdentityToken"].count(".") == 2
    iam.disable_outbound_web_identity_federation()
