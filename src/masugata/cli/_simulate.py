"""Requests to simulate, with policies from files, from an account, or from both."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import catalogue
from masugata.authorization.accounts import AccountView
from masugata.authorization.authorizer import engine_input
from masugata.authorization.levels import LevelTargets, control_policies, level_targets
from masugata.authorization.policies import Source, caller_sources
from masugata.authorization.simulation import PolicyText, Simulated, Simulation, set_of
from masugata.cli._caller import caller_from
from masugata.cli._offline import resource_policy_type
from masugata.cli._principals import principal_from
from masugata.cli._question import Context, Question, read_policy
from masugata.cli._question_installation import access_of, context_now
from masugata.cli._question_offline import implied_context
from masugata.engines.policy import Policies, PolicySet, PolicyType, Principal, Request
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError, MasugataError
from masugata.records.organizations import organization_of
from masugata.server import utc_now
from masugata.services import GLOBAL_REGION

_NOBODYS_ACCOUNT = "111122223333"
_NO_TARGETS: LevelTargets = {}


class Asked(NamedTuple):
    """What is simulated: every action on every resource."""

    principal: str | None
    actions: Sequence[str]
    resources: Sequence[str]
    resource_account: str | None
    context: Context


class Files(NamedTuple):
    """Policies from files; `scp` has one for each level of the organization, from the root down."""

    policy: Sequence[Path] = ()
    boundary: Path | None = None
    scp: Sequence[Path] = ()
    resource_policy: Path | None = None


class Outcome(NamedTuple):
    """One simulated request; `simulated` is None where a policy that should be asked is gone."""

    action: str
    resource: str
    simulated: Simulated | None
    problem: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the request would be allowed."""
        return self.simulated is not None and self.simulated.explanation.decision.allowed


def check_asked(asked: Asked) -> None:
    """Actions must be some that AWS has, and resources ARNs or `*`; raises `MasugataError`."""
    for action in asked.actions:
        prefix = action.partition(":")[0]
        if catalogue.service(prefix.lower()) is None:
            raise MasugataError(f"`{action}` is not an action: `{prefix}` is not the prefix of a service")
        if catalogue.action_in_any_case(action) is None:
            raise MasugataError(f"`{action}` is not an action of {prefix}; wildcards cannot be simulated")
    for resource in asked.resources:
        try:
            if resource != "*":
                parse_arn(resource)
        except InvalidArnError:
            raise MasugataError(f"`{resource}` is not a resource: give an ARN, or *") from None


def simulate_files(asked: Asked, files: Files) -> Iterator[Outcome]:
    """With nothing but policies from files; without a principal, for somebody whom no policy names."""
    if files.resource_policy is not None and asked.principal is None:
        raise MasugataError("say --principal: a resource policy allows only whom it names")
    identity = _read_all(files.policy, PolicyType.IDENTITY)
    for action, resource in _pairs(asked):
        type_ = resource_policy_type(action, resource)
        resource_texts = _read_all([files.resource_policy] if files.resource_policy else (), type_)
        documents = [json.loads(text.text) for text in resource_texts]
        principal = _principal(asked, resource, documents)
        policies = Policies(set_of(PolicyType.IDENTITY, identity), resource_type=type_)
        context = {**implied_context(principal, asked.context), **asked.context}
        owner = asked.resource_account or _named_account(resource) or principal.account
        request = Request(principal, action, resource, owner, context)
        texts = {text.source: text for text in (*identity, *resource_texts)}
        yield _run(policies, request, texts, files, resource_texts)


def simulate_account(
    asked: Asked, view: AccountView, files: Files, region: str = GLOBAL_REGION
) -> Iterator[Outcome]:
    """As a user or role of an account; policies from files are added.

    A boundary is in the place of its own, and SCPs are in the place of those of its organization.
    """
    if asked.principal is None:
        raise MasugataError("say --principal: whose policies are to be simulated?")
    now = utc_now()
    records = view.records
    caller = caller_from(asked.principal, records, now)
    try:
        context = context_now(caller, region, now, records)
    except AwsError as error:
        yield from (Outcome(action, resource, None, error.message) for action, resource in _pairs(asked))
        return
    names = {name.lower() for name in asked.context}
    context = {name: value for name, value in context.items() if name.lower() not in names}
    added = _read_all(files.policy, PolicyType.IDENTITY)
    organization = organization_of(records, caller.account)
    management = "" if organization is None else organization.management_account
    for action, resource in _pairs(asked):
        question = Question(asked.principal, action, resource, asked.resource_account, asked.context)
        access = access_of(question, action, caller, records)
        try:
            policies, request = engine_input(caller, access, context, records)
            sources = caller_sources(caller, records)
        except AwsError as error:
            yield Outcome(action, resource, None, error.message)
            continue
        texts = _texts(PolicyType.IDENTITY, sources.identity) | _texts(
            PolicyType.BOUNDARY, sources.boundary or ()
        )
        owner = request.resource_account or caller.account
        for account in dict.fromkeys((caller.account, owner)):
            texts |= {
                arn: PolicyText(arn, text, type_) for type_, arn, text in control_policies(account, records)
            }
        if access.trust_policy:
            texts |= _texts(PolicyType.TRUST, [(f"trust policy of {resource}", access.trust_policy)])
        own = policies.identity.policies if policies.identity is not None else ()
        identity = PolicySet(PolicyType.IDENTITY, [*own, *(text.compiled for text in added)])
        type_ = resource_policy_type(action, resource)
        given = _read_all([files.resource_policy] if files.resource_policy else (), type_)
        texts |= {text.source: text for text in (*added, *given)}
        targets = level_targets(caller.account, owner, records)
        policies = replace(policies, identity=identity, management_account=management)
        yield _run(policies, request, texts, files, given, targets)


def _run(
    policies: Policies,
    request: Request,
    texts: Mapping[str, PolicyText],
    files: Files,
    resource: Sequence[PolicyText],
    targets: LevelTargets = _NO_TARGETS,
) -> Outcome:
    """Judge one request, with the policies from files that limit it."""
    changes: dict[str, Any] = {}
    found = dict(texts)
    if files.boundary is not None:
        (boundary,) = _read_all([files.boundary], PolicyType.BOUNDARY)
        changes["boundary"], found[boundary.source] = set_of(PolicyType.BOUNDARY, [boundary]), boundary
    levels = _read_all(files.scp, PolicyType.SCP)
    if levels:
        targets = {type_: found for type_, found in targets.items() if type_ is not PolicyType.SCP}
        changes["scp"] = tuple(set_of(PolicyType.SCP, [level]) for level in levels)
        found |= {level.source: level for level in levels}
    if resource:
        changes["resource"] = set_of(resource[0].type, resource)
    simulated = Simulation(replace(policies, **changes), found, targets).run(request)
    return Outcome(request.action, request.resource, simulated)


def _read_all(paths: Sequence[Path], type_: PolicyType) -> list[PolicyText]:
    """The policies in files; raises `MasugataError`."""
    return [_read(path, type_) for path in paths]


@lru_cache
def _read(path: Path, type_: PolicyType) -> PolicyText:
    """Read and compiled once, however many requests are simulated."""
    text = PolicyText(str(path), read_policy(path), type_)
    try:
        validate_policy(text.text, type_)
    except MalformedPolicyError as error:
        raise MasugataError(f"`{path}` is not a policy of type {type_}: {error}") from None
    return text


def _texts(type_: PolicyType, sources: Sequence[Source]) -> dict[str, PolicyText]:
    return {name: PolicyText(name, text, type_) for name, text in sources}


def _pairs(asked: Asked) -> Iterator[tuple[str, str]]:
    return ((action, resource) for action in asked.actions for resource in asked.resources)


def _principal(asked: Asked, resource: str, documents: Sequence[Any]) -> Principal:
    if asked.principal is not None:
        return principal_from(asked.principal, asked.context, documents)
    account = asked.resource_account or _named_account(resource) or _NOBODYS_ACCOUNT
    return Principal("user", f"arn:aws:iam::{account}:user/", account)


def _named_account(resource: str) -> str:
    """The account that an ARN names, empty if it names none."""
    return "" if resource == "*" else parse_arn(resource).account
