"""Splitting ARNs."""

import pytest

from masugata.arn import Arn, InvalidArnError, parse_arn


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("arn:aws:iam::111122223333:user/a", ("aws", "iam", "", "111122223333", "user/a")),
        ("arn:aws-cn:sts::1:assumed-role/r/s", ("aws-cn", "sts", "", "1", "assumed-role/r/s")),
        ("arn:aws:s3:::bucket/a:b:c", ("aws", "s3", "", "", "bucket/a:b:c")),
        ("arn:aws:logs:eu-west-1:1:log-group:x:*", ("aws", "logs", "eu-west-1", "1", "log-group:x:*")),
        ("arn:*:*:*:*:*", ("*", "*", "*", "*", "*")),
        ("arn:aws:iam::1:user/枡", ("aws", "iam", "", "1", "user/枡")),
    ],
)
def test_parts(text, parts):
    """An ARN has five parts behind `arn:`; the last keeps its colons, and all together are the text again."""
    assert parse_arn(text) == Arn(*parts)
    assert str(parse_arn(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "arn", "*", "arn:aws:iam::1", "arn:aws:iam::1:", "arn::iam::1:x", "arn:aws:::1:x",
     "ARN:aws:iam::1:x",
     " arn:aws:iam::1:x", "urn:aws:iam::1:x"],
)  # fmt: skip
def test_not_an_arn(text):
    """What lacks a part, partition, service or resource, or starts otherwise, is named and refused."""
    with pytest.raises(InvalidArnError, match="is not an ARN"):
        parse_arn(text)
