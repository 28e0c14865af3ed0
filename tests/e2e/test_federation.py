"""Whom an identity provider vouches for: a real server, boto3, and providers on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import botocore
import botocore.config
import pytest

from e2e.conftest import Server
from federation.issuer import AUDIENCE, SUBJECT, Issuer
from federation.saml_idp import IdentityProvider, encoded

UNSIGNED = botocore.config.Config(signature_version=botocore.UNSIGNED)


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    """An issuer on loopback."""
    with Issuer(tmp_path / "issuer") as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, issuer: Issuer) -> Iterator[Server]:
    """A server that may reach it."""
    running = Server(tmp_path / "data", ("--ephemeral",), {"MASUGATA_PRIVATE_ISSUERS": issuer.host}).start()
    yield running
    running.stop()


def trusting(provider: str, action: str) -> str:
    """A trust policy for a provider."""
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def who(server: Server, credentials: dict[str, str]) -> str:
    """As whom credentials act."""
    client = boto3.client(
        "sts",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    return str(client.get_caller_identity()["Arn"])


def test_web_identity_and_saml(server: Server, issuer: Issuer) -> None:
    """Both calls go without a signature over HTTP, and the credentials that they give are used."""
    iam, idp = server.client("iam"), IdentityProvider()
    oidc = iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=[AUDIENCE], ThumbprintList=[issuer.thumbprint]
    )["OpenIDConnectProviderArn"]
    saml = iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=idp.metadata())["SAMLProviderArn"]
    deploy, clerk = (
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(provider, f"sts:{action}"))["Role"][
            "Arn"
        ]
        for name, provider, action in (
            ("Deploy", oidc, "AssumeRoleWithWebIdentity"),
            ("Clerk", saml, "AssumeRoleWithSAML"),
        )
    )
    stranger = boto3.client("sts", endpoint_url=server.url, region_name="us-east-1", config=UNSIGNED)
    came = stranger.assume_role_with_web_identity(
        RoleArn=deploy, RoleSessionName="ci", WebIdentityToken=issuer.token()
    )
    assert came["SubjectFromWebIdentityToken"] == SUBJECT
    assert who(server, came["Credentials"]).endswith(":assumed-role/Deploy/ci")
    response = encoded(idp.response([f"{clerk},{saml}"]))
    came = stranger.assume_role_with_saml(RoleArn=clerk, PrincipalArn=saml, SAMLAssertion=response)
    assert who(server, came["Credentials"]).endswith(":assumed-role/Clerk/hanako@example.com")
    with pytest.raises(stranger.exceptions.InvalidIdentityTokenException, match="Incorrect token audience"):
        stranger.assume_role_with_web_identity(
            RoleArn=deploy, RoleSessionName="ci", WebIdentityToken=issuer.token(aud="other")
        )
    with pytest.raises(stranger.exceptions.ExpiredTokenException):
        stranger.assume_role_with_web_identity(
            RoleArn=deploy, RoleSessionName="ci", WebIdentityToken=issuer.token(exp=1)
        )
