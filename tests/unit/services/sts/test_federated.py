"""Roles on the word of an identity provider: who may assume them, and what the session is."""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from federation.issuer import AUDIENCE, SUBJECT, Issuer
from federation.saml_idp import ATTRIBUTES, SIGN_IN, IdentityProvider, encoded
from masugata.identity.federation import Verifier, fetching
from masugata.server.issuers import issuer_document
from masugata.wire import HttpRequest
from organizations import close_account
from support import ACCOUNT, House

ACTIONS = [
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
]
SAML_PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp"
SAML_SUBJECT = "hanako@example.com"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """An issuer on loopback."""
    with Issuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture(scope="module")
def idp() -> IdentityProvider:
    """A SAML provider."""
    return IdentityProvider()


@pytest.fixture
def house(tmp_path: Path, issuer: Issuer, idp: IdentityProvider) -> House:
    """An installation that trusts both."""
    house = House(tmp_path, private_issuers=[issuer.host])
    iam = house.client("iam")
    iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=[AUDIENCE], ThumbprintList=[issuer.thumbprint]
    )
    iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=idp.metadata())
    return house


def oidc_arn(issuer: Issuer) -> str:
    """The ARN of the issuer's provider."""
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name(issuer)}"


def name(issuer: Issuer) -> str:
    """The issuer as condition keys begin."""
    return issuer.url.removeprefix("https://")


def role(house: House, provider: str, *, actions: Any = None, maximum: int = 3600, **condition: Any) -> str:
    """A role that trusts a provider, and may do everything."""
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions or ACTIONS}
    document = {"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}}
    iam = house.client("iam")
    made = iam.create_role(
        RoleName="Post", AssumeRolePolicyDocument=json.dumps(document), MaxSessionDuration=maximum
    )
    iam.attach_role_policy(RoleName="Post", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(made["Role"]["Arn"])


def web(house: House, arn: str, token: str, **members: Any) -> Any:
    """AssumeRoleWithWebIdentity, by a client of which nothing counts."""
    return house.client("sts", ("AKIANOBODY", "x")).assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="ci", WebIdentityToken=token, **members
    )


def saml(house: House, idp: IdentityProvider, arn: str, **members: Any) -> Any:
    """AssumeRoleWithSAML with a response that offers the role."""
    attributes: Mapping[str, Any] = members.pop("attributes", {})
    response = idp.response([f"{SAML_PROVIDER},{arn}"], now=house.clock(), attributes=attributes)
    return house.client("sts", ("AKIANOBODY", "x")).assume_role_with_saml(
        RoleArn=arn, PrincipalArn=SAML_PROVIDER, SAMLAssertion=encoded(response), **members
    )


def acting(house: House, answer: Any, service: str) -> Any:
    """A client with the credentials of an answer."""
    given = answer["Credentials"]
    return house.client(
        service, (given["AccessKeyId"], given["SecretAccessKey"]), token=given["SessionToken"]
    )


def refused(call: Any, *arguments: Any, **members: Any) -> tuple[str, str]:
    """Code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **members)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def events(house: House) -> list[dict[str, Any]]:
    """The events of the account, newest first."""
    found = house.client("cloudtrail").lookup_events()["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_web_identity(house: House, issuer: Issuer) -> None:
    """The answer says who it is and by whom, and the credentials act as the role."""
    arn = role(house, oidc_arn(issuer), StringEquals={f"{name(issuer)}:sub": SUBJECT})
    answer = web(house, arn, issuer.token())
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Post/ci"
    assert (answer["Provider"], answer["Audience"]) == (oidc_arn(issuer), AUDIENCE)
    assert answer["SubjectFromWebIdentityToken"] == SUBJECT
    who = acting(house, answer, "sts").get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]


def test_saml(house: House, idp: IdentityProvider) -> None:
    """The answer has the subject and the hash that tells it from another provider's."""
    arn = role(house, SAML_PROVIDER, StringEquals={"saml:aud": SIGN_IN})
    answer = saml(house, idp, arn)
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Post/{SAML_SUBJECT}"
    assert (answer["Subject"], answer["SubjectType"]) == (SAML_SUBJECT, "persistent")
    assert (answer["Issuer"], answer["Audience"]) == (idp.entity_id, SIGN_IN)
    assert len(answer["NameQualifier"]) == 28
    who = acting(house, answer, "sts").get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"{}:sub": "repo:other/menu:ref:refs/heads/main"}},
        {"StringEquals": {"{}:aud": "other"}},
        {"StringLike": {"{}:repository": "*"}},  # a claim that AWS has no condition key for
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
    ],
)
def test_trust_that_does_not_fit(house: House, issuer: Issuer, condition: dict[str, Any]) -> None:
    """A good token is not enough; the refusal says nothing of the role, and is recorded."""
    text = json.dumps(condition).replace("{}", name(issuer))
    arn = role(house, oidc_arn(issuer), **json.loads(text))
    denied = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert refused(web, house, arn, issuer.token(repository="shop/menu")) == denied
    assert refused(web, house, arn + "x", issuer.token()) == denied
    first = events(house)[0]
    assert (first["errorCode"], first["userIdentity"]["type"]) == ("AccessDenied", "WebIdentityUser")


def test_other_provider_is_not_trusted(house: House, issuer: Issuer) -> None:
    """A role that trusts one provider is not for those whom another vouches for, nor for signers."""
    arn = role(house, SAML_PROVIDER)
    denied = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert refused(web, house, arn, issuer.token()) == denied
    code, _ = refused(house.client("sts").assume_role, RoleArn=arn, RoleSessionName="me")
    assert code == "AccessDenied"


def test_role_that_the_assertion_does_not_offer(house: House, idp: IdentityProvider) -> None:
    """The provider says which roles somebody may have; another one is refused although it trusts it."""
    arn = role(house, SAML_PROVIDER)
    response = encoded(idp.response([f"{arn}2,{SAML_PROVIDER}"]))
    call = house.client("sts").assume_role_with_saml
    assert refused(call, RoleArn=arn, PrincipalArn=SAML_PROVIDER, SAMLAssertion=response) == (
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    )


def test_tags_and_source_identity_need_their_permissions(house: House, issuer: Issuer) -> None:
    """The trust policy must let the token set them, and then the session has them."""
    tags = {"principal_tags": {"Team": ["kitchen"]}, "transitive_tag_keys": ["Team"]}
    claims = {"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "hanako"}
    arn = role(house, oidc_arn(issuer), actions="sts:AssumeRoleWithWebIdentity")
    denied = refused(web, house, arn, issuer.token(**claims))
    assert denied == ("AccessDenied", "Not authorized to perform sts:TagSession")
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Federated": oidc_arn(issuer)}, "Action": ACTIONS},
    }
    house.client("iam").update_assume_role_policy(RoleName="Post", PolicyDocument=json.dumps(document))
    answer = web(house, arn, issuer.token(**claims))
    assert answer["SourceIdentity"] == "hanako"
    mine = {"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}
    mine["Condition"] = {"StringEquals": {"aws:PrincipalTag/Team": "kitchen", "aws:SourceIdentity": "hanako"}}
    put_policy(house, mine)
    assert refused(acting(house, answer, "iam").list_users)[0] == "AccessDenied"


def put_policy(house: House, statement: dict[str, Any]) -> None:
    """Give the role an inline policy."""
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    house.client("iam").put_role_policy(RoleName="Post", PolicyName="own", PolicyDocument=document)


def test_condition_keys_of_the_session(house: House, issuer: Issuer) -> None:
    """The session can be told by its provider and by what the provider said of it."""
    arn = role(house, oidc_arn(issuer))
    answer = web(house, arn, issuer.token())
    condition = {"aws:FederatedProvider": oidc_arn(issuer), f"{name(issuer)}:sub": SUBJECT}
    put_policy(
        house,
        {
            "Effect": "Deny",
            "Action": "iam:ListUsers",
            "Resource": "*",
            "Condition": {"StringEquals": condition},
        },
    )
    assert refused(acting(house, answer, "iam").list_users)[0] == "AccessDenied"
    acting(house, answer, "iam").list_roles()


def test_event(house: House, issuer: Issuer) -> None:
    """CloudTrail shows who came and by whom, and no token."""
    arn = role(house, oidc_arn(issuer))
    acting(house, web(house, arn, token := issuer.token()), "sts").get_caller_identity()
    later, came = events(house)[:2]
    identity = came["userIdentity"]
    assert identity == {
        "type": "WebIdentityUser",
        "principalId": f"{oidc_arn(issuer)}:{AUDIENCE}:{SUBJECT}",
        "userName": SUBJECT,
        "identityProvider": oidc_arn(issuer),
    }
    assert token not in json.dumps(came)
    provider = later["userIdentity"]["sessionContext"]["webIdFederationData"]["federatedProvider"]
    assert provider == oidc_arn(issuer)


def test_event_of_saml(house: House, idp: IdentityProvider) -> None:
    """In SAML the provider goes by the name qualifier."""
    answer = saml(house, idp, role(house, SAML_PROVIDER))
    identity = events(house)[0]["userIdentity"]
    assert identity["type"] == "SAMLUser"
    assert identity["principalId"] == f"{answer['NameQualifier']}:{SAML_SUBJECT}"
    assert identity["identityProvider"] == answer["NameQualifier"]


def test_forged_token_is_not_recorded(house: House, issuer: Issuer) -> None:
    """As with a wrong signature: strangers do not fill the log of an account."""
    arn = role(house, oidc_arn(issuer))
    assert refused(web, house, arn, issuer.token(aud="other"))[0] == "InvalidIdentityToken"
    assert "AssumeRoleWithWebIdentity" not in {event["eventName"] for event in events(house)}


@pytest.mark.parametrize(
    ("asked", "said", "seconds"),
    [(None, None, 3600), (900, None, 900), (7200, "1800", 1800), (None, "7200", 7200)],
)
def test_duration(house: House, idp: IdentityProvider, asked: Any, said: Any, seconds: int) -> None:
    """The lesser of what is asked and what the assertion allows."""
    arn = role(house, SAML_PROVIDER, maximum=43200)
    members = {} if asked is None else {"DurationSeconds": asked}
    attributes = {} if said is None else {f"{ATTRIBUTES}SessionDuration": [said]}
    answer = saml(house, idp, arn, attributes=attributes, **members)
    ends = answer["Credentials"]["Expiration"]
    assert abs(ends - house.clock() - timedelta(seconds=seconds)) < timedelta(seconds=60)


def test_duration_beyond_the_roles(house: House, issuer: Issuer) -> None:
    """A role's maximum holds for whom a provider vouches for too."""
    arn = role(house, oidc_arn(issuer))
    assert refused(web, house, arn, issuer.token(), DurationSeconds=3601) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_deleted_provider(house: House, issuer: Issuer) -> None:
    """From then on its word is worth nothing, though roles still name it and its keys are known."""
    arn = role(house, oidc_arn(issuer))
    web(house, arn, issuer.token())
    house.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc_arn(issuer))
    assert refused(web, house, arn, issuer.token()) == (
        "InvalidIdentityToken",
        f"No OpenIDConnect provider found in your account for {issuer.url}",
    )


def test_slow_issuer_holds_up_nobody_else(
    house: House, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait for an issuer that does not answer, a token of another one is taken at once."""
    monkeypatch.setattr(fetching, "SECONDS", 60.0)
    arn = role(house, oidc_arn(issuer))
    with Issuer(tmp_path / "slow") as slow, ThreadPoolExecutor(8) as strangers:
        house.gateway.verifier = Verifier(private_issuers=[issuer.host, slow.host])
        house.client("iam").create_open_id_connect_provider(
            Url=slow.url, ClientIDList=[AUDIENCE], ThumbprintList=[slow.thumbprint]
        )
        asked, gate = threading.Event(), threading.Event()

        def hold(_: Any) -> None:
            asked.set()
            gate.wait(60)

        slow.answers["/realm/.well-known/openid-configuration"] = hold
        waiting = [strangers.submit(refused, web, house, arn, slow.token()) for _ in range(8)]
        try:
            assert asked.wait(60)
            web(house, arn, issuer.token())
            assert not any(future.done() for future in waiting)
        finally:
            gate.set()
        assert {future.result()[0] for future in waiting} == {"IDPCommunicationError"}


def test_own_tokens_are_not_taken_back(house: House, issuer: Issuer) -> None:
    """A token of GetWebIdentityToken assumes no role, though its issuer can be reached and is a provider."""
    house.gateway.public_url = f"https://{issuer.host}"
    url = house.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    for document in ("openid-configuration", "jwks.json"):
        path = f"{url.removeprefix(house.gateway.public_url)}/.well-known/{document}"
        answer = issuer_document(path, house.store.snapshot(), house.gateway.public_url, house.clock())
        assert answer is not None
        issuer.documents[path] = answer.body
    provider = house.client("iam").create_open_id_connect_provider(
        Url=url, ClientIDList=[AUDIENCE], ThumbprintList=[issuer.thumbprint]
    )["OpenIDConnectProviderArn"]
    arn = role(house, provider)
    token = house.client("sts").get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm="RS256")
    code, message = refused(web, house, arn, token["WebIdentityToken"])
    assert code == "InvalidIdentityToken"
    assert message == "A token of GetWebIdentityToken cannot be used to assume a role."


def test_provider_of_oauth_tokens(house: House, issuer: Issuer) -> None:
    """Access tokens of the providers that AWS knows by name cannot be verified here."""
    arn = role(house, oidc_arn(issuer))
    assert refused(web, house, arn, issuer.token(), ProviderId="graph.facebook.com")[0] == "ValidationError"


@pytest.mark.parametrize(
    "operation", ["AssumeRole", "GetCallerIdentity", "GetSessionToken", "GetFederationToken"]
)
def test_nothing_else_goes_unsigned(house: House, operation: str) -> None:
    """Whatever a request brings, operations that AWS wants signed must be signed."""
    body = f"Action={operation}&Version=2011-06-15&WebIdentityToken=abcd&RoleArn=x&RoleSessionName=me"
    answer = house.send(
        HttpRequest(method="POST", path="/", headers=(("host", "localhost"),), body=body.encode())
    )
    assert (answer.status, b"MissingAuthenticationToken" in answer.body) == (403, True)


def test_closed_account(house: House, issuer: Issuer, idp: IdentityProvider) -> None:
    """In a closed account no provider vouches for anybody, and the sessions that it gave are over."""
    arn = role(house, oidc_arn(issuer))
    running = acting(house, web(house, arn, issuer.token()), "sts")
    running.get_caller_identity()
    close_account(house, ACCOUNT)
    assert refused(running.get_caller_identity)[0] == "InvalidClientTokenId"
    assert refused(web, house, arn, issuer.token())[0] == "InvalidIdentityToken"
    assert refused(saml, house, idp, arn)[0] == "InvalidIdentityToken"


def test_account_that_is_closed_meanwhile(house: House, issuer: Issuer) -> None:
    """Who was vouched for a moment before the account was closed is refused in the writer."""
    arn = role(house, oidc_arn(issuer))
    submit = house.store.submit

    def close_first(job: Any) -> Any:
        house.store.submit = submit  # type: ignore[method-assign]
        close_account(house, ACCOUNT)
        return submit(job)

    house.store.submit = close_first  # type: ignore[method-assign, assignment]
    assert refused(web, house, arn, issuer.token())[0] == "AccessDenied"
