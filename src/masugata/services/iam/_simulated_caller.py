"""Whose policies a simulation is about, and as whom it asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.authorization.guardrails import NO_GUARDRAILS, guardrails_told
from masugata.call import Call
from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy import Principal
from masugata.errors import AwsError
from masugata.records.iam import GROUP, Group, Role, User, entity_by_arn
from masugata.services.iam._common import invalid_input, no_such_entity
from masugata.services.iam.policies import find_policy

Entity = User | Group | Role
Context = dict[str, str | list[str]]

_TYPES = ("user", "group", "role")
_SERVICE_LINKED = "aws-service-role/"  # only CreateServiceLinkedRole makes roles on this path
SESSION_NAME = "simulation"
"""The session of a simulated role: nobody makes calls as the role itself."""


class Attached(NamedTuple):
    """A policy that an entity has; `how` is inline, aws-managed, user-managed or permission-boundary.

    `owner` is the entity with its kind, e.g. ("group", "cooks"); `id` what AWS's simulator calls it.
    """

    how: str
    owner: tuple[str, str]
    name: str
    arn: str
    id: str
    text: str


def find_entity(call: Call, arn: str) -> tuple[str, Entity]:
    """The user, group or role of this account with this ARN; raises InvalidInput and NoSuchEntity."""
    parsed = _entity_arn(arn)
    kind, _, path = parsed.resource.partition("/")
    if parsed.account != call.account:
        raise invalid_input(
            f"Invalid Policy Source Arn: caller's account {call.account} does not have access to policies "
            f"in account {parsed.account}"
        )
    entity = _known(call, parsed)
    if entity is None:
        raise no_such_entity(f"The {kind} with name {path} cannot be found.")
    return kind, entity


def attached_policies(call: Call, kind: str, entity: Entity) -> Iterator[Attached]:
    """All identity policies of the entity, those of a user's groups included, and its boundary.

    What cannot be found any more raises PolicyEvaluation: it may have been a Deny.
    """
    yield from _own(call, kind, entity)
    if isinstance(entity, User):
        for group_id in entity.groups:
            found = call.records.by_name(GROUP, "id", group_id)
            if found is None:
                _gone(f"the group {group_id} of {entity.name}")
            yield from _own(call, "group", found[2])
    if not isinstance(entity, Group) and entity.boundary is not None:
        yield _managed(call, "permission-boundary", (kind, entity.name), entity.boundary)


def _own(call: Call, kind: str, entity: Entity) -> Iterator[Attached]:
    owner = (kind, entity.name)
    for name, text in entity.inline_policies.items():
        yield Attached("inline", owner, name, "", f"{kind}_{entity.name}_{name}", text)
    for arn in entity.attached_policies:
        yield _managed(call, "aws-managed" if ":iam::aws:" in arn else "user-managed", owner, arn)


def _managed(call: Call, how: str, owner: tuple[str, str], arn: str) -> Attached:
    try:
        policy = find_policy(call, arn)
    except AwsError:
        _gone(f"the policy {arn} of {owner[1]}")
    return Attached(how, owner, policy.name, arn, policy.name, policy.document())


def _gone(what: str) -> NoReturn:
    raise AwsError("PolicyEvaluation", f"{what} does not exist any more", 500)


def caller_principal(call: Call, arn: str | None, *, users_only: bool) -> Principal:
    """As whom to ask; without `arn` somebody of this account whom no policy names.

    Raises InvalidInput, also for all but users where a resource policy is to name the caller.
    """
    if arn is None:
        if users_only:
            raise invalid_input("Invalid caller - CallerArn is required with a resource policy.")
        nobody = str(Arn(call.partition, "iam", "", call.account, "user/"))
        return Principal("user", nobody, call.account, call.partition)
    parsed = _entity_arn(arn)
    kind, _, path = parsed.resource.partition("/")
    if users_only and kind != "user":
        raise invalid_input("Invalid caller - Caller must be an IAM user in this context.")
    entity = _known(call, parsed)
    if kind == "role":
        name = path.rpartition("/")[2]
        session = str(Arn(parsed.partition, "sts", "", parsed.account, f"assumed-role/{name}/{SESSION_NAME}"))
        return Principal(
            "role-session",
            session,
            parsed.account,
            parsed.partition,
            unique_id=f"{entity.id}:{SESSION_NAME}" if entity else "",
            issuer_arn=arn,
            issuer_id=entity.id if entity else "",
            service_linked=entity is not None and path.startswith(_SERVICE_LINKED),
        )
    return Principal("user", arn, parsed.account, parsed.partition, unique_id=entity.id if entity else "")


def caller_context(call: Call, arn: str | None) -> Context:
    """The condition keys that every real request of this caller has, and the time."""
    context: Context = {
        "aws:CurrentTime": call.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(call.now.timestamp())),
    }
    if arn is None:
        return context
    parsed = _entity_arn(arn)
    kind, _, path = parsed.resource.partition("/")
    context |= {
        "aws:PrincipalAccount": parsed.account,
        "aws:PrincipalArn": arn,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole" if kind == "role" else "User",
    }
    context |= organization_keys(call, parsed.account, "Principal")
    if kind == "user":
        context["aws:username"] = path.rpartition("/")[2]
    entity = _known(call, parsed)
    if entity is not None and not isinstance(entity, Group):
        context["aws:userid"] = f"{entity.id}:{SESSION_NAME}" if kind == "role" else entity.id
        for tag in entity.tags:
            context[f"aws:PrincipalTag/{tag.key}"] = tag.value
    return context


def organization_keys(call: Call, account: str, whose: str) -> Context:
    """The keys that say where in the caller's organization a principal or resource of an account is.

    Of accounts outside nothing is told, not even that they are in some other organization.
    """
    own, its = (guardrails_told(call.account, one, call.records) for one in (call.account, account))
    if its is NO_GUARDRAILS or its.organization != own.organization:
        return {}
    return {f"aws:{whose}OrgID": its.organization, f"aws:{whose}OrgPaths": [its.path]}


def _known(call: Call, arn: Arn) -> Entity | None:
    """The entity with this ARN if it is one of the caller's account."""
    found = entity_by_arn(call.records, call.account, str(arn), partition=call.partition)
    return found if isinstance(found, Entity) else None


def _entity_arn(arn: str) -> Arn:
    try:
        parsed = parse_arn(arn)
    except InvalidArnError:
        parsed = None
    if parsed is not None and parsed.service == "iam" and not parsed.region:
        kind, _, path = parsed.resource.partition("/")
        if kind in _TYPES and path and not path.endswith("/") and len(parsed.account) == 12:
            return parsed
    raise invalid_input(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")


def excluded(attached: Attached, exclusions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a PolicyExclusionList leaves the policy out; the list was checked before."""
    return any(_matcher(exclusion)(attached) for exclusion in exclusions)


def check_exclusions(exclusions: Sequence[Mapping[str, Any]]) -> None:
    """Each must identify policies in exactly one way, with wildcards only where they may be; InvalidInput."""
    for exclusion in exclusions:
        if len(exclusion) != 1:
            raise invalid_input(
                "A policy identifier must be one of PolicyType, PolicyArn and InlinePolicyIdentifier."
            )
        if (arn := exclusion.get("PolicyArn")) is not None:
            try:
                parsed = parse_arn(arn)
            except InvalidArnError:
                raise invalid_input(f"ARN {arn} is not valid.") from None
            head = f"{parsed.partition}{parsed.region}{parsed.account}"
            policy = parsed.service == "iam" and parsed.resource.startswith("policy/")
            if not policy or "*" in head or "?" in head or arn.count("*") > 1:
                raise invalid_input(f"ARN {arn} is not valid.")
        inline = exclusion.get("InlinePolicyIdentifier")
        if inline is not None and inline["AttachmentName"].count("*") > 1:
            raise invalid_input(f"{inline['AttachmentName']} is not valid: use at most one wildcard `*`.")


def _matcher(exclusion: Mapping[str, Any]) -> Callable[[Attached], bool]:
    if (how := exclusion.get("PolicyType")) is not None:
        return lambda attached: attached.how == how
    if (arn := exclusion.get("PolicyArn")) is not None:
        matches = compile_glob(tokenize(arn))
        return lambda attached: attached.how.endswith("-managed") and matches(attached.arn)
    inline = exclusion["InlinePolicyIdentifier"]
    named = compile_glob(tokenize(inline["AttachmentName"]))
    return lambda attached: (
        attached.how == "inline"
        and attached.name == inline["PolicyName"]
        and attached.owner[0] == inline["AttachmentType"]
        and named(attached.owner[1])
    )
