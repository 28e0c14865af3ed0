"""`masugata policy` on the installation of a whole organization."""

import json
from datetime import UTC, datetime

import pytest

from company import Company, allow, deny, document
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE, USER, Role, User
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    Member,
    OrganizationalUnit,
    OrganizationPolicy,
)
from masugata.server import open_installation
from masugata.settings import Settings
from masugata.testing import local_aws
from organizations import ID, organization_record

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MANAGEMENT, TOKYO = "111122223333", "444455556666"
SHOPS = "ou-exam-11111111"
CLERK, ADMIN = f"arn:aws:iam::{TOKYO}:user/clerk", f"arn:aws:iam::{MANAGEMENT}:user/admin"
ACCESS = f"arn:aws:iam::{TOKYO}:role/OrganizationAccountAccessRole"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
ARN = f"arn:aws:organizations::{MANAGEMENT}:policy/{ID}"
NO_S3, NO_SQS = f"{ARN}/service_control_policy/p-nos30000", f"{ARN}/resource_control_policy/p-nosqs000"
QUEUE = f"arn:aws:sqs:us-east-1:{TOKYO}:orders"
LIST = "s3:ListAllMyBuckets"


@pytest.fixture
def data(install):
    """A management account, and the account Tokyo in the unit shops, which has an SCP and an RCP."""
    return install(_company).data


def _company(transaction):
    organization = organization_record(NOW, policy_types=(SCP, RCP))
    transaction.put(ORGANIZATION, MANAGEMENT, organization)
    attached = {SCP: ("p-FullAWSAccess", "p-nos30000"), RCP: ("p-RCPFullAWSAccess", "p-nosqs000")}
    unit = OrganizationalUnit(id=SHOPS, name="shops", parent="r-exam", policies=attached)
    transaction.put(ORGANIZATIONAL_UNIT, MANAGEMENT, unit)
    for id_, type_, statement in (
        ("p-nos30000", SCP, deny("s3:*", Sid="NoS3")),
        ("p-nosqs000", RCP, deny(["sqs:*", "iam:*"], Principal="*")),
    ):
        policy = OrganizationPolicy(
            id=id_, organization=ID, name=id_, type=type_, content=document(statement)
        )
        transaction.put(ORGANIZATION_POLICY, MANAGEMENT, policy)
    for account, parent in ((MANAGEMENT, "r-exam"), (TOKYO, SHOPS)):
        member = Member(id=account, organization=ID, parent=parent, joined=NOW, joined_method="INVITED")
        transaction.put(MEMBER, MANAGEMENT, member)
    transaction.put(
        ACCOUNT, TOKYO, Account(id=TOKYO, name="Tokyo", root_email="tokyo@example.com", create_date=NOW)
    )
    own = {"own": document(allow("*"))}
    clerk = User(name="clerk", id="AIDACLERKCLERKCLERK1", create_date=NOW, inline_policies=own)
    trust = document({"Effect": "Allow", "Principal": {"AWS": MANAGEMENT}, "Action": "sts:AssumeRole"})
    role = Role(
        name="OrganizationAccountAccessRole", id="AROAACCESSACCESSACC1", create_date=NOW, inline_policies=own,
        trust_policy=trust,
    )  # fmt: skip
    transaction.put(USER, TOKYO, clerk)
    transaction.put(ROLE, TOKYO, role)


@pytest.fixture
def ask(masugata, data):
    """The status, and the answer from JSON."""

    def run(verb, *arguments):
        finished = masugata("policy", verb, *arguments, "--data", data, "--json")
        assert finished.err == ""
        return finished.status, json.loads(finished.out)

    return run


def test_explain_names_every_level(masugata, data):
    """The root, the unit with its name and the account, for SCPs of the caller and RCPs of the resource."""
    done = masugata(
        "policy", "explain", "--data", data, "--principal", CLERK, "--action", "sqs:SendMessage",
        "--resource", QUEUE,
    )  # fmt: skip
    assert done.status == 1
    heads = [line for line in done.out.splitlines() if line.startswith(("service", "resource control"))]
    assert heads == [
        "service control policies of the root r-exam: allows",
        f"service control policies of the organizational unit {SHOPS} (shops): allows",
        f"service control policies of the account {TOKYO} (Tokyo): allows",
        "resource control policies of the root r-exam: allows",
        f"resource control policies of the organizational unit {SHOPS} (shops): denies",
        f"resource control policies of the account {TOKYO} (Tokyo): allows",
    ]
    assert f"with an explicit deny in a resource control policy: {NO_SQS}" in done.out


def test_explain_has_the_targets_for_programs(ask):
    """Each level of the JSON has the id and the name of what it is attached to."""
    status, found = ask("explain", "--principal", CLERK, "--action", LIST)
    levels = [
        (level["target"], level["name"]) for level in found["explanation"]["levels"] if level["type"] == "scp"
    ]
    assert (status, levels) == (1, [("r-exam", "Root"), (SHOPS, "shops"), (TOKYO, "Tokyo")])
    assert found["context"]["aws:PrincipalOrgPaths"] == [f"{ID}/r-exam/{SHOPS}/"]


def test_the_management_account_has_no_levels(ask):
    """No control policy binds it or what it owns."""
    status, found = ask("explain", "--principal", ADMIN, "--action", LIST)
    types = {level["type"] for level in found["explanation"]["levels"]}
    assert (status, types) == (0, {"identity"})


def test_simulate_is_bound_and_names_the_policy(ask):
    """The statement of the SCP is what matched, with the unit that it hangs on."""
    status, found = ask("simulate", LIST, "--principal", CLERK)
    (result,) = found["results"]
    (matched,) = result["matched"]
    assert (status, result["decision"]) == (1, "explicitDeny")
    assert (matched["policy"], matched["sid"], matched["target"]) == (NO_S3, "NoS3", SHOPS)


def test_simulate_with_other_scps(ask, tmp_path):
    """Those of the files are asked in the place of the organization's, but not of the management account."""
    file = tmp_path / "scp.json"
    file.write_text(document(allow("s3:*")))
    status, found = ask("simulate", LIST, "kms:ListKeys", "--principal", CLERK, "--scp", file)
    assert (status, [one["decision"] for one in found["results"]]) == (1, ["allowed", "implicitDeny"])
    assert found["notes"] == [
        f"the account {MANAGEMENT} manages its organization: no service control policy binds it"
    ]
    status, found = ask("simulate", "kms:ListKeys", "--principal", ADMIN, "--scp", file)
    assert (status, [one["decision"] for one in found["results"]]) == (0, ["allowed"])


def test_who_can_and_what_can_over_all_accounts(ask):
    """Who is bound is not found; the management account's administrator is, and reaches the member."""
    status, found = ask("who-can", LIST, "*")
    assert (status, [one["principal"] for one in found["direct"]]) == (
        1,
        [f"arn:aws:iam::{MANAGEMENT}:root", ADMIN],
    )
    _, found = ask("who-can", "iam:ListUsers", "*")  # IAM knows no resource control policies
    assert CLERK in [one["principal"] for one in found["direct"]]
    _, found = ask("who-can", "sqs:SendMessage", QUEUE)
    assert found["direct"] == []
    _, found = ask("what-can", ADMIN, "--action", "s3:*")
    assert [one["role"] for one in found["roles"]] == [ACCESS]
    _, found = ask("what-can", CLERK, "--action", "s3:*")
    assert found["services"] == []


def test_an_organization_whose_records_contradict_each_other(masugata, data):
    """Nobody in it may do anything, and the answer says why."""
    store, _ = open_installation(Settings(data=data), create=False)
    try:
        store.submit(lambda transaction: transaction.delete(ORGANIZATIONAL_UNIT, MANAGEMENT, SHOPS)).result()
    finally:
        store.close()
    done = masugata("policy", "who-can", "iam:ListUsers", "*", "--data", data)
    assert f"note: {CLERK} may do nothing: The account {TOKYO} is denied everything" in done.out
    assert f"may: {CLERK}" not in done.out
    done = masugata("policy", "explain", "--data", data, "--principal", CLERK, "--action", LIST)
    assert (done.status, f"The account {TOKYO} is denied everything" in done.out) == (1, True)
    done = masugata("policy", "simulate", LIST, "--data", data, "--principal", CLERK)
    assert (done.status, f"The account {TOKYO} is denied everything" in done.out) == (1, True)


def test_an_account_behind_an_endpoint_says_what_is_not_read(masugata, monkeypatch):
    """Of a member it is told that its organization's policies take no part, unless some are given."""
    with local_aws() as aws:
        company = Company(aws)
        company.attach("no-s3", company.root, deny("s3:*"))
        noted = {}
        for account in (MANAGEMENT, company.tokyo):
            key = aws.account(account).session(root=True).get_credentials()
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key)
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_key)
            done = masugata("policy", "who-can", LIST, "*", "--endpoint", "http://127.0.0.1:4566", "--json")
            noted[account] = json.loads(done.out)["notes"]
    assert noted[MANAGEMENT] == []
    (note,) = noted[company.tokyo]
    assert note.startswith(f"the account {company.tokyo} is in the organization {company.id}, whose policies")


def test_what_nobody_delegated(ask):
    """A member's administrator is denied what takes the management account, as the operation denies it."""
    asked = "--principal", ACCESS, "--action", "organizations:CreateAccount"
    status, found = ask("explain", *asked)
    assert (status, found["allowed"]) == (1, False)
    assert "no resource-based policy allows" in found["reason"]
    status, found = ask("simulate", "--principal", ACCESS, "organizations:CreateAccount")
    assert (status, [one["decision"] for one in found["results"]]) == (1, ["implicitDeny"])
