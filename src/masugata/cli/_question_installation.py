"""Answers with the policies of an installation, as they are now."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.access import Access
from masugata.authorization.authorizer import engine_input
from masugata.authorization.context import request_context
from masugata.authorization.levels import level_targets
from masugata.authorization.resources.organizations import delegation_needed
from masugata.authorization.resources.sts import find_role
from masugata.cli._caller import caller_from
from masugata.cli._offline import why
from masugata.cli._options import settings_from
from masugata.cli._question import Answer, Context, Question, needed, read_policy
from masugata.engines.policy import PolicyType, explain
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError, MasugataError
from masugata.identity.caller import Caller
from masugata.records.account import ACCOUNT
from masugata.records.iam import INSTANCE_PROFILE, MANAGED_POLICY, ROLE, USER, iam_arn
from masugata.records.kind import Kind
from masugata.server import open_installation, utc_now
from masugata.services import GLOBAL_REGION
from masugata.settings import Settings
from masugata.store import EventRow, Records, Store
from masugata.wire import HttpRequest

# What a denial says; see masugata.authorization.denial.
_DENIAL = re.compile(r"User: (\S+) is not authorized to perform: (\S+) on resource: (\S+)(?: |$)")
_OF_THE_CALL = ("aws:SourceIp", "aws:SecureTransport", "aws:UserAgent", "aws:Referer")
_TAGGED: dict[str, Kind[Any]] = {
    "user": USER,
    "role": ROLE,
    "policy": MANAGED_POLICY,
    "instance-profile": INSTANCE_PROFILE,
}


def answer_now(question: Question, data: Path | None, session: Path | None) -> Answer:
    """Explain a request that somebody might make now; raises `MasugataError`."""
    arn, action = needed(question.principal, "--principal"), needed(question.action, "--action")
    settings = settings_from({"data": data})
    now = utc_now()
    with _opened(settings) as store:
        records = store.snapshot()
        caller = caller_from(arn, records, now, _session_policy(session))
        return _answer(
            question, action, caller, lambda: context_now(caller, settings.region, now, records), records
        )


def context_now(caller: Caller, region: str, now: datetime, records: Records) -> Context:
    """The condition keys of a request that the caller might make now.

    Nobody called yet, so what only a call has is unknown, unless the question says it.
    """
    http = HttpRequest(method="POST", path="/", source_ip="")
    context = request_context(http, caller, region, now, records)
    return {key: value for key, value in context.items() if key not in _OF_THE_CALL}


def access_of(question: Question, action: str, caller: Caller, records: Records) -> Access:
    """The permission that is asked about, with what the records know of its resource."""
    resource, owner = question.resource, question.resource_account or _owner(question.resource)
    owner, policy = delegation_needed(action, caller.account, records) or (owner, None)
    return Access(
        action=action,
        resource=resource,
        resource_account=owner,
        context={**_resource_tags(resource, records), **question.context},
        trust_policy=_trust_policy(action, resource, caller, records),
        resource_policy=policy,
    )


def answer_event(
    event_id: str, data: Path | None, region: str | None, question: Question, session: Path | None
) -> Answer:
    """Explain a denied call from its event; raises `MasugataError` if the event is not one.

    The caller, the request's own condition keys and the time are the event's, the policies are those
    of now. What an event does not record (session policies, session and request tags) is not known.
    """
    settings = settings_from({"data": data})
    with _opened(settings) as store:
        event = orjson.loads(_event(store, event_id, region, settings).body)
        denial = _DENIAL.match(event.get("errorMessage", ""))
        if event.get("errorCode") != "AccessDenied" or denial is None:
            raise MasugataError(f"the event `{event_id}` does not record a call that a policy denied")
        records = store.snapshot()
        arn, action, resource = denial.groups()
        time = datetime.fromisoformat(event["eventTime"]).astimezone(UTC)
        caller = caller_from(arn, records, time, _session_policy(session), _mfa(event))
        asked = Question(arn, action, resource, question.resource_account, question.context)
        found = _answer(
            asked,
            action,
            caller,
            lambda: request_context(_http(event), caller, event["awsRegion"], time, records),
            records,
        )
    notes = (
        f"the call was made at {event['eventTime']}; the policies are those of now",
        f"it was denied with: {event['errorMessage']}",
    )
    return msgspec.structs.replace(found, notes=(*found.notes, *notes))


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    store, _ = open_installation(settings, create=False)
    try:
        yield store
    finally:
        store.close()


def _answer(
    question: Question, action: str, caller: Caller, context: Callable[[], Context], records: Records
) -> Answer:
    resource = question.resource
    access = access_of(question, action, caller, records)
    try:
        policies, request = engine_input(caller, access, context(), records)
    except (AwsError, MalformedPolicyError) as error:
        text = error.message if isinstance(error, AwsError) else str(error)
        return Answer(caller.arn, action, resource, allowed=False, reason=f"because {text}")
    targets = level_targets(caller.account, request.resource_account, records)
    explanation = explain(policies, request, targets)
    decision = explanation.decision
    notes: tuple[str, ...] = ()
    if caller.session is not None and not caller.session.policies:
        notes = ("session policies and session tags are not kept: without --session there are none",)
    return Answer(
        principal=caller.arn,
        action=action,
        resource=resource,
        allowed=decision.allowed,
        reason=why(decision, action),
        request=request,
        explanation=explanation,
        notes=notes,
    )


def _owner(resource: str) -> str | None:
    try:
        return parse_arn(resource).account or None
    except InvalidArnError:
        if resource != "*":
            raise MasugataError(f"`{resource}` is not a resource: give an ARN, or *") from None
        return None


def _trust_policy(action: str, resource: str, caller: Caller, records: Records) -> str | None:
    """The trust policy if a role is to be assumed; the empty text for a role that is not there."""
    if not action.lower().startswith("sts:") or ":role/" not in resource:
        return None
    found = find_role(resource, caller.partition, records)
    return found[1].trust_policy if found else ""


def _resource_tags(resource: str, records: Records) -> Context:
    """The tags of an IAM resource that exists."""
    try:
        arn = parse_arn(resource)
    except InvalidArnError:
        return {}
    type_, _, path = arn.resource.partition("/")
    kind = _TAGGED.get(type_) if arn.service == "iam" else None
    if kind is None:
        return {}
    record = records.get(kind, arn.account, path.rpartition("/")[2].lower())
    if record is None or iam_arn(arn.account, type_, record, partition=arn.partition) != resource:
        return {}
    tags: Context = {}
    for tag in record.tags:
        tags[f"aws:ResourceTag/{tag.key}"] = tags[f"iam:ResourceTag/{tag.key}"] = tag.value
    return tags


def _session_policy(path: Path | None) -> str | None:
    if path is None:
        return None
    document = read_policy(path)
    try:
        validate_policy(document, PolicyType.SESSION)
    except MalformedPolicyError as error:
        raise MasugataError(f"`{path}` is not a session policy: {error}") from None
    return document


def _event(store: Store, event_id: str, region: str | None, settings: Settings) -> EventRow:
    regions = [region] if region else list(dict.fromkeys((GLOBAL_REGION, settings.region)))
    for account, _ in store.snapshot().partitions(ACCOUNT):
        for place in regions:
            if found := store.events(account, place, attribute=("EventId", event_id), limit=1):
                return found[0]
    raise MasugataError(f"no event `{event_id}` in {' or '.join(regions)}; name its Region with --region")


def _http(event: dict[str, Any]) -> HttpRequest:
    """The request as far as its event tells."""
    return HttpRequest(
        method="POST",
        path="/",
        headers=(("user-agent", event["userAgent"]),) if event.get("userAgent") else (),
        source_ip=event.get("sourceIPAddress", ""),
        secure="tlsDetails" in event,
    )


def _mfa(event: dict[str, Any]) -> bool:
    attributes = event["userIdentity"].get("sessionContext", {}).get("attributes", {})
    return bool(attributes.get("mfaAuthenticated") == "true")
