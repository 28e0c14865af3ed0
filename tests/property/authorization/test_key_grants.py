"""The grants that apply: found by references as by going through all, and never widened by a chain."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from masugata.authorization.authorizer import engine_principal
from masugata.authorization.resources.kms import key_grants
from masugata.engines.policy import Policies, PolicySet, PolicyType, Request, compile_policy, decide
from masugata.records.kms import GRANT, Grant
from masugata.store.snapshot import Snapshot
from property.authorization.grant_world import (
    ACCOUNT,
    CALLERS,
    GRANTEES,
    KEY_RECORD,
    REGION,
    SOURCE,
    contexts,
    grants,
    meets,
)

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_RECORD.id}"
_OPEN = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
OPEN = PolicySet(PolicyType.IDENTITY, [compile_policy(_OPEN, PolicyType.IDENTITY, "open")])
NOBODY = PolicySet(PolicyType.RESOURCE, [])
OPERATIONS = ("Encrypt", "Decrypt", "CreateGrant", "DescribeKey", "ReEncryptTo")


@st.composite
def requests(draw: st.DrawFn, operation: str, found: list[Grant]) -> dict[str, Any]:
    """A request for an operation, often one that a grant is for."""
    if operation == "CreateGrant":
        return asked_for(draw(grants()))
    named = [grant.context_equals or grant.context_subset or {} for grant in found]
    context = st.one_of(contexts, st.sampled_from(named)) if named else contexts
    return {"EncryptionContext": draw(context), "DestinationEncryptionContext": draw(context)}


def holding(found: list[Grant]) -> Snapshot:
    """A state with these grants."""
    state = Snapshot()
    for grant in found:
        state = state.put(GRANT, ACCOUNT, REGION, grant)
    return state


def asked_for(grant: Grant) -> dict[str, Any]:
    """The CreateGrant request that makes a grant."""
    constraints: dict[str, Any] = {}
    if grant.context_equals is not None:
        constraints["EncryptionContextEquals"] = grant.context_equals
    if grant.context_subset is not None:
        constraints["EncryptionContextSubset"] = grant.context_subset
    if grant.source_arn:
        constraints["SourceArn"] = grant.source_arn
    return {"Operations": list(grant.operations), "Constraints": constraints}


def allows(who: str, operation: str, request: dict[str, Any], records: Snapshot) -> bool:
    """Whether the engine lets somebody with open policies use a key whose policy lets nobody."""
    caller, action = CALLERS[who], f"kms:{operation}"
    found = key_grants(KEY_RECORD, ACCOUNT, caller, action, request, records)
    policies = Policies(None if caller.is_service else OPEN, resource=NOBODY, key_grants=found)
    return decide(policies, Request(engine_principal(caller), action, ARN, ACCOUNT, {})).allowed


@given(data=st.data(), operation=st.sampled_from(OPERATIONS))
def test_the_grants_that_apply(data: st.DataObject, operation: str) -> None:
    """References find what going through all grants finds, and the engine says yes just there."""
    number = data.draw(st.integers(0, 6))
    found = [data.draw(grants(number=index)) for index in range(number)]
    request = data.draw(requests(operation, found))
    records = holding(found)
    by_id = {grant.id: grant.grantee for grant in found}
    for who, caller in CALLERS.items():
        source = SOURCE if who == "service" else ""
        expected = {
            grant.id
            for grant in found
            if who in GRANTEES[grant.grantee] and meets(grant, operation, request, source)
        }
        got = key_grants(KEY_RECORD, ACCOUNT, caller, f"kms:{operation}", request, records)
        assert {grant.id for grant in got} <= expected
        assert {grant.grantee for grant in got} == {by_id[id_] for id_ in expected}
        assert allows(who, operation, request, records) is bool(expected)


@st.composite
def children(draw: st.DrawFn, parent: Grant, number: int) -> Grant:
    """A grant that may be no wider than another one, and often is not."""
    any_grant = draw(grants(number=number))
    if draw(st.booleans()):
        return any_grant
    operations = draw(st.sets(st.sampled_from(parent.operations), min_size=1)) | draw(
        st.sampled_from([set(), {"Decrypt"}])
    )
    more = draw(contexts)
    context = {**more, **(parent.context_equals or parent.context_subset or {})}
    kind = draw(st.sampled_from(["same", "equals", "subset"]))
    changes = {
        "same": {"context_equals": parent.context_equals, "context_subset": parent.context_subset},
        "equals": {"context_equals": context, "context_subset": None},
        "subset": {"context_equals": None, "context_subset": context},
    }
    source = {"source_arn": draw(st.sampled_from([parent.source_arn, any_grant.source_arn]))}
    return replace(any_grant, operations=tuple(sorted(operations)), **changes[kind], **source)


@given(data=st.data(), steps=st.integers(1, 6))
def test_a_chain_of_grants_never_widens(data: st.DataObject, steps: int) -> None:
    """Whatever grantees pass on, nobody gets an operation or a context that the first one did not have."""
    first = data.draw(grants())
    first = replace(first, operations=tuple(sorted({*first.operations, "CreateGrant"})))
    made = [first]
    for number in range(1, steps + 1):
        child = data.draw(children(data.draw(st.sampled_from(made)), number))
        who = data.draw(st.sampled_from(sorted(CALLERS)))
        if allows(who, "CreateGrant", asked_for(child), holding(made)):
            made.append(child)
    records = holding(made)
    for operation in OPERATIONS:
        request = data.draw(requests(operation, made))
        for who in CALLERS:
            source = SOURCE if who == "service" else ""
            if allows(who, operation, request, records):
                assert meets(first, operation, request, source), (who, operation, request)
