"""Whether tags comply with an effective tag policy."""

import json

import pytest

from masugata.engines.inheritance import EffectivePolicy, tag_policy_violation

POLICY = EffectivePolicy(
    json.dumps(
        {
            "tags": {
                "shop": {"tag_key": "Shop", "tag_value": ["north", "*@x"], "enforced_for": ["ec2:instance"]},
                "team": {"enforced_for": ["ec2:*", "rds:ALL_SUPPORTED"]},
                "free": {"tag_key": "Free", "tag_value": []},
            }
        }
    ),
    (),
)


@pytest.mark.parametrize(
    ("resource_type", "tags", "complies"),
    [
        ("ec2:instance", {}, True),
        ("ec2:instance", {"Shop": "north"}, True),
        ("ec2:instance", {"Shop": "baker@x"}, True),
        ("ec2:instance", {"Shop": "baker@y"}, False),
        ("ec2:instance", {"Shop": ""}, False),
        ("ec2:instance", {"shop": "north"}, False),
        ("ec2:volume", {"shop": "south"}, True),
        ("ec2:volume", {"team": ""}, True),
        ("ec2:volume", {"Team": "red"}, False),
        ("rds:db", {"Team": "red"}, False),
        ("s3:bucket", {"Team": "red"}, True),
        ("ec2:instance", {"other": "x", "FREE": "x"}, True),
    ],
)
def test_compliance(resource_type, tags, complies):
    """Keys as the policy writes them and values that it lists comply, where it is enforced."""
    assert (tag_policy_violation(POLICY, resource_type, tags) is None) is complies
