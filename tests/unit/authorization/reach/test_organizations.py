"""Who can do what in a whole organization."""

import pytest

from company import MANAGEMENT, Company, allow, deny, document
from masugata.authorization.accounts import AccountExport, read_details, view_of_exports
from masugata.authorization.reach.escalations import escalations
from masugata.authorization.reach.people import Population
from masugata.authorization.reach.what_can import what_can
from masugata.authorization.reach.who_can import who_can
from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.matrix import Verdict
from masugata.records.organizations import MEMBER, ORGANIZATION, ORGANIZATION_POLICY, ORGANIZATIONAL_UNIT
from masugata.testing import local_aws

LIST = "s3:ListAllMyBuckets"
QUEUE = "arn:aws:sqs:us-east-1:{}:orders"
ACCESS_ROLE = "OrganizationAccountAccessRole"


@pytest.fixture
def company():
    """A company with service control policies."""
    with local_aws() as aws:
        yield Company(aws)


def holders(company, action, resource="*", **options):
    """Who may, by name, as name → verdict; root users are those of their account."""
    found = who_can(Population(company.view(), **options), action, resource)
    return {holder.person.name: holder.verdict for holder in found.direct if not holder.person.outside}


def test_an_scp_binds_all_of_its_accounts_but_the_management_account(company):
    """A Deny on the root takes from everybody of members, their root users included."""
    clerk = company.user(company.tokyo, "clerk", allow("*"))
    assert {clerk, f"arn:aws:iam::{company.tokyo}:root"} <= holders(company, LIST).keys()
    company.attach("no-s3", company.root, deny("s3:*"))
    found = holders(company, LIST)
    assert f"arn:aws:iam::{MANAGEMENT}:root" in found
    assert all(f":{MANAGEMENT}:" in name for name in found)


def test_an_scp_on_a_unit_binds_who_is_below_it(company):
    """Somebody in the root is not bound by what hangs on a unit; whoever is moved there is."""
    names = [company.user(account, "clerk", allow("*")) for account in (company.tokyo, company.office)]
    company.attach("no-s3", company.shops, deny("s3:*"))
    assert [name in holders(company, LIST) for name in names] == [False, True]
    company.organizations.move_account(
        AccountId=company.office, SourceParentId=company.root, DestinationParentId=company.shops
    )
    assert [name in holders(company, LIST) for name in names] == [False, False]


def test_where_somebody_is_in_the_organization_is_known(company):
    """A condition on the organization or the unit of a caller is decided, and not left open."""
    path = f"{company.id}/{company.root}/{company.shops}/*"
    condition = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path}}
    statements = [
        allow("s3:*", Condition=condition),
        allow("sqs:*", Condition={"StringEquals": {"aws:PrincipalOrgID": company.id}}),
    ]
    names = [company.user(account, "clerk", *statements) for account in (company.tokyo, company.office)]
    found = holders(company, LIST)
    assert [found.get(name) for name in names] == [Verdict.CERTAIN, None]
    found = holders(company, "sqs:ListQueues")
    assert [found.get(name) for name in names] == [Verdict.CERTAIN, Verdict.CERTAIN]


def test_an_rcp_binds_what_its_accounts_own(company):
    """It binds what they own and what they ask of no resource; the management account has none."""
    company.enable("RESOURCE_CONTROL_POLICY")
    clerk = company.user(company.tokyo, "clerk", allow("*"))
    manager = company.user(MANAGEMENT, "manager", allow("*"))
    queue = QUEUE.format(company.tokyo)
    assert clerk in holders(company, "sqs:SendMessage", queue)
    company.attach("closed", company.shops, deny("sqs:*", Principal="*"), rcp=True)
    assert clerk not in holders(company, "sqs:SendMessage", queue)
    assert clerk not in holders(company, "sqs:ListQueues")  # asked of no resource: bound by its own account's
    assert manager in holders(company, "sqs:SendMessage", QUEUE.format(MANAGEMENT))


def test_roles_across_accounts_take_both_sides(company):
    """The SCPs of the caller's side and the RCPs of the role's side both stand before a role."""
    company.enable("RESOURCE_CONTROL_POLICY")
    clerk = company.user(company.office, "clerk", allow("sts:AssumeRole"))
    till = company.role(company.tokyo, "till", {"AWS": company.office}, allow("s3:*"))
    found = who_can(Population(company.view()), LIST, "*")
    assert [clerk, till] in [
        [route.person.name, *(hop.role for hop in route.hops)] for route in found.through_roles
    ]
    arn = company.attach("stay", company.office, deny("sts:*"))
    assert till not in {one.role for one in what_can(company.view(), clerk).roles}
    company.organizations.detach_policy(PolicyId=arn.rpartition("/")[2], TargetId=company.office)
    assert till in {one.role for one in what_can(company.view(), clerk).roles}
    company.attach("closed", company.tokyo, deny("sts:AssumeRole", Principal="*"), rcp=True)
    assert till not in {one.role for one in what_can(company.view(), clerk).roles}


def test_the_management_account_reaches_every_account(company):
    """Who may assume the access role of members becomes their administrator."""
    helper = company.user(MANAGEMENT, "helper", allow("sts:AssumeRole", f"arn:aws:iam::*:role/{ACCESS_ROLE}"))
    roles = {one.role for one in what_can(company.view(), helper, action="s3:*").roles}
    assert roles == {
        f"arn:aws:iam::{account}:role/{ACCESS_ROLE}" for account in (company.tokyo, company.office)
    }
    (path,) = [path for path in escalations(company.view()).paths if path.start == helper]
    assert path.steps[0].target in roles
    assert path.verdict is Verdict.CERTAIN


def test_given_scps_take_the_place_of_the_organizations(company):
    """Files are asked about in every account but the one that no service control policy binds."""
    company.attach("no-s3", company.root, deny("s3:*"))
    clerk = company.user(company.tokyo, "clerk", allow("*"))
    manager = company.user(MANAGEMENT, "manager", allow("*"))
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
    given = (PolicySet(PolicyType.SCP, [compile_policy(text, PolicyType.SCP, "given")]),)
    assert {clerk, manager} <= holders(company, LIST, scp=given).keys()
    found = holders(company, "sqs:ListQueues", scp=given)
    assert (clerk in found, manager in found) == (False, True)


def test_nobody_acts_in_a_closed_account(company):
    """Its users may do nothing, its roles cannot be assumed, and the answer says so."""
    helper = company.user(MANAGEMENT, "helper", allow("sts:AssumeRole"))
    company.user(company.office, "clerk", allow("*"))
    company.organizations.close_account(AccountId=company.office)
    found = who_can(Population(company.view()), LIST, "*")
    assert not [holder for holder in found.direct if company.office in holder.person.name]
    assert any(
        note.startswith(f"nobody may do anything in the account {company.office}") for note in found.notes
    )
    roles = what_can(company.view(), helper, action="s3:*").roles
    assert [one.role for one in roles] == [f"arn:aws:iam::{company.tokyo}:role/{ACCESS_ROLE}"]


def test_exports_with_the_tree_that_they_are_in(company):
    """Records of an organization beside exported accounts bind them as they bind an installation."""
    company.attach("no-s3", company.shops, deny("s3:*"))
    names = [company.user(account, "clerk", allow("*")) for account in (company.tokyo, company.office)]
    records = company.store.snapshot()
    exports = []
    for account in (company.tokyo, company.office):
        details = company.client(account, "iam", root=True).get_account_authorization_details()
        exports.append(AccountExport(account, [read_details(details, account)]))
    kinds = (ORGANIZATION, ORGANIZATIONAL_UNIT, MEMBER, ORGANIZATION_POLICY)
    tree = [(kind, MANAGEMENT, record) for kind in kinds for record in records.scan(kind, MANAGEMENT)]
    for rows, expected in (((), [True, True]), (tree, [False, True])):
        population = Population(view_of_exports(exports, rows))
        found = {holder.person.name for holder in who_can(population, LIST, "*").direct}
        assert [name in found for name in names] == expected


def test_what_the_management_account_alone_may_do(company):
    """No policy of a member allows it; a delegation does, and each tool knows."""
    clerk = company.user(company.tokyo, "clerk", allow("*"))
    for action in ("organizations:CreateAccount", "organizations:listaccounts"):
        assert all(f":{MANAGEMENT}:" in name for name in holders(company, action))
    assert clerk in holders(company, "organizations:DescribeOrganization")

    def listed():
        (found,) = what_can(company.view(), clerk, action="organizations:*").services
        return {name for reach in found.reaches for grant in reach.grants for name in grant.actions}

    assert "organizations:LeaveOrganization" in listed()
    assert not {"organizations:CreateAccount", "organizations:ListAccounts"} & listed()
    delegation = allow("organizations:ListAccounts", Principal={"AWS": company.tokyo})
    company.organizations.put_resource_policy(Content=document(delegation))
    found = holders(company, "organizations:ListAccounts")
    assert clerk in found
    assert not any(f":{company.office}:" in name for name in found)
    assert clerk not in holders(company, "organizations:ListRoots")
    own = {"StringEquals": {"aws:ResourceAccount": company.tokyo}}  # what is delegated is not its own
    cook = company.user(company.tokyo, "cook", allow("*", Condition=own))
    assert cook in holders(company, "organizations:DescribeOrganization")
    assert cook not in holders(company, "organizations:ListAccounts")
