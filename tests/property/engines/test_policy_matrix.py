"""The matrix against the engine, cell by cell, on generated worlds.

Nightly compares millions of cells; `MASUGATA_SEED=…` repeats what a run printed.
"""

import os
import secrets
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from masugata.engines.policy import Policies, PolicyType, Request, decide
from masugata.engines.policy.matrix import Facts, Matrix, Resource, Subject, Verdict, columns, rows
from property.engines import policy_strategies as make

NIGHTLY = settings.default.max_examples >= 20_000
EXAMPLES = 20_000 if NIGHTLY else 400
EVERYTHING = ("",)  # the beginning of every key: what is not known is absent


def some(values, most):
    """A few of `values`."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


class Country:
    """Subjects with policies from some worlds, and resources with policies from others."""

    def __init__(self, worlds, callers, arns, owners, contexts, unsupported):
        self.worlds = worlds
        self.unsupported = unsupported
        self.management = worlds[0].management_account
        self.bound = [make.policies(world) for world in worlds]
        self.callers = [
            (make.PRINCIPALS[caller], self.bound[n % len(worlds)], contexts[n % len(contexts)])
            for n, caller in enumerate(callers)
        ]
        self.resources = [
            Resource(
                arn,
                account=owners[n % len(owners)],
                policy=self.bound[n % len(worlds)].resource,
                type=self.bound[n % len(worlds)].kind_of_resource_policy,
                rcp=self.bound[n % len(worlds)].rcp,
                rcp_supported=worlds[n % len(worlds)].rcp_supported,
                key_grants=self.bound[n % len(worlds)].key_grants,
            )
            for n, arn in enumerate(arns)
        ]

    def rcp_services(self, service):
        """Whether RCPs bind the actions of a service."""
        return service not in self.unsupported

    def rcp_of(self, principal):
        """The RCPs of a caller's account."""
        return self.bound[-1].rcp if principal.account == make.HERE else ()

    def matrix(self, actions, facts_of, asked=None, **subject):
        """The matrix; `facts_of` makes facts of a context."""
        subjects = [
            Subject(
                principal, own.identity, own.boundary, own.session, own.scp, facts_of(context),
                rcp=self.rcp_of(principal), **subject,
            )
            for principal, own, context in self.callers
        ]  # fmt: skip
        return Matrix(subjects, actions, self.resources, asked or Facts(), self.management, self.rcp_services)

    def decide(self, number, action, resource, context=None, principal=None):
        """The engine's decision on one cell."""
        caller, own, known = self.callers[number]
        trusting = resource.type is PolicyType.TRUST and action.lower().startswith("sts:")
        spoken = trusting or resource.type is not PolicyType.TRUST
        policies = Policies(
            own.identity,
            own.boundary,
            own.session,
            resource.policy if spoken else None,
            own.scp,
            (*resource.rcp, *self.rcp_of(caller))
            if (resource.arn, resource.account) == ("*", None)
            else resource.rcp,
            resource_type=resource.type if spoken else PolicyType.RESOURCE,
            management_account=self.management,
            key_grants=resource.key_grants,
        )
        context = known if context is None else context
        supported = resource.rcp_supported and self.rcp_services(action.partition(":")[0].lower())
        request = Request(principal or caller, action, resource.arn, resource.account, context, supported)
        return decide(policies, request).allowed


COUNTRIES = {
    kind: st.builds(
        Country,
        st.lists(make.worlds(plain=kind == "plain"), min_size=1, max_size=3),
        some(range(len(make.PRINCIPALS)), 5),
        some(make.RESOURCES, 5),
        st.lists(st.sampled_from((*make.ACCOUNTS, None)), min_size=1, max_size=3),
        st.just([{}]) if kind == "plain" else st.lists(make.CONTEXTS, min_size=1, max_size=3),
        st.sets(st.sampled_from(["s3", "iam", "kms"]), max_size=2),
    )
    for kind in ("whole", "plain")
}


@pytest.fixture(params=[0, columns.FEW], ids=["by pattern", "one by one"])
def few(request, monkeypatch):
    """Small worlds are matched in the way of large ones, too."""
    monkeypatch.setattr(columns, "FEW", request.param)
    monkeypatch.setattr(rows, "FEW", request.param)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("kind", COUNTRIES)
def test_every_cell_is_the_engines_decision(kind, record_property):
    """Where nothing is unknown, each cell is certain where the engine allows, and else not possible."""
    chosen = int(os.environ.get("MASUGATA_SEED", "0")) or (secrets.randbelow(1 << 32) if NIGHTLY else 1)
    cells = 0

    @seed(chosen)
    @settings(max_examples=EXAMPLES)
    @given(COUNTRIES[kind], some(make.ACTIONS, 8))
    def agree(country, actions):
        nonlocal cells
        matrix = country.matrix(actions, lambda context: Facts(context, EVERYTHING))
        for access in matrix.accesses():
            for subject, action, resource in product(access.subjects, actions, country.resources):
                verdict = matrix.verdict(access, action, resource.arn)
                allowed = country.decide(matrix.subjects.index(subject), action, resource)
                assert verdict is (Verdict.CERTAIN if allowed else Verdict.NO), (subject, action, resource)
                cells += 1

    agree()
    record_property("told", f"{cells} cells of the matrix agree with the engine; seed {chosen}")
    assert cells >= 5_000


@pytest.mark.usefixtures("few")
@settings(max_examples=EXAMPLES)
@given(
    COUNTRIES["whole"],
    some(make.ACTIONS, 4),
    st.sets(st.sampled_from(make.KEYS)),
    st.lists(make.CONTEXTS, min_size=2, max_size=6),
)
def test_what_is_unknown_is_bounded(country, actions, known_keys, contexts):
    """What is certain is allowed whatever the unknown keys hold, and what may be allowed is possible."""
    matrix = country.matrix(
        actions,
        lambda context: Facts(
            {key: value for key, value in context.items() if key in known_keys},
            [key for key in known_keys if key not in context],
        ),
    )
    for access in matrix.accesses():
        for subject, action, resource in product(access.subjects, actions, country.resources):
            number = matrix.subjects.index(subject)
            own = country.callers[number][2]
            verdict = matrix.verdict(access, action, resource.arn)
            for context in contexts:
                merged = {key: value for key, value in context.items() if key not in known_keys}
                merged |= {key: value for key, value in own.items() if key in known_keys}
                if country.decide(number, action, resource, merged):
                    assert verdict is not Verdict.NO
                else:
                    assert verdict is not Verdict.CERTAIN


@pytest.mark.usefixtures("few")
@settings(max_examples=EXAMPLES)
@given(COUNTRIES["whole"], some(make.ACTIONS, 4))
def test_sessions_of_any_name_are_bounded(country, actions):
    """What is certain holds for every session of a role, and what some session may do is possible."""
    country.callers = [caller for caller in country.callers if caller[0].kind == "role-session"]
    matrix = country.matrix(actions, lambda context: Facts(context, EVERYTHING), any_session=True)
    for access in matrix.accesses():
        for subject, action, resource in product(access.subjects, actions, country.resources):
            number = matrix.subjects.index(subject)
            verdict = matrix.verdict(access, action, resource.arn)
            for name in ("now", "then"):
                principal = replace(
                    subject.principal,
                    arn=subject.principal.arn.rpartition("/")[0] + f"/{name}",
                    unique_id=f"{subject.principal.issuer_id}:{name}",
                )
                allowed = country.decide(number, action, resource, principal=principal)
                assert verdict is not (Verdict.NO if allowed else Verdict.CERTAIN)


@pytest.mark.parametrize("confined", [False, True])
def test_who_is_confined_never_leaves_the_session_policy(confined):
    """A grant by name passes over the session policy of a caller, but not of one who is confined to it."""
    user = replace(make.BOB, confined=confined)
    grant = make.NEW | {"Statement": make.ALLOW_ALL | {"Principal": {"AWS": user.arn}}}
    resource = Resource(make.RESOURCES[1], make.HERE, make.policy_set(PolicyType.RESOURCE, [grant]))
    subject = Subject(user, session=make.policy_set(PolicyType.SESSION, []))
    matrix = Matrix([subject, replace(subject, principal=make.BOB)], ["s3:GetObject"], [resource])
    verdicts = {
        one.principal.confined: matrix.verdict(access, "s3:GetObject", resource.arn)
        for access in matrix.accesses()
        for one in access.subjects
    }
    assert verdicts == {False: Verdict.CERTAIN} | {confined: Verdict.NO if confined else Verdict.CERTAIN}
