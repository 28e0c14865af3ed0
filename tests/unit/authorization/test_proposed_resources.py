"""What an operation acts on by the catalogue's proposals: exactly what the request names, or nothing."""

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.authorization import catalogue
from masugata.authorization.resources import proposed

ACCOUNT = "111122223333"
OTHER = "444455556666"
REGION = f"us-east-1:{ACCOUNT}"
GIVEN = {
    "Partition": "aws",
    "Region": "us-east-1",
    "Account": ACCOUNT,
    "OrganizationId": "exampleorg",
    "ManagementAccountId": OTHER,
    "Scope": "regional",
    "HubV2Id": "h1",
}
KEY = f"arn:aws:kms:{REGION}:key/k1"
ORGANIZATION = f"arn:aws:organizations::{ACCOUNT}"
WEB_ACL = f"arn:aws:wafv2:{REGION}:regional/webacl/shop/w1"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:loadbalancer/app/shop/b1"
RULE = f"arn:aws:securityhub:{REGION}:automation-rule/r"


def needed(service: str, operation: str, request: dict[str, Any]) -> list[tuple[str, str]]:
    """Action and resource of each permission."""
    found = proposed.accesses(service, operation, request, GIVEN, lambda arn: {"asked": arn})
    assert all(access.context == {"asked": access.resource} for access in found)
    return [(access.action, access.resource) for access in found]


@pytest.mark.parametrize(
    ("service", "operation", "request_", "expected"),
    [
        ("kms", "ListKeys", {}, ["kms:ListKeys *"]),
        ("kms", "Encrypt", {"KeyId": "k1"}, [f"kms:Encrypt {KEY}"]),
        ("kms", "Encrypt", {"KeyId": KEY}, [f"kms:Encrypt {KEY}"]),
        (
            "kms",
            "ReEncrypt",
            {"SourceKeyId": "k1", "DestinationKeyId": "k2"},
            [f"kms:ReEncryptFrom {KEY}", f"kms:ReEncryptTo {KEY[:-1]}2"],
        ),
        (
            "kms",
            "CreateAlias",
            {"AliasName": "alias/shop", "TargetKeyId": "k1"},
            [f"kms:CreateAlias arn:aws:kms:{REGION}:alias/shop", f"kms:CreateAlias {KEY}"],
        ),
        (
            "guardduty",
            "UpdateFilter",
            {"DetectorId": "d1", "FilterName": "f"},
            [f"guardduty:UpdateFilter arn:aws:guardduty:{REGION}:detector/d1/filter/f"],
        ),
        (
            "organizations",
            "ListPoliciesForTarget",
            {"TargetId": OTHER, "Filter": "SERVICE_CONTROL_POLICY"},
            [f"organizations:ListPoliciesForTarget {ORGANIZATION}:account/o-exampleorg/{OTHER}"],
        ),
        (
            "organizations",
            "ListPoliciesForTarget",
            {"TargetId": "ou-ab12-cd34"},
            [f"organizations:ListPoliciesForTarget {ORGANIZATION}:ou/o-exampleorg/ou-ab12-cd34"],
        ),
        (
            "organizations",
            "CreateOrganizationalUnit",
            {"ParentId": "r-ab12", "Name": "shops"},
            [f"organizations:CreateOrganizationalUnit {ORGANIZATION}:root/o-exampleorg/r-ab12"],
        ),
        (
            "wafv2",
            "AssociateWebACL",
            {"WebACLArn": WEB_ACL, "ResourceArn": BALANCER},
            [f"wafv2:AssociateWebACL {BALANCER}", f"wafv2:AssociateWebACL {WEB_ACL}"],
        ),
        (
            "wafv2",
            "GetWebACL",
            {"Name": "shop", "Scope": "REGIONAL", "Id": "w1"},
            [f"wafv2:GetWebACL {WEB_ACL}"],
        ),
        ("wafv2", "GetWebACL", {"ARN": WEB_ACL}, [f"wafv2:GetWebACL {WEB_ACL}"]),
        (
            "wafv2",
            "PutLoggingConfiguration",
            {"LoggingConfiguration": {"ResourceArn": WEB_ACL}},
            [f"wafv2:PutLoggingConfiguration {WEB_ACL}"],
        ),
        (
            "artifact",
            "GetReport",
            {"reportId": "report-1", "reportVersion": 2, "termToken": "t"},
            ["artifact:GetReport arn:aws:artifact:us-east-1::report/report-1:2"],
        ),
        (
            "shield",
            "AssociateDRTRole",
            {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/kitchen/Cook"},
            ["shield:AssociateDRTRole *", f"iam:PassRole arn:aws:iam::{ACCOUNT}:role/kitchen/Cook"],
        ),
        (
            "securityhub",
            "BatchGetAutomationRules",
            {"AutomationRulesArns": [f"{RULE}1", f"{RULE}2", f"{RULE}1"]},
            [f"securityhub:BatchGetAutomationRules {RULE}1", f"securityhub:BatchGetAutomationRules {RULE}2"],
        ),
    ],
)
def test_what_the_request_names(service, operation, request_, expected):
    """Each permission is on the ARN that the request says or carries, once."""
    assert [" ".join(pair) for pair in needed(service, operation, request_)] == expected


def test_the_account_is_that_of_the_resource():
    """A key of another account belongs to it, whoever asks."""
    arn = KEY.replace(ACCOUNT, OTHER)
    (access,) = proposed.accesses("kms", "Encrypt", {"KeyId": arn}, GIVEN, lambda _: {})
    assert (access.resource, access.resource_account) == (arn, OTHER)


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("kms", "Encrypt", {}),  # the key is left out
        ("kms", "Encrypt", {"KeyId": ""}),
        ("kms", "Encrypt", {"KeyId": "k\n1"}),
        ("kms", "Encrypt", {"KeyId": "k" * 3000}),
        ("kms", "Encrypt", {"KeyId": f"arn:aws:kms:{REGION}:alias/shop"}),  # an alias is no key
        ("kms", "Encrypt", {"KeyId": WEB_ACL}),
        ("kms", "UpdateAlias", {"AliasName": "alias/shop", "TargetKeyId": "k1"}),  # the present key counts
        ("kms", "CreateAlias", {"AliasName": "shop", "TargetKeyId": "k1"}),  # no form of an alias
        (
            "organizations",
            "AttachPolicy",
            {"PolicyId": "p-1", "TargetId": OTHER},
        ),  # its type is in the record
        ("organizations", "ListPoliciesForTarget", {"TargetId": "p-12345678"}),
        ("organizations", "ListPoliciesForTarget", {"TargetId": "11112222333"}),
        ("organizations", "TagResource", {"ResourceId": "p-12345678"}),
        ("guardduty", "UpdateFilter", {"DetectorId": "d1/filter/f", "FilterName": "g"}),
        ("guardduty", "UpdateFilter", {"DetectorId": "d1", "FilterName": f"arn:aws:guardduty:{REGION}:x"}),
        ("wafv2", "AssociateWebACL", {"WebACLArn": WEB_ACL, "ResourceArn": KEY}),
        ("wafv2", "AssociateWebACL", {"ResourceArn": BALANCER}),
        ("wafv2", "GetWebACL", {"Name": "shop", "Scope": "REGIONAL"}),
        ("wafv2", "TagResource", {"ResourceARN": WEB_ACL.replace("webacl", "nosuch")}),
        ("securityhub", "BatchGetAutomationRules", {"AutomationRulesArns": []}),
        ("securityhub", "BatchGetAutomationRules", {"AutomationRulesArns": [f"{RULE}1", KEY]}),
        (
            "securityhub",
            "BatchGetAutomationRules",
            {"AutomationRulesArns": [f"{RULE}{n}" for n in range(1001)]},
        ),
        ("securityhub", "GetFindingsV2", {"Filters": {}}),
        ("securityhub", "RegisterConnectorV2", {}),  # an exception
        ("kms", "NoSuchOperation", {}),
        ("nosuch", "Encrypt", {"KeyId": "k1"}),
    ],
)
def test_what_cannot_be_placed_is_not_resolved(service, operation, request_, monkeypatch):
    """A resource that is left out, of another kind, or hidden among others is no permission at all."""
    monkeypatch.delitem(GIVEN, "HubV2Id")
    with pytest.raises(KeyError):
        needed(service, operation, request_)


_TEXTS = st.one_of(
    st.sampled_from(
        [KEY, WEB_ACL, BALANCER, RULE, OTHER, "ou-1", "r-1", "p-1", "{KeyId}", "${Region}", "*", "a/b", "a:b"]
    ),
    st.text(min_size=1, max_size=8),
)
# the services whose rows are reviewed
_PLANNED = [
    "accessanalyzer",
    "account",
    "artifact",
    "guardduty",
    "inspector2",
    "kms",
    "organizations",
    "securityhub",
    "shield",
    "wafv2",
]
_OPERATIONS = sorted(
    (service, operation)
    for service in _PLANNED
    if (entries := catalogue.resources(service))
    for operation in entries.operations
)


@settings(max_examples=500)
@given(data=st.data())
def test_no_value_goes_unjudged(data):
    """Every value that a source could take stands in a resource that is judged, or nothing is resolved."""
    service, operation = data.draw(st.sampled_from(_OPERATIONS))
    sources = catalogue.resource_sources(service, operation)
    for action, types in sources.items():
        members = {
            match["path"]
            for texts in types.values()
            for text in texts
            for match in proposed._PART.finditer(text)
            if match["path"] and "." not in match["path"]
        }
        request = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(members), _TEXTS)))
        try:
            found = needed(service, operation, request)
        except KeyError:
            continue
        judged = [resource for name, resource in found if name == action]
        assert judged
        for value in request.values():
            assert any(value in resource for resource in judged), (operation, request, judged)


def test_every_proposal_can_be_made(pytestconfig):
    """Each source of a planned service is made of members that the operation has, and of what is given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(pytestconfig.rootpath / "scripts")
        builder = importlib.import_module("build_catalogue")
        sources = importlib.import_module("resource_sources")
    assert builder.PLANNED == _PLANNED
    for service, operation in _OPERATIONS:
        members = sources.Members(builder.load_model(service), operation)
        for types in catalogue.resource_sources(service, operation).values():
            for texts in types.values():
                assert sources.places(" ".join(texts)) <= members.all, (service, operation)
