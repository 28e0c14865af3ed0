"""Action and NotAction."""

import pytest

from unit.engines.policy.build import matches

TABLE = [
    ("*", True),
    ("s3:*", True),
    ("S3:getobject", True),
    ("s3:Get*", True),
    ("s3:*Object", True),
    ("s3:G?tObj*", True),
    ("s3:GetObjec", False),
    ("s3:GetObject?", False),
    ("s3:Put*", False),
    ("s3-object-lambda:GetObject", False),
    ("sqs:*", False),
]


@pytest.mark.parametrize(("pattern", "expected"), TABLE)
def test_action(pattern, expected):
    """Names have no case; wildcards stand for parts of the name."""
    assert matches({"Action": pattern}) is expected
    assert matches({"Action": [pattern, "ec2:RunInstances"]}, action="S3:GETOBJECT") is expected
    assert matches({"NotAction": pattern}) is not expected


UNREADABLE = [
    "s*:GetObject", "s3", "s3:", "s3: GetObject", "s3:GetObject ", "s3:GetObject,s3:PutObject", "s3:a:b", "",
]  # fmt: skip


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_unreadable_action(pattern):
    """An entry that is no action grants nothing, exempts nothing, and denies."""
    assert not matches({"Action": pattern})
    assert not matches({"NotAction": pattern})
    assert matches({"Action": pattern}, effect="Deny")
    assert matches({"NotAction": pattern}, effect="Deny")


def test_readable_entries_beside_an_unreadable_one():
    """One bad entry does not take the grant of the good ones."""
    assert matches({"Action": ["s3:", "s3:GetObject"]})
