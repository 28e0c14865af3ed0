"""Whom organizations' policies bind, by real calls: every way in which somebody acts in a member account."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from federation.saml_idp import IdentityProvider, encoded
from masugata.identity.trade_in_tokens import seal_trade_in_token
from masugata.records.organizations import ORGANIZATION_POLICY
from policies import allow, deny, document
from unit.authorization.company import MEMBER, OUTSIDE, RCP, Company, company, refused

TASK = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
BY_SCP = "with an explicit deny in a service control policy"


@pytest.fixture
def shops() -> Iterator[Company]:
    """A company of the test's own."""
    with company() as found:
        yield found


def acting(credentials: dict[str, Any], service: str = "iam") -> Any:
    """A client with temporary credentials."""
    return boto3.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name="us-east-1",
    )


def trust(principal: dict[str, Any], action: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy."""
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def role(shops: Company, account: str, trust_policy: str) -> str:
    """A role that may do everything."""
    iam = shops.aws.account(account).client("iam")
    made = iam.create_role(RoleName="everything", AssumeRolePolicyDocument=trust_policy)
    iam.put_role_policy(RoleName="everything", PolicyName="all", PolicyDocument=document(allow()))
    return str(made["Role"]["Arn"])


def federated(shops: Company) -> Any:
    """A session of GetFederationToken."""
    sts = shops.aws.account(MEMBER).client("sts")
    found = sts.get_federation_token(Name="taro", Policy=document(allow()))
    return acting(found["Credentials"], "cloudtrail").lookup_events  # IAM does not take these sessions


def with_session_token(shops: Company) -> Any:
    """A session of GetSessionToken."""
    found = shops.aws.account(MEMBER).client("sts").get_session_token()
    return acting(found["Credentials"], "cloudtrail").lookup_events


def from_management(shops: Company) -> Any:
    """A session of a member's role that somebody of the management account assumed."""
    arn = role(shops, MEMBER, trust({"AWS": shops.aws.id}))
    found = shops.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="here")
    return acting(found["Credentials"]).list_users


def assumed_root(shops: Company) -> Any:
    """The member's root user, for a task of the management account."""
    shops.trust_service("iam.amazonaws.com")
    iam = shops.aws.client("iam")
    iam.enable_organizations_root_credentials_management()
    iam.enable_organizations_root_sessions()
    sts = shops.aws.client("sts")
    found = sts.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn=TASK)
    return acting(found["Credentials"]).list_access_keys


def delegated(shops: Company) -> Any:
    """A vendor outside, by a delegation that the member's administrator accepted."""
    vendor, iam = shops.aws.account(OUTSIDE), shops.aws.account(MEMBER).client("iam")
    template = vendor.client("iam").create_policy(PolicyName="T", PolicyDocument=document(allow("iam:List*")))
    request = vendor.client("iam").create_delegation_request(
        Description="to look",
        Permissions={"PolicyTemplateArn": template["Policy"]["Arn"], "Parameters": []},
        RequestorWorkflowId="workflow",
        NotificationChannel="masugata:notifications",
        SessionDuration=3600,
    )["DelegationRequestId"]
    iam.associate_delegation_request(DelegationRequestId=request)
    iam.accept_delegation_request(DelegationRequestId=request)
    iam.send_delegation_token(DelegationRequestId=request)
    token = seal_trade_in_token(request, OUTSIDE, shops.aws._installation.gateway.keeper)
    found = vendor.client("sts").get_delegated_access_token(TradeInToken=token)
    return acting(found["Credentials"]).list_users


@pytest.mark.parametrize(
    "enter",
    [federated, with_session_token, from_management, assumed_root, delegated],
    ids=lambda f: f.__name__,
)
def test_every_session_of_a_member_is_bound(shops: Company, enter: Any) -> None:
    """However the session was got, the policies of the account that it acts in bind it, at once."""
    ask = enter(shops)
    ask()
    policy_id, arn = shops.attach(shops.root, deny(["iam:List*", "cloudtrail:*"]))
    assert f"{BY_SCP}: {arn}" in refused(ask)
    shops.detach(shops.root, policy_id)
    ask()


def test_the_assumer_is_not_bound_by_the_other_side(shops: Company) -> None:
    """SCPs of the role's account bind its sessions, not the call that makes one; those of the caller's do."""
    arn = role(shops, MEMBER, trust({"AWS": [shops.aws.id, OUTSIDE]}))
    shops.attach(MEMBER, deny("sts:AssumeRole"))
    for account in (shops.aws, shops.aws.account(OUTSIDE)):
        account.client("sts").assume_role(RoleArn=arn, RoleSessionName="here")
    theirs = role(shops, OUTSIDE, trust({"AWS": MEMBER}))
    sts = shops.aws.account(MEMBER).client("sts")
    message = refused(sts.assume_role, RoleArn=theirs, RoleSessionName="here")
    assert BY_SCP in message
    assert refused(sts.assume_role, RoleArn=theirs + "x", RoleSessionName="here") == message.replace(
        theirs, theirs + "x"
    )  # and nothing tells whether the role is there


def test_rcps_bind_whoever_assumes_a_members_role(shops: Company) -> None:
    """Inside and outside; not a role of the management account. Outside nobody learns which policy it was."""
    everybody = trust({"AWS": "*"})
    roles = {account: role(shops, account, everybody) for account in (MEMBER, shops.aws.id)}
    policy_id, arn = shops.attach(shops.root, deny("sts:AssumeRole") | {"Principal": "*"}, kind=RCP)
    inside = shops.aws.client("sts")
    message = refused(inside.assume_role, RoleArn=roles[MEMBER], RoleSessionName="here")
    assert f"with an explicit deny in a resource control policy: {arn}, statement 0" in message
    outside = shops.aws.account(OUTSIDE).client("sts")
    message = refused(outside.assume_role, RoleArn=roles[MEMBER], RoleSessionName="here")
    assert message.endswith("with an explicit deny in a resource control policy")
    for sts in (inside, outside, shops.aws.account(MEMBER).client("sts")):
        sts.assume_role(RoleArn=roles[shops.aws.id], RoleSessionName="here")
        sts.get_caller_identity()
    shops.detach(shops.root, policy_id)
    outside.assume_role(RoleArn=roles[MEMBER], RoleSessionName="here")


def test_an_rcp_binds_what_nobody_signs(shops: Company) -> None:
    """AssumeRoleWithSAML of a member's role; its SCPs do not bind whoever a provider vouches for."""
    idp = IdentityProvider()
    iam = shops.aws.account(MEMBER).client("iam")
    provider = iam.create_saml_provider(SAMLMetadataDocument=idp.metadata(), Name="Corp")["SAMLProviderArn"]
    arn = role(shops, MEMBER, trust({"Federated": provider}, "sts:AssumeRoleWithSAML"))

    def enter() -> Any:
        response = encoded(idp.response([f"{provider},{arn}"], now=shops.aws.clock()))
        sts = boto3.client("sts", region_name="us-east-1")
        return sts.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)

    shops.attach(shops.root, deny("sts:AssumeRoleWithSAML"))
    client = acting(enter()["Credentials"])
    client.list_users()
    foreign = {"aws:PrincipalOrgID": shops.id}  # whoever is vouched for is in no organization
    policy_id, _ = shops.attach(MEMBER, deny("sts:*", StringNotEquals=foreign) | {"Principal": "*"}, kind=RCP)
    assert refused(enter) == "Not authorized to perform sts:AssumeRoleWithSAML"
    client.list_users()  # IAM does not support RCPs
    shops.detach(MEMBER, policy_id)
    enter()


def test_strangers_do_not_learn_what_is_broken(shops: Company) -> None:
    """What the organization's own accounts are told, to find it, is nothing for those outside."""
    idp = IdentityProvider()
    iam = shops.aws.account(MEMBER).client("iam")
    provider = iam.create_saml_provider(SAMLMetadataDocument=idp.metadata(), Name="Corp")["SAMLProviderArn"]
    arn = role(shops, MEMBER, trust({"Federated": provider}, "sts:AssumeRoleWithSAML"))
    policy_id, _ = shops.attach(shops.unit, deny("s3:*"))
    store = shops.aws._installation.store
    store.submit(lambda tx: tx.delete(ORGANIZATION_POLICY, shops.aws.id, policy_id)).result()
    response = encoded(idp.response([f"{provider},{arn}"], now=shops.aws.clock()))
    with_saml: Any = boto3.client("sts", region_name="us-east-1").assume_role_with_saml
    outside: Any = shops.aws.account(OUTSIDE).client("sts").assume_role
    own: Any = shops.aws.client("sts").assume_role
    for denial in (
        refused(with_saml, RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response),
        refused(outside, RoleArn=arn, RoleSessionName="here"),
    ):
        assert f"{MEMBER} is denied everything" in denial
        assert policy_id not in denial
        assert shops.unit not in denial
    assert policy_id in refused(own, RoleArn=arn, RoleSessionName="here")


def test_the_decoded_message_names_the_policy(shops: Company) -> None:
    """Who may decode it sees which statement of which SCP denied; outsiders see of an RCP its type alone."""
    _, scp = shops.attach(shops.root, deny("iam:ListUsers", sid="NoLists"))
    arn = role(shops, MEMBER, trust({"AWS": "*"}))
    shops.attach(MEMBER, deny("sts:AssumeRole") | {"Principal": "*"}, kind=RCP)
    shown = {}
    for account, call, arguments in (
        (shops.aws.account(MEMBER), "iam.list_users", {}),
        (shops.aws.account(OUTSIDE), "sts.assume_role", {"RoleArn": arn, "RoleSessionName": "here"}),
    ):
        service, _, operation = call.partition(".")
        client = account.client(service)
        with pytest.raises(client.exceptions.ClientError) as caught:
            getattr(client, operation)(**arguments)
        encoded_message = caught.value.response["ResponseMetadata"]["HTTPHeaders"][
            "x-masugata-authorization-message"
        ]
        sts = account.client("sts")
        shown[call] = sts.decode_authorization_message(EncodedMessage=encoded_message)["DecodedMessage"]
    assert f'"statementId":"NoLists","effect":"DENY","sourcePolicyId":"{scp}"' in shown["iam.list_users"]
    foreign = shown["sts.assume_role"]
    assert '"deniedBy":"rcp"' in foreign
    assert shops.id not in foreign
    assert shops.root not in foreign


def test_a_permission_asked_for_by_the_way_is_bound(shops: Company) -> None:
    """iam:PassRole is no operation of its own, and bound all the same."""
    role(shops, MEMBER, trust({"Service": "ec2.amazonaws.com"}))
    iam = shops.aws.account(MEMBER).client("iam")
    iam.create_instance_profile(InstanceProfileName="p")
    shops.attach(shops.unit, deny("iam:PassRole"))
    message = refused(iam.add_role_to_instance_profile, InstanceProfileName="p", RoleName="everything")
    assert "iam:PassRole" in message
    assert BY_SCP in message
