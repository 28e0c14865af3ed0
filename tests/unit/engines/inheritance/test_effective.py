"""What declarative policies add up to."""

import json
from pathlib import Path

import pytest

from masugata.engines.inheritance import SourcePolicy, check_policy, effective_policy

VECTORS = sorted((Path(__file__).parents[3] / "vectors" / "inheritance").glob("*.json"))


def sources(*policies):
    return [SourcePolicy(name, json.dumps(policy)) for name, policy in policies]


def tags(operator, *values, name="shop"):
    return {"tags": {name: {"tag_value": {operator: list(values)}}}}


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_worked_examples(path):
    """The worked examples of AWS's documentation come out as it says, with all their policies accepted."""
    vector = json.loads(path.read_text())
    levels = [sources(*((entry["id"], entry["policy"]) for entry in level)) for level in vector["levels"]]
    for level in levels:
        for policy in level:
            check_policy(vector["type"], policy.content)
    found = effective_policy(vector["type"], levels)
    assert json.loads(found.content) == vector["effective"]
    assert [[error.code, error.path, list(error.policies)] for error in found.errors] == vector["errors"]


def test_there_are_vectors():
    """The worked examples were found at all."""
    assert len(VECTORS) >= 16


def test_a_restriction_binds_all_descendants_and_cannot_be_widened():
    """What the root forbids stays forbidden, however wide a policy in between opens it again."""
    control = "@@operators_allowed_for_child_policies"
    root = tags("@@assign", "north")
    root["tags"]["shop"]["tag_value"][control] = ["@@append"]
    wide = {"tags": {"shop": {"tag_value": {control: ["@@all"]}}}}
    found = effective_policy(
        "TAG_POLICY",
        [sources(("p-root", root)), sources(("p-unit", wide)), sources(("p-account", tags("@@assign", "x")))],
    )
    assert json.loads(found.content) == {"tags": {"shop": {"tag_value": ["north"]}}}


def test_a_policy_does_not_restrict_its_neighbours():
    """Policies of one target bind what is below it, not each other."""
    control = "@@operators_allowed_for_child_policies"
    locked = {"tags": {control: ["@@none"], "shop": {"tag_value": {"@@assign": ["north"]}}}}
    found = effective_policy(
        "TAG_POLICY",
        [
            sources(("p-first", locked), ("p-second", tags("@@assign", "dark", name="roast"))),
            sources(("p-account", tags("@@assign", "x", name="cup"))),
        ],
    )
    assert set(json.loads(found.content)["tags"]) == {"shop", "roast"}


def test_values_are_not_doubled():
    """What is appended again is there once, in its first place."""
    found = effective_policy(
        "TAG_POLICY",
        [
            sources(("p-root", tags("@@append", "north", "south"))),
            sources(("p-account", tags("@@append", "south", "west", "north"))),
        ],
    )
    assert json.loads(found.content)["tags"]["shop"]["tag_value"] == ["north", "south", "west"]


def test_a_list_that_may_be_empty_stays():
    """A list of Regions from which everything was removed is empty, and not missing."""
    both = {"enable_in_regions": {"@@assign": ["eu-west-1"]}, "disable_in_regions": {"@@assign": []}}
    none = {"enable_in_regions": {"@@remove": ["eu-west-1"]}, "disable_in_regions": {"@@append": []}}
    found = effective_policy(
        "SECURITYHUB_POLICY",
        [sources(("p-root", {"securityhub": both})), sources(("p-account", {"securityhub": none}))],
    )
    assert json.loads(found.content) == {"securityhub": {"enable_in_regions": [], "disable_in_regions": []}}
    assert found.errors == ()


def test_only_restrictions_leave_nothing():
    """Policies that set nothing are an empty policy."""
    only = {"tags": {"@@operators_allowed_for_child_policies": ["@@none"]}}
    assert effective_policy("TAG_POLICY", [sources(("p-root", only))]).content == "{}"


def test_appended_and_removed_at_one_target():
    """What one policy appends and its neighbour removes is there, and is an error that names both."""
    found = effective_policy(
        "TAG_POLICY",
        [sources(("p-first", tags("@@append", "north", "west")), ("p-second", tags("@@remove", "north")))],
    )
    assert json.loads(found.content)["tags"]["shop"]["tag_value"] == ["north", "west"]
    (error,) = found.errors
    assert (error.code, error.path, error.policies) == (
        "VALUES_CONFLICT",
        "$.tags.shop.tag_value",
        ("p-first", "p-second"),
    )


def test_the_same_assigned_twice_is_no_conflict():
    """Neighbours that agree do not contradict each other."""
    policy = tags("@@assign", "north")
    assert effective_policy("TAG_POLICY", [sources(("p-a", policy), ("p-b", policy))]).errors == ()


def test_too_many_elements():
    """Policies that are each small enough can be too large together; both are to blame."""

    def workspaces(operator, first):
        ids = [f"T{number:08}" for number in range(first, first + 200)]
        return {"chatbot": {"platforms": {"slack": {"workspaces": {operator: ids}}}}}

    found = effective_policy(
        "CHATBOT_POLICY",
        [
            sources(("p-root", workspaces("@@assign", 0))),
            sources(("p-account", workspaces("@@append", 1000))),
        ],
    )
    (error,) = found.errors
    assert (error.code, error.path, error.policies) == (
        "ELEMENTS_TOO_MANY",
        "$.chatbot.platforms.slack.workspaces",
        ("p-root", "p-account"),
    )


def test_what_the_finished_policy_lacks():
    """A backup plan without a rule's vault, Regions and selections says so, element by element."""
    rules = {"Hourly": {"schedule_expression": {"@@assign": "cron(0 5 ? * * *)"}}}
    found = effective_policy("BACKUP_POLICY", [sources(("p-root", {"plans": {"Plan": {"rules": rules}}}))])
    assert [(error.code, error.path, error.policies) for error in found.errors] == [
        ("REQUIRED_ELEMENT_MISSING", "$.plans.Plan.regions", ("p-root",)),
        ("REQUIRED_ELEMENT_MISSING", "$.plans.Plan.selections", ("p-root",)),
        ("REQUIRED_ELEMENT_MISSING", "$.plans.Plan.rules.hourly.target_backup_vault_name", ("p-root",)),
    ]


def test_a_malformed_policy_is_left_out_and_named():
    """What cannot be understood any more changes nothing and is an error; other policies count."""
    found = effective_policy(
        "TAG_POLICY", [[SourcePolicy("p-broken", "")], sources(("p-account", tags("@@assign", "north")))]
    )
    assert json.loads(found.content) == tags_shown("north")
    assert [(error.code, error.policies) for error in found.errors] == [("MALFORMED_POLICY", ("p-broken",))]


def tags_shown(*values):
    return {"tags": {"shop": {"tag_value": list(values)}}}


def test_tag_values_of_upgrades_keep_their_case():
    """Values of tags are compared exactly: two that differ in case are two."""

    def upgrade(value, order):
        tag = {"tag_values": {value: {"patch_order": {"@@assign": order}}}}
        return {"upgrade_rollout": {"tags": {"stage": tag}}}

    found = effective_policy(
        "UPGRADE_ROLLOUT_POLICY",
        [sources(("p-root", upgrade("Dev", "first"))), sources(("p-account", upgrade("dev", "last")))],
    )
    assert set(json.loads(found.content)["upgrade_rollout"]["tags"]["stage"]["tag_values"]) == {"Dev", "dev"}
