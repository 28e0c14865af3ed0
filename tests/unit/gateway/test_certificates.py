"""Certificates and keys over the wire: boto3, the policies on them, and what no answer ever holds."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from policies import allow, document
from support import ACCOUNT, House
from unit.services.iam.certificates import certificate, ec_key, pem, rsa_key


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def test_a_server_certificate_over_the_wire(house):
    """boto3 uploads and reads it; neither an answer nor an event holds the private key."""
    iam, key = house.client("iam"), ec_key()
    made = iam.upload_server_certificate(
        ServerCertificateName="shop", CertificateBody=pem(certificate(key)), PrivateKey=pem(key)
    )
    shown = iam.get_server_certificate(ServerCertificateName="shop")
    secret = pem(key).splitlines()[1]
    rows = [row.body for row in house.store.events(ACCOUNT, "us-east-1")]
    assert any(b"UploadServerCertificate" in row for row in rows)
    assert secret not in json.dumps([made, shown], default=str)
    assert all(secret.encode() not in row for row in rows)


def test_secrets_are_not_recorded(house):
    """A service-specific password is in its answer and in no event."""
    iam = house.client("iam")
    iam.create_user(UserName="alice")
    made = iam.create_service_specific_credential(UserName="alice", ServiceName="codecommit.amazonaws.com")
    password = made["ServiceSpecificCredential"]["ServicePassword"].encode()
    rows = [row.body for row in house.store.events(ACCOUNT, "us-east-1")]
    assert any(b"CreateServiceSpecificCredential" in row for row in rows)
    assert all(password not in row for row in rows)


def test_users_can_be_let_manage_their_own_keys(house):
    """A policy on the user's own ARN is enough for the own keys, and for nobody else's."""
    iam = house.client("iam")
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
    own = allow("iam:*SSHPublicKey*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document(own))
    alice = house.client("iam", house.client_key("alice"))
    body = rsa_key().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    made = alice.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody=body)["SSHPublicKey"]
    assert alice.list_ssh_public_keys()["SSHPublicKeys"][0]["SSHPublicKeyId"] == made["SSHPublicKeyId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        alice.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody=body)


def test_a_service_can_be_forbidden(house):
    """`iam:ServiceSpecificCredentialServiceName` and the age in days bind creation."""
    iam = house.client("iam")
    iam.create_user(UserName="alice")
    rule = allow(
        "iam:CreateServiceSpecificCredential",
        StringEquals={"iam:ServiceSpecificCredentialServiceName": "bedrock.amazonaws.com"},
        NumericLessThanEquals={"iam:ServiceSpecificCredentialAgeDays": "30"},
    )
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document(rule))
    alice = house.client("iam", house.client_key("alice"))
    request = {"UserName": "alice", "ServiceName": "bedrock.amazonaws.com"}
    alice.create_service_specific_credential(**request, CredentialAgeDays=30)
    for wrong in (
        {**request, "CredentialAgeDays": 31},
        request,
        {**request, "ServiceName": "codecommit.amazonaws.com", "CredentialAgeDays": 1},
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            alice.create_service_specific_credential(**wrong)
