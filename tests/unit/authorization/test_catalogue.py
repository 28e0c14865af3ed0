"""The catalogue of actions, resource types, condition keys and operations, of all services."""

import importlib
import re
from typing import Any

import pytest

from masugata.authorization import catalogue
from masugata.authorization.catalogue import Operation, ResourceUse
from masugata.services import SERVICES


@pytest.fixture(scope="module")
def builder(pytestconfig: pytest.Config) -> Any:
    """The script that writes the catalogue."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(pytestconfig.rootpath / "scripts")
        yield importlib.import_module("build_catalogue")


@pytest.fixture(scope="module")
def built(builder):
    """What the script makes of the packages that are installed."""
    return builder.build()


def test_coverage(builder, built, record_property):
    """Every operation of every model has actions, or stands among the exceptions with its class."""
    record_property("told", "\n".join(builder.coverage_lines(built)))
    assert built.coverage["unresolved"] == 0, built.unresolved
    assert built.coverage["rule"] + built.coverage["override"] >= 0.95 * built.coverage.total()


def test_the_catalogue_is_not_stale(built):
    """The file says what the script makes of the locked packages; if not, run scripts/build_catalogue.py."""
    assert catalogue.names("actions") == built.services.keys()
    assert catalogue.names("operations") == built.operations.keys()
    for prefix, entries in built.services.items():
        assert catalogue.service(prefix) == entries, prefix
    for service, entries in built.operations.items():
        assert catalogue.operations(service) == entries, service
    for service, entries in built.resources.items():
        assert catalogue.resources(service) == entries, service


@pytest.mark.usefixtures("builder")
def test_the_page_of_exceptions_is_not_stale():
    """The page lists what the catalogue has no action for; if not, run scripts/build_exceptions_page.py."""
    page = importlib.import_module("build_exceptions_page")
    assert page.PAGE.read_text() == page.page()


def test_what_changed_is_said_in_words(builder, built, tmp_path):
    """Comparing two catalogues names what came, went and changed, and nothing else."""
    compare = importlib.import_module("compare_catalogues")
    changed = built._replace(operations=dict(built.operations), services=dict(built.services))
    operations = dict(built.operations["shield"].operations)
    del operations["ListAttacks"]
    operations["GetSubscriptionState"] = ("iam:PassRole",)
    changed.operations["shield"] = builder.OperationEntries(
        operations, {"ListProtections": ("iam:PassRole",)}
    )
    (tmp_path / "old.bin").write_bytes(builder.packed(built))
    (tmp_path / "new.bin").write_bytes(builder.packed(changed))
    old, new = (compare.facts(tmp_path / name) for name in ("old.bin", "new.bin"))
    assert list(compare.differences(old, new)) == [
        "+ shield: dependent actions of ListProtections: iam:PassRole",
        "~ shield: operation GetSubscriptionState: iam:PassRole; was shield:GetSubscriptionState",
        "- shield: operation ListAttacks: was shield:ListAttacks",
    ]


def test_every_row_is_used(built):
    """Each operation has actions that exist or an exception, never both; each action's service is there."""
    for service, entries in built.operations.items():
        assert not entries.operations.keys() & entries.exceptions.keys(), service
        assert entries.dependent_actions.keys() <= entries.operations.keys(), service
        for name, actions in entries.operations.items():
            needed = (*actions, *entries.dependent_actions.get(name, ()))
            assert actions
            assert all(catalogue.action(action) is not None for action in needed), (service, name)


@pytest.mark.parametrize(
    ("service", "operation", "row", "why"),
    [
        ("iam", "CreateUser", "iam:CreateUser", "what the rule says"),
        ("iam", "CreateUser", "iam:CreateUsers", "unknown actions"),
        ("iam", "CreateUser", "iam:createuser ?iam:TagUser", "unknown actions"),
        ("iam", "CreateUser", "?iam:TagUser", "none"),
        ("iam", "CreateUser", "iam:CreateUser iam:CreateUser", "what the rule says"),
        ("iam", "CreateUsers", "iam:CreateUser", "no operation `CreateUsers`"),
    ],
)
def test_a_useless_row_stops_the_builder(builder, monkeypatch, service, operation, row, why):
    """A row that repeats the rule, or names an action or operation that is not there, is refused."""
    monkeypatch.setitem(builder.OVERRIDES, service, {operation: row})
    with pytest.raises(SystemExit, match=why):
        builder.entries_of(service, builder.load_model(service), builder.Counter())


@pytest.mark.parametrize(
    ("listed", "why"),
    [("CreateUser", "it has an action"), ("CreateUsers", "no operation `CreateUsers`")],
)
def test_a_useless_exception_stops_the_builder(builder, monkeypatch, listed, why):
    """An exception that has an action meanwhile, or that no model has, is refused."""
    monkeypatch.setitem(builder.EXCEPTIONS, "unpublished", {"iam": listed})
    with pytest.raises(SystemExit, match=why):
        builder.entries_of("iam", builder.load_model("iam"), builder.Counter())


def test_every_built_operation_is_known():
    """No operation that is served lacks an entry, but one whose action only the IAM User Guide has."""
    for service, operations in SERVICES.items():
        for name in operations.keys() - {"UpdateDelegationRequest"}:
            found = catalogue.operation(service, name)
            assert found is not None, (service, name)
            assert (found.service, found.operation) == (service, name)


# Five actions of KMS name a key whose last part the list of keys does not have.
UNDEFINED = {("kms", "kms:RecipientAttestation:PCR8:ServiceName")}


def test_every_name_an_action_uses_is_defined():
    """Resource types and condition keys that actions and resource types name are in the catalogue."""
    undefined = set()
    for prefix in catalogue.names("actions"):
        entries = catalogue.service(prefix)
        assert entries is not None
        used_keys = {key for item in entries.resource_types.values() for key in item.condition_keys}
        for name, action in entries.actions.items():
            assert action.name == name
            assert name.startswith(f"{prefix}:")
            used_keys.update(action.condition_keys)
            for use in action.resource_types:
                used_keys.update(use.condition_keys)
                assert use.name in entries.resource_types, (name, use.name)
        for name, resource_type in entries.resource_types.items():
            assert resource_type.name == name
            assert resource_type.arn_templates
            assert all(re.match(r"arn:\$\{Partition\}:", text) for text in resource_type.arn_templates)
        undefined |= {(prefix, key) for key in used_keys if key not in entries.condition_keys}
    assert undefined == UNDEFINED


def test_an_entry_says_what_the_reference_says():
    """CreateUser is a write on a user; the user's ARN and the types of its keys are AWS's."""
    assert catalogue.operation("iam", "CreateUser") == Operation("iam", "CreateUser", ("iam:CreateUser",))
    action = catalogue.action("iam:CreateUser")
    assert action is not None
    assert action.access_level == "Write"
    assert action.resource_types == (ResourceUse("user", required=True),)
    assert "iam:PermissionsBoundary" in action.condition_keys
    user = catalogue.resource_type("iam", "user")
    assert user is not None
    assert user.arn_templates == ("arn:${Partition}:iam::${Account}:user/${UserNameWithPath}",)
    assert catalogue.condition_key_type("iam", "iam:PolicyARN") == "ARN"
    assert catalogue.condition_key_type("iam", "aws:TagKeys") == "ArrayOfString"


def test_an_action_without_a_resource_has_no_resource_types():
    """ListAccountAliases acts on no resource, so a policy can only allow it on `*`."""
    action = catalogue.action("iam:ListAccountAliases")
    assert action is not None
    assert action.resource_types == ()


def test_an_action_need_not_be_an_operation():
    """iam:PassRole is an action that no operation carries in its name."""
    assert catalogue.operation("iam", "PassRole") is None
    assert catalogue.action("iam:PassRole") is not None


@pytest.mark.parametrize(
    ("service", "operation", "actions"),
    [
        ("cloudtrail", "ListInsightsMetricData", "cloudtrail:LookupEvents cloudtrail:ListInsightsData"),
        ("kms", "ReEncrypt", "kms:ReEncryptFrom kms:ReEncryptTo"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("s3", "GetBucketCors", "s3:GetBucketCORS"),
        ("s3", "CopyObject", "s3:GetObject s3:PutObject"),
        ("s3", "GetObjectAttributes", "s3:GetObject s3:GetObjectAttributes"),
        ("s3control", "CreateBucket", "s3-outposts:CreateBucket"),
        ("dynamodb", "TransactGetItems", "dynamodb:GetItem"),
        ("lambda", "Invoke", "lambda:InvokeFunction"),
        ("apigateway", "CreateRestApi", "apigateway:POST"),
        ("apigateway", "UpdateStage", "apigateway:PATCH"),
        ("elbv2", "CreateListener", "elasticloadbalancing:CreateListener"),
        ("iot-data", "GetThingShadow", "iot:GetThingShadow"),
        (
            "secretsmanager",
            "BatchGetSecretValue",
            "secretsmanager:BatchGetSecretValue secretsmanager:GetSecretValue",
        ),
        ("securityhub", "GetFindingsV2", "securityhub:GetFindings"),
        ("wafv2", "GetWebACLForResource", "wafv2:GetWebACLForResource wafv2:GetWebACL"),
    ],
)
def test_what_the_documentation_says_wins_over_the_plain_rule(service, operation, actions):
    """An operation needs the actions that AWS documents for it, all of them."""
    found = catalogue.operation(service, operation)
    assert found is not None
    assert found.actions == tuple(actions.split())


def test_dependent_actions_stand_apart():
    """What only some requests need is told, and not asked of every request."""
    found = catalogue.operation("s3", "GetObject")
    assert found == Operation("s3", "GetObject", ("s3:GetObject",), ("s3:GetObjectVersion",))


@pytest.mark.parametrize(
    ("service", "operation", "kind"),
    [
        ("iam", "AcquireRole", "unpublished"),
        ("sso", "GetRoleCredentials", "unsigned"),
        ("codecatalyst", "GetSpace", "token"),
        ("cloudhsm", "CreateHapg", "retired"),
    ],
)
def test_an_exception_has_no_actions_and_a_class(service, operation, kind):
    """An operation that AWS publishes no action for is none that could be allowed."""
    assert catalogue.operation(service, operation) is None
    assert catalogue.exception(service, operation) == kind


@pytest.mark.parametrize(
    "name", ["", "iam", "iam:", "iam:createuser", "IAM:CreateUser", "nosuch:CreateUser", "iam:*", ":"]
)
def test_an_unknown_action_is_none(name):
    """What is not exactly an action's name is not one."""
    assert catalogue.action(name) is None


@pytest.mark.parametrize(
    "service",
    [
        "",
        "nosuch",
        "IAM",
        "../data/iam",
        "operations/iam",
        "actions/iam",
        "iam\0",
        "iam\t0",
        "\niam",
        "\ud800",
        ".",
    ],
)
def test_an_unknown_service_is_none(service):
    """A service without entries is unknown, and a name never becomes a path or a line of the index."""
    assert catalogue.operation(service, "CreateUser") is None
    assert catalogue.exception(service, "AcquireRole") is None
    assert catalogue.action(f"{service}:CreateUser") is None
    assert catalogue.resource_type(service, "user") is None
    assert catalogue.condition_key_type(service, "aws:TagKeys") is None
    with pytest.raises(KeyError):
        catalogue.supports_resource_control_policies(service)


def test_resource_control_policies_bind_sts_and_not_iam():
    """AWS's list of services that resource control policies bind has STS in it, and not IAM."""
    assert catalogue.supports_resource_control_policies("sts")
    assert not catalogue.supports_resource_control_policies("iam")


@pytest.mark.parametrize("name", ["iam:CreateUser", "IAM:createuser", "iam:CREATEUSER"])
def test_an_action_in_any_case(name):
    """Policies may spell an action in any case; the entry has AWS's spelling."""
    found = catalogue.action_in_any_case(name)
    assert found is not None
    assert found.name == "iam:CreateUser"


@pytest.mark.parametrize("name", ["", "iam", "iam:", "iam:Create*", "bakery:CreateUser"])
def test_no_action_in_any_case(name):
    """What no action is called, wildcards included, has no entry."""
    assert catalogue.action_in_any_case(name) is None
