"""The life of OpenID Connect and SAML providers, and roles on their word."""

from typing import Any

from conformance.identities import IAM, TAGS
from conformance.inspector import Inspector
from federation.issuer import AUDIENCE, SUBJECT, Issuer
from federation.saml_idp import SIGN_IN, IdentityProvider, encoded
from policies import allow, document

NOBODY = ("AKIANOBODY", "x")


def providers(inspector: Inspector, issuer: Issuer) -> None:
    """Everything that can be done with one provider of each sort."""
    iam, idp = inspector.client("iam"), IdentityProvider()
    oidc = _oidc_provider(iam, issuer)
    web_identity(inspector, oidc, issuer)
    iam.delete_open_id_connect_provider(**oidc)
    corp = _saml_provider(iam, idp)
    saml(inspector, corp, idp)
    iam.delete_saml_provider(**corp)


def _oidc_provider(iam: Any, issuer: Issuer) -> dict[str, str]:
    """A provider with tags and one client id, and its ARN as the operations take it."""
    made = iam.create_open_id_connect_provider(Url=issuer.url, ThumbprintList=["0" * 40], Tags=TAGS[:1])
    assert made["Tags"] == TAGS[:1]
    named = {"OpenIDConnectProviderArn": str(made["OpenIDConnectProviderArn"])}
    for client in (AUDIENCE, "other"):
        iam.add_client_id_to_open_id_connect_provider(**named, ClientID=client)
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="other")
    iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=[issuer.thumbprint])
    iam.tag_open_id_connect_provider(**named, Tags=TAGS[1:])
    iam.untag_open_id_connect_provider(**named, TagKeys=["Team"])
    assert iam.list_open_id_connect_provider_tags(**named)["Tags"] == TAGS[1:]
    shown = iam.get_open_id_connect_provider(**named)
    assert (shown["ClientIDList"], shown["ThumbprintList"]) == ([AUDIENCE], [issuer.thumbprint])
    (listed,) = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed["Arn"] == named["OpenIDConnectProviderArn"]
    return named


def _saml_provider(iam: Any, idp: IdentityProvider) -> dict[str, str]:
    """The same for SAML, with metadata that end."""
    made = iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=idp.metadata(), Tags=TAGS[:1])
    assert made["Tags"] == TAGS[:1]
    named = {"SAMLProviderArn": str(made["SAMLProviderArn"])}
    metadata = idp.metadata('validUntil="2100-01-01T00:00:00.5Z"')
    updated = iam.update_saml_provider(**named, SAMLMetadataDocument=metadata)
    assert updated["SAMLProviderArn"] == named["SAMLProviderArn"]
    iam.tag_saml_provider(**named, Tags=TAGS[1:])
    iam.untag_saml_provider(**named, TagKeys=["Team"])
    assert iam.list_saml_provider_tags(**named)["Tags"] == TAGS[1:]
    assert iam.get_saml_provider(**named)["ValidUntil"].year == 2100
    (listed,) = iam.list_saml_providers()["SAMLProviderList"]
    assert listed["Arn"] == named["SAMLProviderArn"]
    return named


def web_identity(inspector: Inspector, provider: dict[str, str], issuer: Issuer) -> None:
    """A role for whom the issuer names, and the credentials used."""
    (arn,) = provider.values()
    role = _role(inspector, arn, "sts:AssumeRoleWithWebIdentity")
    answer = inspector.client("sts", NOBODY).assume_role_with_web_identity(
        RoleArn=role,
        RoleSessionName="ci",
        WebIdentityToken=issuer.token(**{"https://aws.amazon.com/source_identity": "hanako"}),
        Policy=document(allow()),
    )
    assert (answer["SubjectFromWebIdentityToken"], answer["SourceIdentity"]) == (SUBJECT, "hanako")
    _use(inspector, answer)


def saml(inspector: Inspector, provider: dict[str, str], idp: IdentityProvider) -> None:
    """The same for whom the identity provider names."""
    (arn,) = provider.values()
    role = _role(inspector, arn, "sts:AssumeRoleWithSAML")
    assertion = encoded(idp.response([f"{role},{arn}"]))
    answer = inspector.client("sts", NOBODY).assume_role_with_saml(
        RoleArn=role, PrincipalArn=arn, SAMLAssertion=assertion
    )
    assert (answer["Issuer"], answer["Audience"]) == (idp.entity_id, SIGN_IN)
    _use(inspector, answer)


def _role(inspector: Inspector, provider: str, action: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": [action, "sts:SetSourceIdentity"],
    }
    made = inspector.client("iam").create_role(RoleName="Guest", AssumeRolePolicyDocument=document(statement))
    return str(made["Role"]["Arn"])


def _use(inspector: Inspector, answer: dict[str, Any]) -> None:
    """Act as the role, and delete it."""
    who = inspector.session(answer["Credentials"], "sts").get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]
    inspector.client("iam").delete_role(RoleName="Guest")


PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "list_open_id_connect_provider_tags": (
        {"OpenIDConnectProviderArn": f"{IAM}oidc-provider/idp.example.com"},
        3,
    ),
    "list_saml_provider_tags": ({"SAMLProviderArn": f"{IAM}saml-provider/Corp"}, 3),
}


def one_of_each(iam: Any) -> None:
    """What the paginators list the tags of."""
    iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["0" * 40], Tags=TAGS)
    iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=IdentityProvider().metadata(), Tags=TAGS)
