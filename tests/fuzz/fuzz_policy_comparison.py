"""Fuzz target: any two policies are compared in bounded time, and what is shown was decided so."""

from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.comparison import Universe, compare
from masugata.engines.policy.context_keys import context_keys
from masugata.engines.policy.grammar import MalformedPolicyError
from masugata.engines.policy.positions import statement_spans

# The policies are two lines.
SEEDS = (
    (
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":'
        b'["arn:aws:s3:::shop/${aws:username}/*","arn:*:s3:*"],"Condition":{"StringLike":{"aws:username":"a*"}}}]}\n'
        b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"s3:Put*","NotResource":"arn:aws:s3:::x?y"},'
        b'{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}'
    ),
    (
        b'{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}\n'
        b'{"Statement":{"Effect":"Allow","Principal":{"AWS":["AROAX:s","arn:aws:iam::444455556666:role/r"]},"Action":'
        b'"sts:*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-01-01"},"ForAnyValue:StringEquals":{"aws:TagKeys":'
        b'["a","b"]},"NumericGreaterThan":{"aws:MultiFactorAuthAge":1},"BinaryEquals":{"a:b":"QUJD"}}}}'
    ),
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b":", b",", b"*", b"?", b"${", b"}", b"a*" * 50, b"?a" * 50, b"arn:", b"/0",
    b"IfExists", b"ForAllValues:", b"Not", b"\n", b"${aws:username, '*'}", b"true", b"1", b"::", b"\r",
    b"\\u0000",
)  # fmt: skip
UNIVERSE = Universe(
    ("s3:GetObject", "s3:PutObject", "sts:AssumeRole", "kms:Decrypt", "iam:CreatePolicyVersion")
)
TYPES = (PolicyType.IDENTITY, PolicyType.SCP, PolicyType.RESOURCE, PolicyType.TRUST)


def fuzz_one(data: bytes) -> None:
    """Two policies as each type."""
    texts = [text.decode(errors="replace") for text in data.split(b"\n", 1)]
    for policy_type in TYPES:
        try:
            compiled = [compile_policy(text, policy_type, "fuzz") for text in texts]
        except MalformedPolicyError:
            return
        for text, policy in zip(texts, compiled, strict=True):
            assert len(statement_spans(text)) == len(policy.statements)
        context_keys(texts, policy_type)
        sides = [PolicySet(policy_type, [policy]) for policy in (compiled[0], compiled[-1])]
        found = compare(*sides, UNIVERSE)
        assert all(one.new.allowed and not one.old.allowed for one in found.permissions)
        if len(texts) == 1:
            assert not found.permissions
