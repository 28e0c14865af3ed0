"""Policies and requests of the decision benchmark, made from a seed; needs nothing but Python.

A user with managed policies of ten statements, three levels of SCPs, a boundary and a resource policy.
A statement has one to three actions (four of ten with wildcards), two ARN patterns and two condition
operators; one in five denies. Requests are all different: some allowed, some denied either way.
"""

import random
from typing import Any, NamedTuple

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
STATEMENTS_PER_POLICY = 10
_VERBS = ("Get", "List", "Describe", "Put", "Create", "Update", "Delete", "Tag", "Start", "Stop")
_NOUNS = ("Item", "Table", "Object", "Queue", "Topic", "Stream")
_SERVICES = (
    "s3", "sqs", "sns", "dynamodb", "lambda", "ec2", "logs", "kinesis", "rds", "ecs", "ecr", "states",
    "events", "glue", "athena", "ssm", "secretsmanager", "backup", "batch", "cloudwatch",
)  # fmt: skip
_REGIONS = ("eu-west-1", "us-east-1", "ap-northeast-1")
_TEAMS = ("red", "blue", "green", "grey")

Document = dict[str, Any]


class Request(NamedTuple):
    """One request of the user's."""

    action: str
    resource: str
    context: dict[str, str]


class Workload(NamedTuple):
    """All documents that bind the requests, and the requests."""

    identity: list[Document]
    scp: list[list[Document]]
    boundary: Document
    resource: Document
    requests: list[Request]


def make(statements: int, requests: int = 400, seed: int = 1) -> Workload:
    """A workload with so many identity statements."""
    source = random.Random(seed)  # noqa: S311  (nothing secret)
    names = max(4, statements // 40)  # resources grow with the policies that speak of them
    policies = [
        document(*(_statement(source, names) for _ in range(STATEMENTS_PER_POLICY)))
        for _ in range(statements // STATEMENTS_PER_POLICY)
    ]
    scp = [
        [document(_everything(), _narrow_deny(source, 3))],
        [document(_everything()), document(_narrow_deny(source, 4))],
        [document(_everything(), _narrow_deny(source, 5))],
    ]
    boundary = document(
        {"Effect": "Allow", "Action": [f"{service}:*" for service in _SERVICES[:16]], "Resource": "*"}
    )
    resource = document(
        *(
            {
                "Effect": "Allow", "Principal": {"AWS": USER}, "Action": f"{service}:Get*",
                "Resource": f"arn:aws:{service}:*:{ACCOUNT}:item/res-1/*",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            }
            for service in _SERVICES[:8]
        ),
        {
            "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )  # fmt: skip
    asked = [_aimed(source, policies) if n % 4 else _request(source, names) for n in range(requests)]
    return Workload(policies, scp, boundary, resource, asked)


def document(*statements: Document) -> Document:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _everything() -> Document:
    return {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _narrow_deny(source: random.Random, number: int) -> Document:
    return {
        "Effect": "Deny",
        "Action": [f"{source.choice(_SERVICES)}:Delete*" for _ in range(number)],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}},
    }


def _statement(source: random.Random, names: int) -> Document:
    service = source.choice(_SERVICES)
    deny = source.random() < 0.2
    return {
        "Effect": "Deny" if deny else "Allow",
        "Action": [_action_pattern(source, service) for _ in range(source.randint(1, 3))],
        "Resource": [_resource_pattern(source, service, names) for _ in range(2)],
        "Condition": dict(_conditions(source, deny=deny)),
    }


def _action_pattern(source: random.Random, service: str) -> str:
    verb, noun = source.choice(_VERBS), source.choice(_NOUNS)
    if source.random() >= 0.4:
        return f"{service}:{verb}{noun}"
    return f"{service}:{source.choice((f'{verb}*', f'*{noun}', f'{verb}?*{noun[-2:]}'))}"


def _resource_pattern(source: random.Random, service: str, names: int) -> str:
    name = f"res-{source.randrange(names)}"
    region = source.choice(("*", *_REGIONS))
    path = source.choice((f"item/{name}/*", f"item/{name}/key-*", f"item/{name}/*/tail", f"item/{name}"))
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{path}"


def _conditions(source: random.Random, *, deny: bool) -> list[tuple[str, dict[str, Any]]]:
    team = source.choice(_TEAMS)
    known: list[tuple[str, dict[str, Any]]] = [
        *(
            ("StringEquals", {"aws:PrincipalTag/team": [team, "all"]}),
            ("IpAddress", {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}),
            ("StringLike", {"aws:RequestedRegion": ["eu-*", "us-*"]}),
            ("Bool", {"aws:SecureTransport": "true"}),
            ("NumericLessThan", {"aws:MultiFactorAuthAge": "3600"}),
        ),
    ]
    some = source.sample(known, 2)
    return [("StringEquals", {"aws:PrincipalTag/team": team}), some[0]] if deny else some


def _request(source: random.Random, names: int) -> Request:
    """A request of chance, which seldom meets a statement."""
    service = source.choice(_SERVICES)
    resource = (
        f"arn:aws:{service}:{source.choice(_REGIONS)}:{ACCOUNT}:item/res-{source.randrange(names)}/key-1"
    )
    return Request(f"{service}:{source.choice(_VERBS)}{source.choice(_NOUNS)}", resource, _context(source))


def _aimed(source: random.Random, policies: list[Document]) -> Request:
    """A request that some statement speaks of; more often than not it meets the conditions, too."""
    statement = source.choice(source.choice(policies)["Statement"])
    service, _, pattern = source.choice(statement["Action"]).partition(":")
    verb = next((v for v in _VERBS if pattern.startswith(v)), source.choice(_VERBS))
    noun = next((n for n in _NOUNS if pattern.endswith(n[-2:])), source.choice(_NOUNS))
    resource = source.choice(statement["Resource"]).replace("/*/", "/a/b/").replace("*:", "eu-west-1:", 1)
    context = _context(source)
    if source.random() < 0.75:
        for tests in statement["Condition"].values():
            context |= {key: _FITTING.get(key) or _first(value) for key, value in tests.items()}
    return Request(f"{service}:{verb}{noun}", resource.replace("*", str(source.randrange(99))), context)


def _first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


_FITTING = {
    "aws:SourceIp": "10.1.2.3", "aws:RequestedRegion": "eu-west-1", "aws:MultiFactorAuthAge": "60",
}  # fmt: skip


def _context(source: random.Random) -> dict[str, str]:
    return {
        "aws:PrincipalTag/team": source.choice(_TEAMS),
        "aws:SourceIp": source.choice(("10.1.2.3", "192.0.2.7", "10.200.0.1", "203.0.113.9")),
        "aws:RequestedRegion": source.choice(_REGIONS),
        "aws:SecureTransport": "true" if source.random() < 0.95 else "false",
        "aws:MultiFactorAuthAge": str(source.randrange(5000)),
        "aws:username": "alice",
        "aws:PrincipalArn": USER,
        "aws:userid": "AIDAALICE",
        "aws:UserAgent": "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux lang/python",
        "aws:CurrentTime": "2026-11-26T12:00:00Z",
    }
