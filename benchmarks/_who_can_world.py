"""An account of many principals for the benchmark of who-can, made from a seed; needs nothing but Python.

500 policies of ten statements over 20 services. One statement in five denies; four in ten of the action
patterns have wildcards; one resource pattern in ten names its caller by a variable; four in ten statements
have a condition, some on what is known of callers (their team) and some on what nobody knows beforehand
(MFA, address, Region). A principal has one to ten of the policies, one in three a boundary; all are
below three levels of SCPs. One resource in twenty has a policy of its own.
"""

import random
from typing import Any, NamedTuple

ACCOUNT = "111122223333"
_VERBS = ("Get", "List", "Describe", "Put", "Create", "Update", "Delete", "Tag", "Start", "Stop")
_NOUNS = ("Item", "Table", "Object", "Queue", "Topic")
SERVICES = (
    "s3", "sqs", "sns", "dynamodb", "lambda", "ec2", "logs", "kinesis", "rds", "ecs", "ecr", "states",
    "events", "glue", "athena", "ssm", "secretsmanager", "backup", "batch", "kms",
)  # fmt: skip
ACTIONS = [f"{service}:{verb}{noun}" for service in SERVICES for verb in _VERBS for noun in _NOUNS]
_REGIONS = ("eu-west-1", "us-east-1", "ap-northeast-1")
_TEAMS = ("red", "blue", "green", "grey")
_PATTERNS_WITH_WILDCARDS = 0.4
_UNKNOWN: tuple[dict[str, Any], ...] = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
    {"StringLike": {"aws:RequestedRegion": ["eu-*", "us-*"]}},
)

Document = dict[str, Any]


class Principal(NamedTuple):
    """A user: the numbers of its policies and of its boundary, and its tag `team`."""

    name: str
    policies: tuple[int, ...]
    boundary: int | None
    team: str

    @property
    def arn(self) -> str:
        """The user's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}"


class World(NamedTuple):
    """All documents, and who has which."""

    policies: list[Document]
    boundaries: list[Document]
    scps: list[list[Document]]
    principals: list[Principal]
    resources: list[str]
    resource_policies: dict[str, Document]


def make(principals: int, resources: int, policies: int = 500, seed: int = 1) -> World:
    """An account of so many principals, resources and policies."""
    source = random.Random(seed)  # noqa: S311  # nothing secret
    arns = [_arn(number) for number in range(resources)]
    people = [
        Principal(
            f"user-{number}",
            tuple(source.sample(range(policies), source.randint(1, min(10, policies)))),
            source.randrange(5) if source.random() < 1 / 3 else None,
            source.choice(_TEAMS),
        )
        for number in range(principals)
    ]
    return World(
        policies=[document(*(_statement(source, resources) for _ in range(10))) for _ in range(policies)],
        boundaries=[_boundary(source) for _ in range(5)],
        scps=[[document(everything(), _guard(source))] for _ in range(3)],
        principals=people,
        resources=arns,
        resource_policies={arn: _resource_policy(source, people) for arn in arns[::20]},
    )


def document(*statements: Document) -> Document:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def everything() -> Document:
    """A statement that allows everything."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _arn(number: int) -> str:
    service, region = SERVICES[number % len(SERVICES)], _REGIONS[number % len(_REGIONS)]
    type_ = "key" if service == "kms" else "item"
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{type_}/group-{number % 37}/user-{number}"


def _statement(source: random.Random, resources: int) -> Document:
    service = source.choice(SERVICES)
    found: Document = {"Effect": "Deny" if source.random() < 0.2 else "Allow"}
    element = "NotAction" if found["Effect"] == "Deny" and source.random() < 0.1 else "Action"
    found[element] = [_action(source, service) for _ in range(source.randint(1, 3))]
    if source.random() < 0.02:
        found["Action"], element = "*", "Action"
        found.pop("NotAction", None)
    element = "NotResource" if source.random() < 0.05 else "Resource"
    found[element] = [_pattern(source, service, resources) for _ in range(2)]
    if source.random() < 0.4:
        found["Condition"] = (
            {"StringEquals": {"aws:PrincipalTag/team": source.sample(_TEAMS, 2)}}
            if source.random() < 0.5
            else source.choice(_UNKNOWN)
        )
    return found


def _action(source: random.Random, service: str) -> str:
    verb, noun = source.choice(_VERBS), source.choice(_NOUNS)
    if source.random() >= _PATTERNS_WITH_WILDCARDS:
        return f"{service}:{verb}{noun}"
    return f"{service}:{source.choice(('*', f'{verb}*', f'*{noun}', f'{verb}?*{noun[-2:]}'))}"


def _pattern(source: random.Random, service: str, resources: int) -> str:
    region = source.choice(("*", *_REGIONS))
    type_ = "key" if service == "kms" else "item"
    group, number = source.randrange(37), source.randrange(resources)
    paths = (f"group-{group}/*", "*", f"*/user-{number}", f"group-{group}/user-{number % 10}*")
    path = "group-*/${aws:username}" if source.random() < 0.1 else source.choice(paths)
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{type_}/{path}"


def _boundary(source: random.Random) -> Document:
    services = source.sample(SERVICES, 15)
    return document(
        {"Effect": "Allow", "Action": [f"{service}:*" for service in services], "Resource": "*"},
        {"Effect": "Deny", "Action": f"{services[0]}:Delete*", "Resource": "*"},
    )


def _guard(source: random.Random) -> Document:
    return {
        "Effect": "Deny",
        "Action": [f"{service}:Delete*" for service in source.sample(SERVICES, 3)],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}},
    }


def _resource_policy(source: random.Random, people: list[Principal]) -> Document:
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": [person.arn for person in source.sample(people, min(3, len(people)))]},
            "Action": [f"{service}:Get*" for service in SERVICES],
            "Resource": "*",
        },
        {
            "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "*", "Resource": "*",
        },
        {
            "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "grey"}},
        },
    )  # fmt: skip


ACCOUNT_PRINCIPALS = 1000
_TIME = "2026-01-01T00:00:00Z"


def arn(number: int) -> str:
    """A resource of the world by its number."""
    return _arn(number)


def export() -> dict[str, Any]:
    """An account of 700 users and 300 roles, as GetAccountAuthorizationDetails answers it."""
    source = random.Random(4)  # noqa: S311  # nothing secret
    world = make(ACCOUNT_PRINCIPALS, 1000, policies=200, seed=5)
    groups = [f"group-{number}" for number in range(50)]
    entities = [_entity(person, world, source, number) for number, person in enumerate(world.principals)]
    users, roles = entities[:700], entities[700:]
    for user in users:
        user["GroupList"] = source.sample(groups, 2)
    policies = [_policy(f"policy-{number}", found) for number, found in enumerate(world.policies)] + [
        _policy(f"boundary-{number}", found) for number, found in enumerate(world.boundaries)
    ]
    return {
        "UserDetailList": users,
        "GroupDetailList": [
            {
                **_common("group", "Group", "AGPA", name), "GroupPolicyList": [],
                "AttachedManagedPolicies": [_attached(f"policy-{source.randrange(200)}")],
            }
            for name in groups
        ],
        "RoleDetailList": roles,
        "Policies": policies,
    }  # fmt: skip


def _entity(person: Principal, world: World, source: random.Random, number: int) -> dict[str, Any]:
    kind = "user" if number < 700 else "role"
    own = {"PolicyName": "own", "PolicyDocument": document(_statement(source, 1000))}
    found = _common(kind, kind.title(), "AIDA" if kind == "user" else "AROA", person.name) | {
        "AttachedManagedPolicies": [_attached(f"policy-{n}") for n in person.policies[:5]],
        f"{kind.title()}PolicyList": [own],
        "Tags": [{"Key": "team", "Value": person.team}],
    }
    if person.boundary is not None:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/boundary-{person.boundary}"
        found["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
    if kind == "role":
        trusted: dict[str, Any] = {"Service": "lambda.amazonaws.com"}
        if number % 3 == 0:
            trusted = {"AWS": [p.arn for p in source.sample(world.principals[:700], 3)]}
        elif number % 3 == 1:
            trusted = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        found["AssumeRolePolicyDocument"] = document(statement)
    return found


def _common(kind: str, word: str, prefix: str, name: str) -> dict[str, Any]:
    return {
        "Path": "/", f"{word}Name": name, f"{word}Id": f"{prefix}{name.upper().replace('-', '')}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind}/{name}", "CreateDate": _TIME,
    }  # fmt: skip


def _attached(name: str) -> dict[str, str]:
    return {"PolicyName": name, "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"}


def _policy(name: str, found: Document) -> dict[str, Any]:
    version = {"Document": found, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": _TIME}
    return _common("policy", "Policy", "ANPA", name) | {
        "DefaultVersionId": "v1", "UpdateDate": _TIME, "PolicyVersionList": [version],
    }  # fmt: skip
