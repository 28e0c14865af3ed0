"""Each issue code: a policy with exactly its defect, and a near miss with none."""

import json
from pathlib import Path

import pytest

from masugata.engines.policy.validation import CODES, NOT_BUILT
from unit.engines.policy.validation.knowing import codes

VECTORS = Path(__file__).parents[4] / "vectors" / "policy-checks"
FILES = sorted(VECTORS.glob("*.json"))


def _sized(buckets, type_):
    """A policy as large as so many resources, or principals, make it."""
    if type_ == "trust":
        users = [f"arn:aws:iam::111122223333:user/user-{number:04}" for number in range(buckets)]
        statement = {"Effect": "Allow", "Principal": {"AWS": users}, "Action": "sts:AssumeRole"}
    else:
        arns = [f"arn:aws:s3:::bucket-{number:04}/*" for number in range(buckets)]
        statement = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": arns}
    named = {"Principal": "*"} if type_ in ("rcp", "resource") else {}
    return {"Version": "2012-10-17", "Statement": [statement | named]}


def _codes(policy, type_, resource_type):
    if isinstance(policy, dict) and "buckets" in policy:
        policy = _sized(policy["buckets"], type_)
    return codes(policy, type_, resource_type=resource_type)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_defect_and_near_miss(path) -> None:
    """The defect has its code, and else only those that the file says; the near miss has none."""
    vector = json.loads(path.read_text())
    resource_type = vector.get("resource_type", "")
    expected = {path.stem, *vector.get("also", ())}
    assert _codes(vector["defect"], vector["type"], resource_type) == expected
    near_type = vector.get("near_type", vector["type"])
    assert _codes(vector["near"], near_type, resource_type) == set()


def test_every_code_is_built_or_says_why_not() -> None:
    """Every code that AWS documents has a vector, except these three, whose reasons are told."""
    assert set(NOT_BUILT) == {
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        "SCP_SYNTAX_ERROR_ACTION_WILDCARD",
        "VARIABLE_USAGE_TOO_PERMISSIVE",
    }
    assert {path.stem for path in FILES} == set(CODES) - set(NOT_BUILT)
    assert len(CODES) == 151
