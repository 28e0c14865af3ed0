"""Server certificates with their chains and private keys."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from masugata.records.iam import SERVER_CERTIFICATE
from unit.services.iam.certificates import certificate, ec_key, pem, rsa_key

KEY = ec_key()
BODY = pem(certificate(KEY))
MISSING = ("NoSuchEntity", "The Server Certificate with name shop cannot be found.", 404)


def request(name="shop", **members):
    """The members of an upload."""
    return {"ServerCertificateName": name, "CertificateBody": BODY, "PrivateKey": pem(KEY)} | members


def test_upload_and_get(iam):
    """The certificate is shown with what it says of itself; its private key is sealed and never shown."""
    uploaded = iam("UploadServerCertificate", **request(Path="/web/", Tags=[{"Key": "a", "Value": "b"}]))
    record = iam.get(SERVER_CERTIFICATE, "shop")
    metadata = {
        "Path": "/web/",
        "ServerCertificateName": "shop",
        "ServerCertificateId": record.id,
        "Arn": "arn:aws:iam::111122223333:server-certificate/web/shop",
        "UploadDate": datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC),
        "Expiration": datetime(2027, 1, 30, tzinfo=UTC),
    }
    assert uploaded == {"ServerCertificateMetadata": metadata, "Tags": [{"Key": "a", "Value": "b"}]}
    assert iam.touched == [("AWS::IAM::ServerCertificate", "shop")]
    assert record.private_key == f"sealed|server-certificate|{record.id}|{pem(KEY)}".encode()
    shown = iam("GetServerCertificate", ServerCertificateName="shop")["ServerCertificate"]
    assert shown == {
        "ServerCertificateMetadata": metadata,
        "CertificateBody": BODY,
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    assert iam("GetAccountSummary")["SummaryMap"]["ServerCertificates"] == 1


def test_a_chain_in_order(iam):
    """Leaf, intermediate and root: each issued the one before."""
    root_key, middle_key = rsa_key(), ec_key()
    root = certificate(root_key, "root")
    middle = certificate(middle_key, "middle", issuer=(root, root_key))
    leaf = certificate(KEY, issuer=(middle, middle_key))
    chain = pem(middle) + pem(root)
    iam("UploadServerCertificate", **request(CertificateBody=pem(leaf), CertificateChain=chain))
    shown = iam("GetServerCertificate", ServerCertificateName="shop")["ServerCertificate"]
    assert shown["CertificateChain"] == chain
    wrong = request("other", CertificateBody=pem(leaf), CertificateChain=pem(root) + pem(middle))
    assert iam.fails("UploadServerCertificate", **wrong) == (
        "MalformedCertificate",
        (
            "Unable to validate certificate chain. The certificate chain must start with the immediate"
            " signing certificate, followed by any intermediaries in order. The index within the chain of"
            " the invalid certificate is: -1"
        ),
        400,
    )


def test_another_ones_name_is_not_enough(iam):
    """A chain whose issuer has the right name and another key is refused."""
    middle_key = ec_key()
    middle = certificate(middle_key, "middle")
    leaf = certificate(KEY, issuer=(middle, middle_key))
    forged = pem(certificate(ec_key(), "middle"))
    refused = iam.fails(
        "UploadServerCertificate", **request(CertificateBody=pem(leaf), CertificateChain=forged)
    )
    assert refused[0] == "MalformedCertificate"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"CertificateBody": "x"}, "MalformedCertificate"),
        ({"PrivateKey": "x"}, "MalformedCertificate"),
        ({"PrivateKey": pem(Ed25519PrivateKey.generate())}, "MalformedCertificate"),
        ({"PrivateKey": pem(ec_key())}, "KeyPairMismatch"),
        ({"CertificateChain": "x"}, "MalformedCertificate"),
        ({"CertificateChain": BODY * 33}, "MalformedCertificate"),
        ({"CertificateBody": BODY + pem(KEY)}, "MalformedCertificate"),
        ({"CertificateChain": BODY + pem(KEY)}, "MalformedCertificate"),
        (
            {"CertificateBody": pem(certificate(KEY, start=datetime(2027, 1, 1, tzinfo=UTC)))},
            "MalformedCertificate",
        ),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidInput"),
    ],
    ids=[
        "body",
        "key",
        "kind of key",
        "other key",
        "chain",
        "long chain",
        "key beside body",
        "key beside chain",
        "future",
        "tags",
    ],
)
def test_bad_uploads(iam, members, code):
    """Each defect has its error, and nothing is kept."""
    assert iam.fails("UploadServerCertificate", **request(**members))[0] == code


def test_a_key_with_a_password_is_refused(iam):
    """Nobody could use a key whose password nobody gave."""
    encrypted = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    ).decode()
    assert iam.fails("UploadServerCertificate", **request(PrivateKey=encrypted))[0] == "MalformedCertificate"


def contrived(p, q, d=None):
    """An RSA key of two numbers that need not be primes, and perhaps of another `d`."""
    e = 65537
    d = pow(e, -1, (p - 1) * (q - 1)) if d is None else d
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q)
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def test_the_primes_of_a_large_key_are_not_tested(iam):
    """It takes longer than a minute for 16,384 bits, and no other thread would run meanwhile."""
    odd = (1 << 8191) + 1
    key = contrived(odd, 3 * odd + 2)
    body = pem(certificate(key, issuer=(certificate(KEY), KEY)))
    iam("UploadServerCertificate", **request(CertificateBody=body, PrivateKey=pem(key)))


def test_the_numbers_of_a_key_must_fit_each_other(iam):
    """A key with the certificate's modulus that could sign nothing right is refused."""
    good = rsa_key()
    body, numbers = pem(certificate(good)), good.private_numbers()
    bad = contrived(numbers.p, numbers.q, numbers.d + 2)
    refused = iam.fails("UploadServerCertificate", **request(CertificateBody=body, PrivateKey=pem(bad)))
    assert refused[0] == "MalformedCertificate"
    iam("UploadServerCertificate", **request(CertificateBody=body, PrivateKey=pem(good)))


def test_names_and_quota(iam, monkeypatch):
    """Names are unique without regard to case; the account holds so many."""
    iam("UploadServerCertificate", **request())
    assert iam.fails("UploadServerCertificate", **request("SHOP")) == (
        "EntityAlreadyExists",
        "The Server Certificate with name SHOP already exists.",
        409,
    )
    monkeypatch.setattr("masugata.services.iam.server_certificates.SERVER_CERTIFICATES_PER_ACCOUNT", 1)
    assert iam.fails("UploadServerCertificate", **request("two")) == (
        "LimitExceeded",
        "Cannot exceed quota for ServerCertificatesPerAccount: 1",
        409,
    )


def test_rename_move_and_delete(iam):
    """A certificate keeps its id under a new name and path, but takes nobody's name."""
    iam("UploadServerCertificate", **request())
    iam("UploadServerCertificate", **request("other"))
    taken = iam.fails(
        "UpdateServerCertificate", ServerCertificateName="shop", NewServerCertificateName="other"
    )
    assert taken[0] == "EntityAlreadyExists"
    before = iam.get(SERVER_CERTIFICATE, "shop")
    iam(
        "UpdateServerCertificate",
        ServerCertificateName="shop",
        NewServerCertificateName="Shop2",
        NewPath="/x/",
    )
    after = iam.get(SERVER_CERTIFICATE, "shop2")
    assert (after.id, after.name, after.path, after.private_key) == (
        before.id,
        "Shop2",
        "/x/",
        before.private_key,
    )
    assert iam.fails("GetServerCertificate", ServerCertificateName="shop") == MISSING
    listed = iam("ListServerCertificates", PathPrefix="/x/")["ServerCertificateMetadataList"]
    assert [item["ServerCertificateName"] for item in listed] == ["Shop2"]
    iam("DeleteServerCertificate", ServerCertificateName="Shop2")
    assert iam.fails("DeleteServerCertificate", ServerCertificateName="Shop2")[0] == "NoSuchEntity"


def test_tags(iam):
    """Tags are added, listed by key, and removed."""
    iam("UploadServerCertificate", **request())
    name = {"ServerCertificateName": "shop"}
    iam("TagServerCertificate", **name, Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "2"}])
    assert iam("ListServerCertificateTags", **name)["Tags"] == [
        {"Key": "a", "Value": "2"},
        {"Key": "b", "Value": "1"},
    ]
    iam("UntagServerCertificate", **name, TagKeys=["A"])
    assert iam("ListServerCertificateTags", **name)["Tags"] == [{"Key": "b", "Value": "1"}]
