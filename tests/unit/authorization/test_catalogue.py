"""The catalogue of actions, resource types and condition keys."""

import gzip
import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from masugata.authorization import catalogue
from masugata.authorization.catalogue import Operation, ResourceUse

SERVICES = ["iam", "sts", "cloudtrail"]
# Operations that AWS's models have and AWS's authorization reference does not: they stay denied.
UNPUBLISHED = {"iam": {"AcquireRole", "UpdateDelegationRequest"}}
DATA = Path(catalogue.__file__).with_name("data")


def model_operations(service):
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "data" / service
    newest = max(folder.glob("*/service-2.json*"), key=lambda path: path.parent.name)
    raw = newest.read_bytes()
    return set(json.loads(gzip.decompress(raw) if newest.suffix == ".gz" else raw)["operations"])


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_actions_that_exist(service):
    """Every operation of the model has at least one action in the catalogue, or is a listed exception."""
    unresolved = set()
    for name in model_operations(service):
        found = catalogue.operation(service, name)
        if found is None:
            unresolved.add(name)
            continue
        assert (found.service, found.operation) == (service, name)
        assert found.actions
        assert all(catalogue.action(action) is not None for action in found.actions)
    assert unresolved == UNPUBLISHED.get(service, set())


@pytest.mark.parametrize("service", SERVICES)
def test_the_catalogue_knows_no_operation_that_the_model_lacks(service):
    """The checked-in operations are those of the locked models, no more."""
    entries = json.loads((DATA / "operations" / f"{service}.json").read_bytes())
    assert set(entries["operations"]) <= model_operations(service)


@pytest.mark.parametrize("service", SERVICES)
def test_every_name_an_action_uses_is_defined(service):
    """Resource types and condition keys that actions and resource types name are in the catalogue."""
    entries = json.loads((DATA / f"{service}.json").read_bytes())
    used_keys = set()
    for name in entries["actions"]:
        action = catalogue.action(name)
        assert action is not None
        assert action.name == name
        assert action.name.startswith(f"{service}:")
        used_keys.update(action.condition_keys)
        for use in action.resource_types:
            used_keys.update(use.condition_keys)
            assert catalogue.resource_type(service, use.name) is not None, (name, use.name)
    for name in entries["resource_types"]:
        resource_type = catalogue.resource_type(service, name)
        assert resource_type is not None
        assert resource_type.name == name
        assert resource_type.arn_templates
        assert all(re.match(r"arn:\$\{Partition\}:", text) for text in resource_type.arn_templates)
        used_keys.update(resource_type.condition_keys)
    undefined = {key for key in used_keys if catalogue.condition_key_type(service, key) is None}
    assert not undefined


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


def test_an_override_wins_over_the_rule():
    """ListInsightsMetricData needs the two actions that its documentation names."""
    found = catalogue.operation("cloudtrail", "ListInsightsMetricData")
    assert found is not None
    assert found.actions == ("cloudtrail:LookupEvents", "cloudtrail:ListInsightsData")


@pytest.mark.parametrize(
    "name", ["", "iam", "iam:", "iam:createuser", "IAM:CreateUser", "nosuch:CreateUser", "iam:*", ":"]
)
def test_an_unknown_action_is_none(name):
    """What is not exactly an action's name is not one."""
    assert catalogue.action(name) is None


@pytest.mark.parametrize("service", ["", "nosuch", "IAM", "../data/iam", "operations/iam", "iam\0", "."])
def test_an_unknown_service_is_none(service):
    """A service without a file is unknown, and a name never becomes a path."""
    assert catalogue.operation(service, "CreateUser") is None
    assert catalogue.action(f"{service}:CreateUser") is None
    assert catalogue.resource_type(service, "user") is None
    assert catalogue.condition_key_type(service, "aws:TagKeys") is None
    with pytest.raises(KeyError):
        catalogue.supports_resource_control_policies(service)


def test_resource_control_policies_bind_sts_and_not_iam():
    """AWS's list of services that resource control policies bind has STS in it, and not IAM."""
    assert catalogue.supports_resource_control_policies("sts")
    assert not catalogue.supports_resource_control_policies("iam")
