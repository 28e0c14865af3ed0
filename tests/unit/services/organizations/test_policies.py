"""Making, changing, deleting and listing policies of organizations."""

import json

import pytest

from masugata.records.organizations import (
    ORGANIZATION_POLICY,
    POLICY_TYPES,
    OrganizationPolicy,
    ResourcePolicy,
)
from organizations import ID
from unit.services.organizations.shops import FULL, RCP, RCP_FULL, SCP, message

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
DENY_RCP = DENY.replace('"Deny",', '"Deny","Principal":"*",')
ABSENT = "p-0123456789"
AWS_OWN = [FULL, RCP_FULL]


def statement(**elements):
    """A policy of one statement; Deny of all of S3 unless told otherwise, without what is None."""
    values = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"} | elements
    written = {name: value for name, value in values.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [written]})


def test_the_life_of_a_policy(shops):
    """What was made is described, changed part by part, and gone once deleted."""
    client = shops.client
    made = client.create_policy(
        Name="no-s3", Description="none", Type=SCP, Content=DENY, Tags=[{"Key": "Team", "Value": "red"}]
    )["Policy"]
    summary = made["PolicySummary"]
    id_ = summary["Id"]
    organization = client.describe_organization()["Organization"]["Id"]
    assert summary == {
        "Id": id_,
        "Arn": f"arn:aws:organizations::111122223333:policy/{organization}/service_control_policy/{id_}",
        "Name": "no-s3",
        "Description": "none",
        "Type": SCP,
        "AwsManaged": False,
    }
    assert made["Content"] == DENY
    assert client.describe_policy(PolicyId=id_)["Policy"] == made
    changed = client.update_policy(PolicyId=id_, Description="")["Policy"]
    assert changed == {"PolicySummary": summary | {"Description": ""}, "Content": DENY}
    other = statement(Action="sqs:*")
    changed = client.update_policy(PolicyId=id_, Name="no-sqs", Content=other)["Policy"]
    assert changed == {"PolicySummary": summary | {"Name": "no-sqs", "Description": ""}, "Content": other}
    assert client.describe_policy(PolicyId=id_)["Policy"] == changed
    client.delete_policy(PolicyId=id_)
    assert shops.fails("describe_policy", PolicyId=id_) == ("PolicyNotFoundException", None)


def test_every_type_can_be_made_while_it_is_disabled(shops):
    """Policies of a type are made before it is enabled; none of another type shows in its list."""
    made = {SCP: shops.policy(DENY), RCP: shops.policy(DENY_RCP, RCP)}
    for policy_type in POLICY_TYPES:
        listed = shops.client.list_policies(Filter=policy_type)["Policies"]
        aws = {SCP: FULL, RCP: RCP_FULL}
        assert [policy["Id"] for policy in listed] == sorted(
            found[policy_type] for found in (aws, made) if policy_type in found
        )


def test_policies_come_in_pages(shops):
    """All pages together hold each policy once, by id, whatever the size of a page."""
    made = {shops.policy(DENY, name=f"rule-{number}") for number in range(7)}
    paginator = shops.client.get_paginator("list_policies")
    for size in (1, 3, 20):
        pages = list(paginator.paginate(Filter=SCP, PaginationConfig={"PageSize": size}))
        assert [len(page["Policies"]) <= size for page in pages] == [True] * len(pages)
        ids = [policy["Id"] for page in pages for policy in page["Policies"]]
        assert ids == sorted(made | {FULL})
    token = shops.client.list_policies(Filter=SCP, MaxResults=1)["NextToken"]
    expected = ("InvalidInputException", "INVALID_NEXT_TOKEN")
    assert shops.fails("list_policies", Filter=RCP, NextToken=token) == expected


def test_names_are_unique_by_type(shops):
    """Two policies of one type have different names, AWS's own included; those of two types may share one."""
    shops.policy(DENY, name="rule")
    shops.policy(DENY_RCP, RCP, name="rule")
    other = shops.policy(DENY, name="other")
    taken = ("DuplicatePolicyException", None)
    request = {"Description": "", "Type": SCP, "Content": DENY}
    assert shops.fails("create_policy", Name="rule", **request) == taken
    assert shops.fails("create_policy", Name="FullAWSAccess", **request) == taken
    assert shops.fails("update_policy", PolicyId=other, Name="rule") == taken
    shops.client.update_policy(PolicyId=other, Name="other")


def test_names_that_cannot_be_stored(shops):
    """A zero character is refused when a policy is made and when it is renamed."""
    policy = shops.policy(DENY)
    expected = ("InvalidInputException", "INVALID_PATTERN")
    request = {"Description": "", "Type": SCP, "Content": DENY}
    assert shops.fails("create_policy", Name="a\0b", **request) == expected
    assert shops.fails("update_policy", PolicyId=policy, Name="a\0b") == expected


@pytest.mark.parametrize("policy", AWS_OWN)
def test_aws_policies_are_immutable(shops, policy):
    """What AWS keeps in every organization is described, and neither changed nor deleted."""
    found = shops.client.describe_policy(PolicyId=policy)["Policy"]["PolicySummary"]
    assert found["AwsManaged"]
    assert found["Arn"].startswith("arn:aws:organizations::aws:policy/")
    immutable = ("InvalidInputException", "IMMUTABLE_POLICY")
    assert shops.fails("update_policy", PolicyId=policy, Name="x") == immutable
    assert shops.fails("delete_policy", PolicyId=policy) == immutable


def test_what_does_not_exist(shops):
    """A policy that is not there cannot be described, changed or deleted."""
    for operation in ("describe_policy", "update_policy", "delete_policy", "list_targets_for_policy"):
        assert shops.fails(operation, PolicyId=ABSENT) == ("PolicyNotFoundException", None)


def test_policies_that_are_attached_stay(shops):
    """A policy is deleted only once it is attached to nothing."""
    shops.enable(SCP)
    policy = shops.policy(DENY)
    for target in (shops.root, "ou-shop-12345678", "444455556666"):
        shops.attach(policy, target)
        assert shops.fails("delete_policy", PolicyId=policy) == ("PolicyInUseException", None)
        shops.detach(policy, target)
    shops.client.delete_policy(PolicyId=policy)


def test_an_organization_for_bills_only_has_no_policies(shops):
    """Policies take all features."""
    shops.edit(all_features=False)
    code = "PolicyTypeNotAvailableForOrganizationException"
    request = {"Name": "x", "Description": "", "Type": SCP, "Content": DENY}
    assert shops.fails("create_policy", **request) == (code, None)
    assert shops.fails("enable_policy_type", RootId=shops.root, PolicyType=SCP) == (code, None)


def test_members_may_not_touch_policies(shops):
    """Whoever is not the management account, and has nothing delegated, is refused."""
    member = shops.aws.account("444455556666").client("organizations")
    request = {"Name": "x", "Description": "", "Type": SCP, "Content": DENY}
    assert "You don't have permissions" in message(lambda: member.create_policy(**request))
    assert "You don't have permissions" in message(lambda: member.describe_policy(PolicyId=FULL))


def delegation(*statements):
    """A resource-based policy of the organization for its member."""
    principal = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Resource": "*"}
    written = [principal | given for given in statements]
    content = json.dumps({"Version": "2012-10-17", "Statement": written})
    return ResourcePolicy(id="rp-0123456789", content=content)


def test_delegated_administrators_read(shops):
    """The delegated administrator of any service describes and lists policies, and changes none."""
    policy = shops.policy(DENY)
    now = shops.aws.clock()
    shops.edit(delegated_administrators={"access-analyzer.amazonaws.com": {"444455556666": now}})
    member = shops.aws.account("444455556666").client("organizations")
    assert member.describe_policy(PolicyId=policy) | {"ResponseMetadata": 0} == shops.client.describe_policy(
        PolicyId=policy
    ) | {"ResponseMetadata": 0}
    assert [found["Id"] for found in member.list_policies(Filter=SCP)["Policies"]] == sorted([FULL, policy])
    assert "You don't have permissions" in message(lambda: member.delete_policy(PolicyId=policy))


def test_what_is_delegated_by_policy(shops):
    """A member to which it is delegated makes and attaches the organization's policies, of that type only."""
    tag_policies = {"Condition": {"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}}}
    actions = ["organizations:CreatePolicy", "organizations:AttachPolicy", "organizations:EnablePolicyType"]
    shops.edit(resource_policy=delegation({"Action": actions} | tag_policies))
    member = shops.aws.account("444455556666").client("organizations")
    member.enable_policy_type(RootId=shops.root, PolicyType="TAG_POLICY")
    content = '{"tags":{"shop":{"tag_key":{"@@assign":"Shop"}}}}'
    request = {"Name": "x", "Description": ""}
    made = member.create_policy(Type="TAG_POLICY", Content=content, **request)["Policy"]["PolicySummary"]
    assert made["Arn"].startswith("arn:aws:organizations::111122223333:policy/")
    member.attach_policy(PolicyId=made["Id"], TargetId="777788889999")
    assert shops.targets(made["Id"]) == [("777788889999", "777788889999", "ACCOUNT")]
    said = message(lambda: member.create_policy(Type=SCP, Content=DENY, **request))
    assert "organizations:CreatePolicy" in said
    said = message(lambda: member.detach_policy(PolicyId=made["Id"], TargetId="777788889999"))
    assert "organizations:DetachPolicy" in said
    assert shops.targets(made["Id"]) == [("777788889999", "777788889999", "ACCOUNT")]


@pytest.mark.parametrize(
    ("policy_type", "size"),
    [(SCP, 5_120), (RCP, 5_120), ("TAG_POLICY", 10_000), ("AISERVICES_OPT_OUT_POLICY", 2_500)],
)
def test_size(shops, policy_type, size):
    """White space counts to the last character, when a policy is made and when it is changed."""
    contents = {
        SCP: DENY,
        RCP: DENY_RCP,
        "TAG_POLICY": '{"tags":{"shop":{"tag_key":{"@@assign":"Shop"}}}}',
        "AISERVICES_OPT_OUT_POLICY": '{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}',
    }
    fitting = contents[policy_type].ljust(size)
    policy = shops.policy(fitting, policy_type)
    too_large = ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")
    request = {"Name": "x", "Description": "", "Type": policy_type}
    assert shops.fails("create_policy", Content=fitting + " ", **request) == too_large
    assert shops.fails("update_policy", PolicyId=policy, Content=fitting + " ") == too_large
    assert shops.client.describe_policy(PolicyId=policy)["Policy"]["Content"] == fitting


def test_number_of_policies(shops):
    """The thousand and first RCP is refused; there may be as many SCPs all the same."""

    def fill(transaction):
        for number in range(1000):
            policy = OrganizationPolicy(
                id=f"p-{number:010}", organization=ID, name=str(number), type=RCP, content=DENY_RCP
            )
            transaction.put(ORGANIZATION_POLICY, "111122223333", policy)

    shops.change(fill)
    request = {"Name": "x", "Description": "", "Type": RCP, "Content": DENY_RCP}
    expected = ("ConstraintViolationException", "POLICY_NUMBER_LIMIT_EXCEEDED")
    assert shops.fails("create_policy", **request) == expected
    shops.policy(DENY)


def test_tags_of_a_new_policy(shops):
    """Tags that cannot be are refused, each with its reason."""
    request = {"Name": "x", "Description": "", "Type": SCP, "Content": DENY}

    def refused(*keys):
        return shops.fails("create_policy", Tags=[{"Key": key, "Value": ""} for key in keys], **request)

    assert refused("a", "a") == ("InvalidInputException", "DUPLICATE_TAG_KEY")
    assert refused("aws:x") == ("InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER")
    many = [str(number) for number in range(51)]
    assert refused(*many) == ("ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED")


TAKEN_SCPS = {
    "Allow with a condition and an ARN": statement(
        Effect="Allow",
        Resource="arn:aws:s3:::shops/*",
        Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    ),
    "Allow with NotAction": statement(Effect="Allow", Action=None, NotAction="iam:*"),
    "NotResource": statement(Resource=None, NotResource=["arn:aws:s3:::shops", "arn:aws:s3:::shops/*"]),
    "Allow with NotResource": statement(Effect="Allow", Resource=None, NotResource="arn:aws:s3:::till"),
    "wildcards anywhere in an action": statement(Action=["s3:*Object*", "iam:?et*User", "ec2:*Subnet"]),
    "one statement without a list": DENY.replace("[", "").replace("]", ""),
}


@pytest.mark.parametrize("content", TAKEN_SCPS.values(), ids=list(TAKEN_SCPS))
def test_the_whole_language_in_scps(shops, content):
    """Service control policies take all of IAM's language but Principal."""
    policy = shops.policy(content)
    assert shops.client.describe_policy(PolicyId=policy)["Policy"]["Content"] == content


MALFORMED = {
    "not JSON": (SCP, "not json"),
    "not an object": (SCP, "[]"),
    "a name twice": (SCP, DENY.replace('"Effect":"Deny"', '"Effect":"Allow","Effect":"Deny"')),
    "no statement": (SCP, '{"Version":"2012-10-17","Statement":[]}'),
    "no version": (SCP, DENY.replace('"Version":"2012-10-17",', "")),
    "an old version": (SCP, DENY.replace("2012", "2008")),
    "an unknown element": (SCP, statement(Actions="s3:*")),
    "Principal in an SCP": (SCP, statement(Principal="*")),
    "NotPrincipal in an SCP": (SCP, statement(NotPrincipal={"AWS": "444455556666"})),
    "no action": (SCP, statement(Action=None)),
    "no resource": (SCP, statement(Resource=None)),
    "an action without a service": (SCP, statement(Action="PutObject")),
    "an unknown operator": (SCP, statement(Condition={"StringIs": {"aws:RequestedRegion": "x"}})),
    "Allow in an RCP": (RCP, statement(Effect="Allow", Principal="*")),
    "an RCP without Principal": (RCP, statement()),
    "a principal in an RCP": (RCP, statement(Principal={"AWS": "*"})),
    "NotPrincipal in an RCP": (RCP, statement(NotPrincipal="*")),
    "NotAction in an RCP": (RCP, statement(Principal="*", Action=None, NotAction="s3:*")),
    "everything in an RCP": (RCP, statement(Principal="*", Action="*")),
    "an RCP without resource": (RCP, statement(Principal="*", Resource=None)),
    "an RCP about a service without RCPs": (RCP, statement(Principal="*", Action=["s3:*", "iam:*"])),
    "an RCP about nobody knows what": (RCP, statement(Principal="*", Action="bakery:*")),
    "a declarative policy that is not JSON": ("TAG_POLICY", "not json"),
    "a declarative policy that is no object": ("TAG_POLICY", "[]"),
    "a declarative policy with a name twice": ("TAG_POLICY", '{"tags":{},"tags":{}}'),
    "a declarative policy of another type": ("BACKUP_POLICY", '{"tags":{}}'),
}


@pytest.mark.parametrize(("policy_type", "content"), MALFORMED.values(), ids=list(MALFORMED))
def test_malformed_content(shops, policy_type, content):
    """What its type does not allow is refused when it is made and when it is put in the place of another."""
    refused = ("MalformedPolicyDocumentException", None)
    request = {"Description": "", "Type": policy_type, "Content": content}
    assert shops.fails("create_policy", Name="x", **request) == refused
    said = message(lambda: shops.client.create_policy(Name="x", **request))
    assert said.startswith(
        "The provided policy document does not meet the requirements of the specified policy type. ("
    )
    if policy_type in (SCP, RCP):
        policy = shops.policy(DENY if policy_type == SCP else DENY_RCP, policy_type)
        assert shops.fails("update_policy", PolicyId=policy, Content=content) == refused
