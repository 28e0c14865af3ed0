"""X.509 certificates that sign for users."""

import ssl
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from masugata.errors import AwsError
from masugata.records.iam import SIGNING_CERTIFICATE
from masugata.services.iam._pem import check_chain
from unit.services.iam.certificates import certificate, ec_key, pem

NONE = (
    "MalformedCertificate",
    "Unable to parse certificate. Please ensure the certificate is in PEM format.",
    400,
)


@pytest.fixture
def alice(iam):
    """The house, with a user alice in it."""
    iam("CreateUser", UserName="alice")
    return iam


def upload(house, body=None, **members):
    body = body or pem(certificate(ec_key()))
    return house("UploadSigningCertificate", CertificateBody=body, **members)["Certificate"]


def test_upload_list_switch_and_delete(alice):
    """A certificate is active when it comes, shown as it was given, and can be switched off and deleted."""
    body = pem(certificate(ec_key()))
    shown = upload(alice, body, UserName="alice")
    assert shown == {
        "UserName": "alice",
        "CertificateId": shown["CertificateId"],
        "CertificateBody": body,
        "Status": "Active",
        "UploadDate": datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC),
    }
    assert 24 <= len(shown["CertificateId"]) <= 128
    assert alice("ListSigningCertificates", UserName="alice")["Certificates"] == [shown]
    named = {"UserName": "alice", "CertificateId": shown["CertificateId"]}
    assert alice("UpdateSigningCertificate", **named, Status="Inactive") == {}
    (listed,) = alice("ListSigningCertificates", UserName="alice")["Certificates"]
    assert listed["Status"] == "Inactive"
    assert alice("DeleteSigningCertificate", **named) == {}
    assert alice("ListSigningCertificates", UserName="alice")["Certificates"] == []


@pytest.mark.parametrize(
    "body",
    ["x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "\xff" * 100, ""],
    ids=["no PEM", "no DER", "not ASCII", "empty"],
)
def test_what_is_no_certificate(alice, body):
    """What is no certificate is refused in AWS's words."""
    assert alice.fails("UploadSigningCertificate", UserName="alice", CertificateBody=body) == NONE


def test_a_version_that_there_is_not(alice):
    """A certificate of version 8 is none, alone and in a chain."""
    good = certificate(ec_key())
    der = good.public_bytes(Encoding.DER)
    changed = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020107"), 1)
    body = ssl.DER_cert_to_PEM_cert(changed)
    assert alice.fails("UploadSigningCertificate", UserName="alice", CertificateBody=body) == NONE
    with pytest.raises(AwsError, match="Unable to parse certificate chain"):
        check_chain(good, body)


def test_two_in_one_body_are_refused(alice):
    """A body is one certificate."""
    both = pem(certificate(ec_key())) + pem(certificate(ec_key()))
    assert alice.fails("UploadSigningCertificate", UserName="alice", CertificateBody=both) == NONE


@pytest.mark.parametrize("start", [datetime(2027, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)])
def test_not_valid_at_this_time(alice, start):
    """A certificate of the future or of the past signs nothing."""
    body = pem(certificate(ec_key(), start=start))
    refused = alice.fails("UploadSigningCertificate", UserName="alice", CertificateBody=body)
    assert refused[0] == "InvalidCertificate"


def test_the_same_certificate_once_in_an_account(alice):
    """Neither the same user nor another gets it again, in whatever line breaks."""
    body = pem(certificate(ec_key()))
    upload(alice, body, UserName="alice")
    alice("CreateUser", UserName="bob")
    for name in ("alice", "bob"):
        refused = alice.fails("UploadSigningCertificate", UserName=name, CertificateBody=body + "\r\n")
        assert refused[0] == "DuplicateCertificate"


def test_two_at_most(alice):
    """The third certificate of a user is one too many."""
    upload(alice, UserName="alice")
    upload(alice, UserName="alice")
    refused = alice.fails(
        "UploadSigningCertificate", UserName="alice", CertificateBody=pem(certificate(ec_key()))
    )
    assert refused == ("LimitExceeded", "Cannot exceed quota for SigningCertificatesPerUser: 2", 409)


def test_the_root_users_own(iam):
    """Without a name it is the root user's, which has none, and the summary tells."""
    assert iam("GetAccountSummary")["SummaryMap"]["AccountSigningCertificatesPresent"] == 0
    shown = upload(iam)
    assert "UserName" not in shown
    assert iam.get(SIGNING_CERTIFICATE, shown["CertificateId"]).owner_id == iam.account
    assert iam("GetAccountSummary")["SummaryMap"]["AccountSigningCertificatesPresent"] == 1


def test_another_users_is_unknown(alice):
    """Who is not the owner can neither switch nor delete it."""
    identity = upload(alice, UserName="alice")["CertificateId"]
    alice("CreateUser", UserName="bob")
    unknown = ("NoSuchEntity", f"The Certificate with id {identity} cannot be found.", 404)
    named = {"UserName": "bob", "CertificateId": identity}
    assert alice.fails("UpdateSigningCertificate", **named, Status="Inactive") == unknown
    assert alice.fails("DeleteSigningCertificate", **named) == unknown
    expired = alice.fails("UpdateSigningCertificate", **(named | {"UserName": "alice"}), Status="Expired")
    assert expired[0] == "InvalidInput"


def test_a_user_with_one_cannot_be_deleted(alice):
    """The certificate has to go first."""
    upload(alice, UserName="alice")
    assert alice.fails("DeleteUser", UserName="alice") == (
        "DeleteConflict",
        "Cannot delete entity, must delete certificates first.",
        409,
    )
