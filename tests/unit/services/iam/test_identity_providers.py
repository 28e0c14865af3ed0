"""OpenID Connect and SAML providers: their life, limits and errors."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from federation.saml_idp import IdentityProvider
from masugata.errors import AwsError

PREFIX = "arn:aws:iam::111122223333:"
URL = "https://idp.example.com/realm"
OIDC = f"{PREFIX}oidc-provider/idp.example.com/realm"
SAML = f"{PREFIX}saml-provider/Corp"
IDP = IdentityProvider()
FOR_ENCRYPTION = IDP.metadata(use='use="encryption"')
TAG = {"Key": "Team", "Value": "red"}


@pytest.fixture
def trusting(iam: Any) -> Any:
    """An account with one provider of each sort."""
    iam("CreateOpenIDConnectProvider", Url=URL, ClientIDList=["a"], ThumbprintList=["A" * 40], Tags=[TAG])
    iam("CreateSAMLProvider", Name="Corp", SAMLMetadataDocument=IDP.metadata(), Tags=[TAG])
    return iam


def test_open_id_connect_provider(trusting: Any) -> None:
    """It is shown without https://, thumbprints in lower case, and ids are added and removed without fuss."""
    for operation in ("AddClientIDTo", "AddClientIDTo"):
        trusting(f"{operation}OpenIDConnectProvider", OpenIDConnectProviderArn=OIDC, ClientID="b")
    trusting("RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=OIDC, ClientID="a")
    trusting("RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=OIDC, ClientID="a")
    shown = trusting("GetOpenIDConnectProvider", OpenIDConnectProviderArn=OIDC)
    assert (shown["Url"], shown["ClientIDList"]) == ("idp.example.com/realm", ["b"])
    assert (shown["ThumbprintList"], shown["Tags"]) == (["a" * 40], [TAG])
    assert trusting("ListOpenIDConnectProviders")["OpenIDConnectProviderList"] == [{"Arn": OIDC}]
    for _ in range(2):
        trusting("DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=OIDC)
    assert trusting.fails("GetOpenIDConnectProvider", OpenIDConnectProviderArn=OIDC) == (
        "NoSuchEntity",
        f"OpenIDConnect Provider not found for arn {OIDC}",
        404,
    )


def test_saml_provider(trusting: Any) -> None:
    """Its metadata is kept as it came, and read: until when it is valid, in whole seconds."""
    shown = trusting("GetSAMLProvider", SAMLProviderArn=SAML)
    assert shown["SAMLMetadataDocument"] == IDP.metadata()
    assert shown["SAMLProviderUUID"].startswith("SAMLSP")
    assert "ValidUntil" not in shown
    metadata = IDP.metadata('validUntil="2030-01-01T00:00:00.75Z"')
    trusting("UpdateSAMLProvider", SAMLProviderArn=SAML, SAMLMetadataDocument=metadata)
    (listed,) = trusting("ListSAMLProviders")["SAMLProviderList"]
    assert (listed["Arn"], listed["ValidUntil"]) == (SAML, datetime(2030, 1, 1, tzinfo=UTC))
    trusting("DeleteSAMLProvider", SAMLProviderArn=SAML)
    error = ("NoSuchEntity", f"Manifest not found for arn {SAML}", 404)
    assert trusting.fails("DeleteSAMLProvider", SAMLProviderArn=SAML) == error


@pytest.mark.parametrize(("noun", "arn"), [("OpenIDConnectProvider", OIDC), ("SAMLProvider", SAML)])
def test_tags(trusting: Any, noun: str, arn: str) -> None:
    """Tags of providers behave as all tags do."""
    named = {f"{noun}Arn": arn}
    trusting(f"Tag{noun}", **named, Tags=[{"Key": "Shop", "Value": "bakery"}])
    trusting(f"Untag{noun}", **named, TagKeys=["team"])
    assert trusting(f"List{noun}Tags", **named)["Tags"] == [{"Key": "Shop", "Value": "bakery"}]


def test_account_summary(trusting: Any) -> None:
    """The account's providers are counted."""
    assert trusting("GetAccountSummary")["SummaryMap"]["Providers"] == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com", "https://", "idp.example.com", "https://a b.example", "https://saml",
        "https://idp.example.com?x=1", "https://idp.example.com#x", "https://u:p@idp.example.com",
        "https://idp.example.com:99999",
    ],
)  # fmt: skip
def test_urls_that_are_refused(iam: Any, url: str) -> None:
    """A provider's URL is an https URL without query; a bare name could pass for AWS's own keys."""
    assert iam.fails("CreateOpenIDConnectProvider", Url=url) == (
        "ValidationError",
        "Invalid Open ID Connect Provider URL",
        400,
    )


CREATE, NEW = "CreateOpenIDConnectProvider", "CreateSAMLProvider"
REFUSED: list[tuple[str, Mapping[str, Any], str]] = [
    (CREATE, {"Url": URL}, "EntityAlreadyExists"),
    (CREATE, {"Url": URL, "ClientIDList": [str(n) for n in range(101)]}, "LimitExceeded"),
    (CREATE, {"Url": URL, "ThumbprintList": [f"{n:040x}" for n in range(6)]}, "InvalidInput"),
    (CREATE, {"Url": URL, "ThumbprintList": ["x" * 40]}, "InvalidInput"),
    (CREATE, {"Url": URL, "Tags": [TAG, TAG]}, "InvalidInput"),
    ("GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": SAML}, "InvalidInput"),
    ("GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": "x" * 20}, "InvalidInput"),
    ("GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": OIDC.replace("1111", "9999")}, "NoSuchEntity"),
    (NEW, {"Name": "Corp", "SAMLMetadataDocument": IDP.metadata()}, "EntityAlreadyExists"),
    ("UpdateSAMLProvider", {"SAMLProviderArn": SAML}, "InvalidInput"),
    (NEW, {"Name": "New", "SAMLMetadataDocument": "<a/>"}, "InvalidInput"),
    (NEW, {"Name": "New", "SAMLMetadataDocument": "<!DOCTYPE a>" + IDP.metadata()}, "InvalidInput"),
    (NEW, {"Name": "New", "SAMLMetadataDocument": FOR_ENCRYPTION}, "InvalidInput"),
    (NEW, {"Name": "New", "AssertionEncryptionMode": "Allowed"}, "NotImplemented"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "request_", "code"), REFUSED)
def test_refused(trusting: Any, operation: str, request_: Mapping[str, Any], code: str) -> None:
    """Each refusal changes nothing."""
    assert trusting.fails(operation, **request_)[0] == code


def test_weak_signing_key(iam: Any) -> None:
    """A key of 1024 bits vouches for nobody."""
    weak = IdentityProvider(bits=1024).metadata()
    with pytest.raises(AwsError, match="Could not parse metadata: a certificate's key"):
        iam("CreateSAMLProvider", Name="Weak", SAMLMetadataDocument=weak)


@pytest.mark.parametrize(
    ("part", "other"),
    [("2a864886f70d010101", "2a864886f70d010155"), ("a003020102", "a003020107")],
    ids=["a kind of key that nobody knows", "a version that there is not"],
)
def test_certificate_that_cannot_be_used(iam: Any, part: str, other: str) -> None:
    """A certificate that is not understood is the caller's mistake, and no failure of ours."""
    der = IDP.certificate.public_bytes(Encoding.DER)
    changed = der.replace(bytes.fromhex(part), bytes.fromhex(other), 1)
    assert changed != der
    document = IDP.metadata().replace(b64encode(der).decode(), b64encode(changed).decode())
    code, message, _ = iam.fails(NEW, Name="New", SAMLMetadataDocument=document)
    assert code == "InvalidInput"
    assert message.startswith("Could not parse metadata: a certificate cannot be used: ")


@pytest.mark.parametrize("arn", [OIDC, SAML])
def test_trust_policies_name_providers_that_exist(trusting: Any, arn: str) -> None:
    """A role may trust a provider that is there."""
    action = "sts:AssumeRoleWithSAML"
    document = f'{{"Statement":{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":"{action}"}}}}'
    trusting("CreateRole", RoleName="Post", AssumeRolePolicyDocument=document)
