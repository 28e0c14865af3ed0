"""Reports of what may be accessed and was accessed last, by whom."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.authorization import catalogue
from masugata.services.iam import last_accessed
from masugata.services.iam.granted_services import granted_services

ACCOUNT = "arn:aws:iam::111122223333:"
POLICY = f"{ACCOUNT}policy/reading"
DAY = 86400


def policy(**statement: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"} | statement}
    )


READING = policy(Action=["s3:Get*", "iam:GetUser"])


@pytest.fixture
def house(iam) -> Any:
    """Alice, and Bob through the group readers, have the policy `reading`; so has the role Cook."""
    iam("CreatePolicy", PolicyName="reading", PolicyDocument=READING)
    for name in ("alice", "bob"):
        iam("CreateUser", UserName=name)
    iam("CreateGroup", GroupName="readers")
    iam("AddUserToGroup", GroupName="readers", UserName="bob")
    iam("AttachGroupPolicy", GroupName="readers", PolicyArn=POLICY)
    iam("AttachUserPolicy", UserName="alice", PolicyArn=POLICY)
    iam.add_role("Cook", attached_policies=(POLICY,))
    return iam


def use(house: Any, principal_id: str, operation: str, day: int, region: str = "eu-west-1") -> None:
    """Note a call of `day` days before the house's time."""
    noted = {"date": int(house.now.timestamp()) - day * DAY, "region": region, "service": "iam"}
    house.store.touch(f"used/{principal_id}/{operation}", json.dumps(noted).encode())


def user_id(house: Any, name: str) -> str:
    return house("GetUser", UserName=name)["User"]["UserId"]


def report(house: Any, arn: str, **more: Any) -> Any:
    job = house("GenerateServiceLastAccessedDetails", Arn=arn, **more)["JobId"]
    return house("GetServiceLastAccessedDetails", JobId=job)


def test_a_user_that_did_nothing(house):
    """The services that its policies allow are listed, without a time."""
    answer = report(house, f"{ACCOUNT}user/alice")
    assert answer["JobStatus"] == "COMPLETED"
    assert answer["JobType"] == "SERVICE_LEVEL"
    assert answer["IsTruncated"] is False
    assert answer["ServicesLastAccessed"] == [
        {
            "ServiceName": "AWS Identity and Access Management (IAM)",
            "ServiceNamespace": "iam",
            "TotalAuthenticatedEntities": 0,
        },
        {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0},
    ]


def test_the_last_of_several_calls_counts(house):
    """The service shows its newest call, the actions each their own."""
    alice = user_id(house, "alice")
    use(house, alice, "iam/GetUser", 3)
    use(house, alice, "iam/ListUsers", 1, "us-east-1")
    answer = report(house, f"{ACCOUNT}user/alice", Granularity="ACTION_LEVEL")
    assert answer["JobType"] == "ACTION_LEVEL"
    iam = answer["ServicesLastAccessed"][0]
    seconds = house.now.replace(microsecond=0).timestamp()
    assert iam["LastAuthenticated"] == datetime.fromtimestamp(seconds - DAY, UTC)
    assert iam["LastAuthenticatedEntity"] == f"{ACCOUNT}user/alice"
    assert iam["LastAuthenticatedRegion"] == "us-east-1"
    assert iam["TotalAuthenticatedEntities"] == 1
    actions = {action["ActionName"]: action for action in iam["TrackedActionsLastAccessed"]}
    assert sorted(actions) == ["GetUser", "ListUsers"]
    assert actions["GetUser"] == {
        "ActionName": "GetUser",
        "LastAccessedEntity": f"{ACCOUNT}user/alice",
        "LastAccessedTime": datetime.fromtimestamp(seconds - 3 * DAY, UTC),
        "LastAccessedRegion": "eu-west-1",
    }


def test_what_is_not_listed(house):
    """Services that no policy allows, uses of more than 400 days ago, and operations without an action."""
    alice = user_id(house, "alice")
    use(house, alice, "kms/Encrypt", 1)
    use(house, alice, "iam/GetUser", 401)
    use(house, alice, "s3/NoSuchOperation", 1)
    services = report(house, f"{ACCOUNT}user/alice", Granularity="ACTION_LEVEL")["ServicesLastAccessed"]
    assert [service["ServiceNamespace"] for service in services] == ["iam", "s3"]
    assert all("LastAuthenticated" not in service for service in services)
    assert all("TrackedActionsLastAccessed" not in service for service in services)


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("user/alice", ["alice"]),
        ("role/Cook", ["Cook"]),
        ("group/readers", ["bob"]),
        ("policy/reading", ["bob", "alice", "Cook"]),
    ],
)
def test_entities(house, subject, names):
    """Who could have used the permissions, the one that did so last first, the others by name."""
    use(house, user_id(house, "bob"), "iam/GetUser", 2)
    job = house("GenerateServiceLastAccessedDetails", Arn=ACCOUNT + subject)["JobId"]
    answer = house("GetServiceLastAccessedDetailsWithEntities", JobId=job, ServiceNamespace="iam")
    assert [entity["EntityInfo"]["Name"] for entity in answer["EntityDetailsList"]] == names
    used = [
        entity["EntityInfo"]["Name"]
        for entity in answer["EntityDetailsList"]
        if "LastAuthenticated" in entity
    ]
    assert used == [name for name in names if name == "bob"]


def test_entities_in_pages(house):
    """A marker goes on where the page ended."""
    job = house("GenerateServiceLastAccessedDetails", Arn=POLICY)["JobId"]
    ask = {"JobId": job, "ServiceNamespace": "s3", "MaxItems": 2}
    first = house("GetServiceLastAccessedDetailsWithEntities", **ask)
    second = house("GetServiceLastAccessedDetailsWithEntities", **ask, Marker=first["Marker"])
    shown = [e["EntityInfo"]["Name"] for e in first["EntityDetailsList"] + second["EntityDetailsList"]]
    assert shown == ["alice", "bob", "Cook"]
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


def test_services_in_pages(house):
    """An administrator may access every service; they come in pages of a hundred."""
    house("AttachUserPolicy", UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    job = house("GenerateServiceLastAccessedDetails", Arn=f"{ACCOUNT}user/bob")["JobId"]
    found: list[str] = []
    answer: Any = {"IsTruncated": True}
    while answer["IsTruncated"]:
        more = {"Marker": answer["Marker"]} if found else {}
        answer = house("GetServiceLastAccessedDetails", JobId=job, **more)
        found += [service["ServiceNamespace"] for service in answer["ServicesLastAccessed"]]
    assert found == sorted(catalogue.service_names())


def test_a_report_is_its_callers_for_a_week(house):
    """Others do not find it, nor does the caller after seven days; a later use does not change it."""
    job = house("GenerateServiceLastAccessedDetails", Arn=POLICY)["JobId"]
    use(house, user_id(house, "alice"), "iam/GetUser", 0)
    services = house("GetServiceLastAccessedDetails", JobId=job)["ServicesLastAccessed"]
    assert services[0]["TotalAuthenticatedEntities"] == 0
    missing = ("NoSuchEntity", f"The report with the job id {job} cannot be found.", 404)
    house.act_as(house.user("alice"))
    assert house.fails("GetServiceLastAccessedDetails", JobId=job) == missing
    house.act_as(house.root())
    house.later(days=7, seconds=1)
    assert house.fails("GetServiceLastAccessedDetails", JobId=job) == missing


def test_reports_do_not_gather(house, monkeypatch):
    """One more than there may be takes the place of the oldest."""
    monkeypatch.setattr(last_accessed, "REPORTS_PER_ACCOUNT", 2)
    jobs = []
    for _ in range(3):
        jobs.append(house("GenerateServiceLastAccessedDetails", Arn=POLICY)["JobId"])
        house.later(seconds=1)
    assert house.fails("GetServiceLastAccessedDetails", JobId=jobs[0])[0] == "NoSuchEntity"
    for job in jobs[1:]:
        house("GetServiceLastAccessedDetails", JobId=job)


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"{ACCOUNT}user/nobody", "NoSuchEntity"),
        (f"{ACCOUNT}user/Alice", "NoSuchEntity"),
        (f"{ACCOUNT}instance-profile/box", "NoSuchEntity"),
        ("arn:aws:iam::444455556666:user/alice", "NoSuchEntity"),
        ("arn:aws:s3:::bucket/with/objects", "InvalidInput"),
        ("not an arn, but long enough", "InvalidInput"),
    ],
)
def test_what_cannot_be_reported_on(house, arn, code):
    """An ARN must be of IAM and of something that is there."""
    assert house.fails("GenerateServiceLastAccessedDetails", Arn=arn)[0] == code
    assert house.fails("ListPoliciesGrantingServiceAccess", Arn=arn, ServiceNamespaces=["iam"])[0] == code


def test_a_service_that_the_report_does_not_list(house):
    """Entities can be asked for of listed services only."""
    job = house("GenerateServiceLastAccessedDetails", Arn=POLICY)["JobId"]
    ask = {"JobId": job, "ServiceNamespace": "kms"}
    assert house.fails("GetServiceLastAccessedDetailsWithEntities", **ask)[0] == "NoSuchEntity"


def test_policies_that_grant(house):
    """By service, managed policies with their ARN and inline ones with their owner, groups' included."""
    house("PutUserPolicy", UserName="bob", PolicyName="keys", PolicyDocument=policy(Action="kms:*"))
    house("PutGroupPolicy", GroupName="readers", PolicyName="all", PolicyDocument=policy(Action="*"))
    answer = house(
        "ListPoliciesGrantingServiceAccess",
        Arn=f"{ACCOUNT}user/bob",
        ServiceNamespaces=["s3", "kms", "s3"],
    )
    everything = {"PolicyName": "all", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "readers"}
    keys = {"PolicyName": "keys", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "bob"}
    managed = {"PolicyName": "reading", "PolicyType": "MANAGED", "PolicyArn": POLICY}
    assert answer == {
        "PoliciesGrantingServiceAccess": [
            {"ServiceNamespace": "kms", "Policies": [keys, everything]},
            {"ServiceNamespace": "s3", "Policies": [everything, managed]},
        ],
        "IsTruncated": False,
    }


def test_policies_of_a_policy_and_of_unknown_services(house):
    """Policies have none, and services that AWS does not have are named."""
    ask = {"Arn": POLICY, "ServiceNamespaces": ["s3"]}
    assert house.fails("ListPoliciesGrantingServiceAccess", **ask)[0] == "InvalidInput"
    code, message, _ = house.fails(
        "ListPoliciesGrantingServiceAccess", Arn=f"{ACCOUNT}user/bob", ServiceNamespaces=["bakery"]
    )
    assert (code, "bakery" in message) == ("InvalidInput", True)


def test_no_organization(house):
    """Without an organization there is neither its report nor a job of one."""
    path = {"EntityPath": "o-a1b2c3d4e5/r-f6g7h8i9j0"}
    assert house.fails("GenerateOrganizationsAccessReport", **path)[0] == "AccessDenied"
    job = "11111111-2222-4333-8444-555555555555"
    assert house.fails("GetOrganizationsAccessReport", JobId=job)[0] == "NoSuchEntity"


def test_uses_go_with_their_principal(house):
    """What a deleted user or role was used for is forgotten; others' stay."""
    house("DetachUserPolicy", UserName="alice", PolicyArn=POLICY)
    alice, bob = user_id(house, "alice"), user_id(house, "bob")
    for owner in (alice, bob):
        use(house, owner, "iam/GetUser", 1)
    house("DeleteUser", UserName="alice")
    assert house.store.touched_under(f"used/{alice}/") == {}
    assert len(house.store.touched_under(f"used/{bob}/")) == 1


@pytest.mark.parametrize(
    ("statement", "granted"),
    [
        ({"Action": "s3:GetObject"}, {"s3"}),
        ({"Action": ["s3:get*", "KMS:Encrypt"]}, {"s3", "kms"}),
        ({"Action": "s3:Bake*"}, set()),
        ({"Action": "bakery:*"}, set()),
        ({"Action": "iam:GetUser", "Effect": "Deny"}, set()),
        ({"Action": "iam:GetUser", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, {"iam"}),
    ],
)
def test_granted_services(statement, granted):
    """A service counts if an Allow statement covers an action that it has."""
    assert granted_services([policy(**statement)]) == granted


def test_services_beside_those_that_are_excepted():
    """NotAction allows whatever it does not name, and of a service that it names what it leaves."""
    every = set(catalogue.service_names())
    assert granted_services([policy(NotAction=["iam:*", "s3:Get*"])]) == every - {"iam"}
    assert granted_services([policy(NotAction="*")]) == set()
    assert granted_services([policy(Action="*")]) == every
