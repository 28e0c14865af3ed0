"""Reports on what the accounts of an organization may access and last accessed."""

import json

import pytest
from botocore.exceptions import ClientError

from company import MANAGEMENT, Company, allow, deny, document
from masugata.authorization import catalogue
from masugata.testing import local_aws

EVERY = sorted(catalogue.service_names())
DAY = 86_400


@pytest.fixture
def company():
    """A company with service control policies."""
    with local_aws() as aws:
        yield Company(aws)


def path(company, *parts):
    """The path of an entity."""
    return "/".join((company.id, company.root, *parts))


def report(company, entity, **more):
    """The whole report on an entity, as its first page tells it, and the details by namespace."""
    iam = company.client(MANAGEMENT, "iam")
    asked = {key: more.pop(key) for key in ("OrganizationsPolicyId",) if key in more}
    job = iam.generate_organizations_access_report(EntityPath=entity, **asked)["JobId"]
    answer = iam.get_organizations_access_report(JobId=job, MaxItems=1000, **more)
    assert answer["JobStatus"] == "COMPLETED"
    return answer, {detail["ServiceNamespace"]: detail for detail in answer["AccessDetails"]}


def use(company, principal, operation, days, region="eu-west-1"):
    """Note a call of some days ago."""
    date = int(company.aws.clock().timestamp()) - days * DAY
    noted = {"date": date, "region": region, "service": operation.partition("/")[0]}
    company.store.touch(f"used/{principal}/{operation}", json.dumps(noted).encode())


def refusal(company, entity, account=MANAGEMENT, **more):
    """The code and the text of the refusal of a report."""
    iam = company.client(account, "iam", root=True)
    with pytest.raises(ClientError) as refused:
        iam.generate_organizations_access_report(EntityPath=entity, **more)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_services_are_what_every_level_allows(company):
    """The SCPs of all levels above count, a Deny of a whole service too; below the entity they do not."""
    company.attach("no-s3", company.root, deny("s3:*"))
    company.attach("no-shelf", company.root, deny("sqs:*", "arn:aws:sqs:*:*:shelf"))
    company.attach("few", company.shops, allow(["s3:*", "sqs:*", "kms:Encrypt"]))
    company.organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=company.shops)
    found = {name: list(report(company, entity)[1]) for name, entity in (
        ("root", path(company)),
        ("shops", path(company, company.shops)),
        ("tokyo", path(company, company.shops, company.tokyo)),
        ("management", path(company, MANAGEMENT)),
    )}  # fmt: skip
    assert found["root"] == [service for service in EVERY if service != "s3"]
    assert found["shops"] == found["tokyo"] == ["kms", "sqs"]
    assert found["management"] == EVERY


def test_last_accesses_are_those_of_the_accounts_below(company):
    """The newest of users, roles and root users, from which account, and of how many accounts."""
    for account, name, days in (
        (company.tokyo, "clerk", 3),
        (company.office, "clerk", 2),
        (MANAGEMENT, "boss", 1),
    ):
        iam = company.client(account, "iam", root=True)
        use(company, iam.create_user(UserName=name)["User"]["UserId"], "kms/Encrypt", days)
    use(company, company.tokyo, "kms/Encrypt", 9)
    use(company, company.office, "kms/Decrypt", 401)
    answer, services = report(company, path(company))
    assert services["kms"]["EntityPath"] == path(company, company.office)
    assert (services["kms"]["TotalAuthenticatedEntities"], services["kms"]["Region"]) == (2, "eu-west-1")
    assert services["s3"] == {
        "ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0,
    }  # fmt: skip
    accessed = sum("EntityPath" in detail for detail in services.values())
    assert answer["NumberOfServicesAccessible"] == len(EVERY)
    assert answer["NumberOfServicesNotAccessed"] == len(EVERY) - accessed
    shops = report(company, path(company, company.shops))[1]["kms"]
    assert shops["EntityPath"] == path(company, company.shops, company.tokyo)
    assert shops["LastAuthenticatedTime"] < services["kms"]["LastAuthenticatedTime"]
    assert report(company, path(company, MANAGEMENT))[1]["kms"]["EntityPath"] == path(company, MANAGEMENT)


def test_a_policy_of_the_organization(company):
    """Listed is what it allows; accesses are those of accounts that it binds at the entity or below."""
    arn = company.attach("few", company.shops, allow(["kms:*", "sqs:*"]))
    policy = {"OrganizationsPolicyId": arn.rpartition("/")[2]}
    use(company, company.tokyo, "kms/Encrypt", 2)
    use(company, company.office, "kms/Encrypt", 1)
    for entity, found in (
        (path(company), path(company, company.shops, company.tokyo)),
        (path(company, company.shops), path(company, company.shops, company.tokyo)),
        (path(company, company.office), None),
    ):
        services = report(company, entity, **policy)[1]
        assert list(services) == ["kms", "sqs"]
        assert services["kms"].get("EntityPath") == found
    assert list(report(company, path(company, MANAGEMENT), **policy)[1]) == EVERY


@pytest.mark.parametrize("order", ["SERVICE_NAMESPACE", "LAST_AUTHENTICATED_TIME"])
def test_orders_and_pages(company, order):
    """By namespace or time, up and down, page after page."""
    use(company, company.tokyo, "kms/Encrypt", 2)
    use(company, company.tokyo, "sqs/ListQueues", 1)
    entity = path(company, company.shops, company.tokyo)
    up = list(report(company, entity, SortKey=f"{order}_ASCENDING")[1])
    down = list(report(company, entity, SortKey=f"{order}_DESCENDING")[1])
    if order == "SERVICE_NAMESPACE":
        assert up == down[::-1] == EVERY
    else:
        assert (up[-2:], down[:2]) == (["kms", "sqs"], ["sqs", "kms"])
    iam = company.client(MANAGEMENT, "iam")
    job = iam.generate_organizations_access_report(EntityPath=entity)["JobId"]
    found, marker = [], {}
    while marker is not None:
        page = iam.get_organizations_access_report(JobId=job, MaxItems=200, **marker)
        found += [detail["ServiceNamespace"] for detail in page["AccessDetails"]]
        marker = {"Marker": page["Marker"]} if page["IsTruncated"] else None
    assert found == EVERY


def test_what_is_not_in_the_organization(company):
    """A path must lead from the organization down to the entity, and a policy be an SCP of it."""
    for wrong in (
        path(company, company.tokyo),
        path(company, company.shops, company.office),
        path(company, "ou-exam-00000000"),
        path(company) + "/",
        f"o-0123456789/{company.root}",
    ):
        code, message = refusal(company, wrong)
        assert code == "InvalidInput"
        assert wrong in message
    company.enable("RESOURCE_CONTROL_POLICY")
    for policy in ("p-12345678", "p-RCPFullAWSAccess"):
        code, message = refusal(company, path(company), OrganizationsPolicyId=policy)
        assert (code, policy in message) == ("InvalidInput", True)
    company.organizations.disable_policy_type(RootId=company.root, PolicyType="SERVICE_CONTROL_POLICY")
    assert refusal(company, path(company))[0] == "InvalidInput"


def test_only_the_management_account_gets_them(company):
    """A member is denied, and reports on users are another thing than reports on organizations."""
    assert refusal(company, path(company), company.tokyo)[0] == "AccessDenied"
    iam = company.client(MANAGEMENT, "iam")
    job = iam.generate_organizations_access_report(EntityPath=path(company))["JobId"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_service_last_accessed_details(JobId=job)
    arn = iam.create_user(UserName="boss")["User"]["Arn"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_organizations_access_report(
            JobId=iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
        )


def test_reading_the_organization_takes_its_own_permissions(company):
    """Who may make reports and not look into the organization is denied, with what is missing."""
    actions = ["iam:GenerateOrganizationsAccessReport"]
    company.user(MANAGEMENT, "auditor", allow(actions))
    auditor = company.client(MANAGEMENT, "iam", user="auditor")
    entity = path(company, company.shops)
    iam = company.client(MANAGEMENT, "iam")
    for missing in ("ListRoots", "ListParents", "ListPoliciesForTarget", "ListChildren"):
        with pytest.raises(ClientError, match=f"not authorized to perform: organizations:{missing}"):
            auditor.generate_organizations_access_report(EntityPath=entity)
        actions.append(f"organizations:{missing}")
        iam.put_user_policy(UserName="auditor", PolicyName="own", PolicyDocument=document(allow(actions)))
    assert auditor.generate_organizations_access_report(EntityPath=entity)["JobId"]
    with pytest.raises(ClientError, match="not authorized to perform: organizations:DescribePolicy"):
        auditor.generate_organizations_access_report(
            EntityPath=entity, OrganizationsPolicyId="p-FullAWSAccess"
        )
