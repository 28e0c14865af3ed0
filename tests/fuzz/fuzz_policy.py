"""Fuzz target: whatever a policy holds, it is refused as malformed or decided, in bounded time."""

import json
from itertools import product

from msgspec.structs import replace

from masugata.engines.policy import (
    KeyGrant,
    Policies,
    PolicySet,
    PolicyType,
    Principal,
    Request,
    compile_policy,
    decide,
    explain,
)
from masugata.engines.policy.grammar import MalformedPolicyError, policy_size, validate_policy

# The first line is the resource of the request, the second a value of its context, the rest the policy.
SEEDS = (
    (
        b'arn:aws:s3:::shop/menu\nalice\n{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow",'
        b'"Action":["s3:Get*","s3:?ut*"],"Resource":"arn:aws:s3:::shop/${aws:username, \'x\'}*",'
        b'"Condition":{"StringLike":{"aws:username":["a*e","${*}"]},"Null":{"aws:x":true}}}]}'
    ),
    (
        b'arn:aws:sqs:eu-west-1:111122223333:q\n10.1.2.3\n{"Version":"2012-10-17","Statement":{"Effect":"Deny",'
        b'"NotAction":"*","NotResource":"arn:aws:sqs:*","Condition":{"NotIpAddress":{"aws:username":'
        b'["10.0.0.0/8","2001:db8::/32"]},"ForAnyValue:NumericLessThanIfExists":{"a:b":[1,2.5]}}}}'
    ),
    (
        b'arn:aws:iam::111122223333:role/r\n2024-01-01T00:00:00+09:00\n{"Statement":[{"Effect":"Allow","Principal":'
        b'{"AWS":["111122223333","AROAX","arn:aws:iam::111122223333:root"],"Service":"ec2.amazonaws.com"},'
        b'"Action":"sts:AssumeRole","Condition":{"DateGreaterThan":{"aws:username":"2024-01-01"}}}]}'
    ),
    (
        b'*\nQUJD\n{"Version":"2008-10-17","Id":"x","Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":"*",'
        b'"Resource":"*","Condition":{"BinaryEquals":{"aws:username":"QUJD"},"ArnLike":{"aws:username":'
        b'"arn:*:iam::*:user/${aws:username}"},"Bool":{"aws:username":"true"}}}]}'
    ),
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b":", b",", b"*", b"?", b"${", b"}", b"\\ud800", b"\\u0000", b"\xff",
    b"null", b"true", b"NaN", b"1e999", b"9" * 5000, b"[" * 2000, b"a*" * 300, b"?a" * 300, b"arn:", b"/129",
    b"%", b"\xc3\xa9", b"IfExists", b"ForAllValues:", b"Not", b"\n",
)  # fmt: skip
CALLERS = (
    Principal("user", "arn:aws:iam::111122223333:user/alice", "111122223333", unique_id="AIDAX"),
    Principal("anonymous", ""),
)
GRANTS = (KeyGrant("fuzz", CALLERS[0].arn, frozenset({"Decrypt"})),)


def fuzz_one(data: bytes) -> None:
    """One document as a policy of each type, alone in a decision where that type matters."""
    resource, _, rest = data.partition(b"\n")
    value, _, document = rest.partition(b"\n")
    for policy_type in PolicyType:
        try:
            validate_policy(document, policy_type)
            valid = True
        except MalformedPolicyError as error:
            valid = False
            str(error).encode(errors="backslashreplace")
        try:
            policy = compile_policy(document, policy_type, "fuzz")
        except MalformedPolicyError:
            if valid:
                raise AssertionError("a valid policy does not compile") from None
            continue
        _decide(PolicySet(policy_type, [policy]), resource.decode("latin-1"), value.decode("latin-1"))
    policy_size(document.decode("latin-1"))


def _decide(found: PolicySet, resource: str, value: str) -> None:
    match found.type:
        case PolicyType.RESOURCE | PolicyType.TRUST:
            policies = Policies(None, resource=found)
        case PolicyType.SCP:
            policies = Policies(None, scp=(found,))
        case PolicyType.RCP:
            policies = Policies(None, rcp=(found,))
        case PolicyType.VPCE:
            policies = Policies(None, vpce=found)
        case _:
            policies = Policies(found, boundary=found, session=found)
    policies = replace(policies, management_account="444455556666", key_grants=GRANTS)
    for caller, action in product(CALLERS, ("s3:GetObject", "kms:Decrypt", "iam:DeletePolicy")):
        context = {"aws:username": value, "a:b": [value, "1"]}
        request = Request(caller, action, resource, "111122223333", context)
        explanation = explain(policies, request)
        if explanation.decision != decide(policies, request):
            raise AssertionError("the same request was decided in two ways")
        json.dumps(explanation.to_dict()).encode()
