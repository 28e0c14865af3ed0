"""Effective policies against the slow model, on generated policies of three levels."""

import json

from hypothesis import event, given
from hypothesis import strategies as st

from masugata.engines.inheritance import SourcePolicy, check_policy, effective_policy
from model import inheritance_model

CONTROL = "@@operators_allowed_for_child_policies"
OPERATORS = ("@@assign", "@@append", "@@remove")
VALUES = st.lists(st.sampled_from(("north", "south", "west", "*-shop")), max_size=3)
CONTROLS = st.one_of(
    st.just(["@@all"]),
    st.just(["@@none"]),
    st.lists(st.sampled_from(OPERATORS), min_size=1, max_size=3, unique=True),
)


def controlled(strategy):
    """Objects, some of which have a child control operator, too."""
    return st.tuples(strategy, st.none() | CONTROLS).map(
        lambda pair: pair[0] if pair[1] is None else {**pair[0], CONTROL: pair[1]}
    )


def some_of(members):
    return controlled(st.fixed_dictionaries({}, optional=members))


LIST = some_of(dict.fromkeys(OPERATORS, VALUES))
KEYS = st.sampled_from(("shop", "Shop", "roast", "ROAST"))


def tag(key):
    one = some_of({"@@assign": st.sampled_from((key.lower(), key.upper()))})
    return some_of({"tag_key": one, "tag_value": LIST})


TAGS = st.lists(KEYS, max_size=3, unique_by=str.lower).flatmap(
    lambda keys: st.fixed_dictionaries({key: tag(key) for key in keys})
)
TAG_POLICIES = st.fixed_dictionaries({"tags": controlled(TAGS)})
REGIONS = some_of(dict.fromkeys(OPERATORS, st.lists(st.sampled_from(("eu-west-1", "us-east-1")), max_size=2)))
SCAN = some_of({"enable_in_regions": REGIONS, "disable_in_regions": REGIONS})
INSPECTOR_POLICIES = st.fixed_dictionaries(
    {
        "inspector": controlled(
            st.fixed_dictionaries({"enablement": some_of({"ec2_scanning": SCAN, "ecr_scanning": SCAN})})
        )
    }
)


def levels_of(policies):
    return st.lists(st.lists(policies, max_size=3), min_size=1, max_size=4)


def compare(policy_type, levels, **model):
    written = [
        [SourcePolicy(f"p-{level}-{number}", json.dumps(policy)) for number, policy in enumerate(policies)]
        for level, policies in enumerate(levels)
    ]
    for policies in written:
        for policy in policies:
            check_policy(policy_type, policy.content)
    found = effective_policy(policy_type, written)
    expected = inheritance_model.effective(levels, **model)
    event("nothing" if not expected else "something")
    assert json.loads(found.content) == expected
    names = {policy.id for policies in written for policy in policies}
    for error in found.errors:
        assert error.policies
        assert names.issuperset(error.policies)


@given(levels_of(TAG_POLICIES))
def test_tag_policies(levels):
    """Keys in any case, values, locks and several policies on one target add up as the model says."""
    compare("TAG_POLICY", levels)


@given(levels_of(INSPECTOR_POLICIES))
def test_lists_that_stay(levels):
    """Lists of Regions, which stay when they become empty, add up as the model says."""
    compare("INSPECTOR_POLICY", levels, empty_stays=lambda path: path[-1].endswith("_in_regions"))
