"""AssumeRoleWithWebIdentity, with an issuer that the test runs: who may, and what the session is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from federation.issuer import AUDIENCE, SUBJECT, Issuer
from support import ACCOUNT, House

ACTION = "sts:AssumeRoleWithWebIdentity"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """An issuer on loopback."""
    with Issuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, issuer: Issuer) -> House:
    """An installation that trusts the issuer and may reach it."""
    house = House(tmp_path, private_issuers=[issuer.host])
    house.client("iam").create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=[AUDIENCE], ThumbprintList=[issuer.thumbprint]
    )
    return house


def test_answer(house: House, issuer: Issuer) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.url.removeprefix('https://')}"
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": arn},
            "Action": ACTION,
            "Condition": {
                "StringEquals": {f"{issuer.host}/realm:sub": SUBJECT, f"{issuer.host}/realm:aud": AUDIENCE}
            },
        },
    }
    role = house.client("iam").create_role(RoleName="Deploy", AssumeRolePolicyDocument=json.dumps(document))[
        "Role"
    ]
    answer = house.client("sts").assume_role_with_web_identity(
        RoleArn=role["Arn"], RoleSessionName="ci", WebIdentityToken=issuer.token()
    )
    print(answer)
