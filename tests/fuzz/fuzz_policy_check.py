"""Fuzz target: checking raises nothing, whatever a document holds, and what the API refuses has an error."""

import json

from masugata.authorization import catalogue
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.engines.policy.validation import FindingType, Knowledge, validate

KNOWLEDGE = Knowledge(catalogue.names("actions"), catalogue.service)

SEEDS = (
    (
        b'{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*","iam:PassRole"],'
        b'"Resource":["arn:aws:s3:::menus/${aws:username, \'x\'}*","arn:aws:sqs:eu-west-1:111122223333:q"],'
        b'"Condition":{"StringLike":{"aws:username":["a*e","${*}"],"aws:ResourceTag/a":"b"},"Null":{"aws:x":true}}}]}'
    ),
    (
        b'{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"ec2:*x*","NotResource":"arn:aws:sqs:*",'
        b'"Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.1/8","2001:db8::/32"]},"ForAllValues:NumericLess'
        b'ThanIfExists":{"a:b":[1,2.5]},"DateLessThan":{"aws:CurrentTime":"2027-01-01"}}}}'
    ),
    (
        b'{"Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","AROAX"],"Federated":"accounts.google.com",'
        b'"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":'
        b'{"token.actions.githubusercontent.com:sub":"repo:a/b:*","sts:SourceIdentity":"x"}}}]}'
    ),
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b":", b",", b"*", b"?", b"${", b"}", b"\\ud800", b"\\u0000", b"\xff",
    b"null", b"true", b"NaN", b"1e999", b"9" * 5000, b"[" * 2000, b"a*" * 300, b"?a" * 300, b"arn:", b"/129",
    b"%", b"\xc3\xa9", b"IfExists", b"ForAllValues:", b"Not", b"\n", b"/", b"aws:", b"::", b"Principal",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One document as a policy of each type."""
    for policy_type in PolicyType:
        result = validate(data, policy_type, KNOWLEDGE, steps=20_000)
        for finding in result.findings:
            json.dumps(finding.to_dict()).encode()
            if not finding.locations or not finding.message.isprintable():
                raise AssertionError("a finding without a place, or one that cannot be shown")
        try:
            validate_policy(data, policy_type)
        except MalformedPolicyError:
            if not result.has(FindingType.ERROR):
                raise AssertionError("the API refuses this, and nothing says so") from None
