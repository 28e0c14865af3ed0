"""Records, guardrails and engine together against a slow model of organizations.

`MASUGATA_SEED=…` repeats what a run printed.
"""

import os
import secrets
from collections import Counter
from copy import deepcopy
from itertools import pairwise, product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from masugata.authorization.authorizer import engine_input
from masugata.authorization.context import request_context
from masugata.authorization.guardrails import guardrails
from masugata.engines.policy import PolicyType, compile_policy, decide
from masugata.wire import HttpRequest
from model.organization_model import FULL_ACCESS, Tree, expected, levels, organization_keys, tree_of
from property.authorization import organization_strategies as make
from property.authorization import organization_world as world

NIGHTLY = settings.default.max_examples >= 20_000
EXAMPLES = 12_000 if NIGHTLY else 100
ASKED = 40  # of a world in one state
_HTTP = HttpRequest(method="POST", path="/", source_ip="192.0.2.7")
_MODEL_KEYS = {"aws:RequestedRegion": "us-east-1", "aws:PrincipalIsAWSService": "false"}


def outcome(records, who, access):
    """What the real parts say, and the organization's keys that they compared."""
    context = request_context(_HTTP, who.caller, "us-east-1", world.NOW, records)
    policies, request = engine_input(who.caller, access, context, records)
    if who.stands_for is not None:
        request = replace(request, principal=who.stands_for)
    its = {key: value for key, value in request.context.items() if "Org" in key}
    decision = decide(policies, request)
    said = "allow" if decision.allowed else "explicit" if decision.explicit else "implicit"
    return said, None if decision.allowed else decision.level, its


def statements(policies):
    """What compiled policies were compiled from."""
    return [[statement.raw for statement in policy.statements] for policy in policies]


def bound(account, records):
    """The guardrails of an account, by what their statements say."""
    found = guardrails(account, records)
    levels_ = [[statements(level.policies) for level in kind] for kind in (found.scp, found.rcp)]
    return found.organization, found.path, *levels_


def wanted_bound(account, trees):
    """The same by the model."""
    tree = tree_of(trees, account)
    place = ("", "") if tree is None else (tree.id, tree.path(account))
    levels_ = [
        [
            statements(compile_policy(d, PolicyType(kind), "") for d in level)
            for level in levels(trees, account, kind)
        ]
        for kind in ("scp", "rcp")
    ]
    return *place, *levels_


def wanted(trees, who, access, own, resource_type):
    """The same by the model."""
    identity = [] if who.principal.external or who.principal.kind == "root" else [world.OPEN]
    policies = (identity, who.session, own, resource_type)
    asked = (access.action, access.resource, access.resource_account)
    owner = access.resource_account or who.standing_in or who.principal.account
    keys = organization_keys(trees, owner, "Resource")
    if not who.principal.external:
        keys |= organization_keys(trees, who.principal.account, "Principal")
    return *expected(trees, who, asked, policies, _MODEL_KEYS), keys


def test_records_guardrails_and_engine_agree_with_the_model(record_property):
    """Whoever asks whatever of whichever account, before a change of an organization and after it.

    A state that was left is asked again, too: what is remembered of one must not answer for another.
    """
    chosen = int(os.environ.get("MASUGATA_SEED", "0")) or (secrets.randbelow(1 << 32) if NIGHTLY else 1)
    said = Counter()

    @seed(chosen)
    @settings(max_examples=EXAMPLES)
    @given(make.trees(make.MANAGEMENT), make.trees(make.ELSEWHERE), st.data(), st.randoms())
    def agree(one, other, data, random):
        trees = deepcopy([one, other])
        records = world.Records(trees)
        states = [(records.snapshot, deepcopy(trees))]
        for _ in range(2):
            tree = trees[data.draw(st.integers(0, 1))]
            records.change(tree, data.draw(make.changes(tree)))
            states.append((records.snapshot, deepcopy(trees)))
        # Callers and requests are many and simple: from a plain source, which Hypothesis need not shrink.
        # They are the same in all states, of which the last is the first again.
        everything = [request for account in make.ACCOUNTS for request in world.requests(account)]
        asked = [(random.random(), random.choice(everything)) for _ in range(ASKED)]
        for snapshot, then in (*states, states[0]):
            for account in make.ACCOUNTS:
                assert bound(account, snapshot) == wanted_bound(account, then)
            everybody = [w for account in make.ACCOUNTS for w in world.callers(snapshot, account)]
            for place, (access, own, type_) in asked:
                who = everybody[int(place * len(everybody))]
                answer = outcome(snapshot, who, access)
                assert answer == wanted(then, who, access, own, type_), (who, access)
                said[answer[:2]] += 1

    agree()
    told = ", ".join(f"{count} {' '.join(filter(None, answer))}" for answer, count in said.most_common())
    record_property("told", f"decisions in organizations: {told}; seed {chosen}")
    for answer in (("explicit", "scp"), ("implicit", "scp"), ("explicit", "rcp"), ("implicit", "rcp")):
        assert said[answer] >= EXAMPLES // 10, answer
    assert said["allow", None] >= EXAMPLES


NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ONLY_S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
FOREIGN = {"StringNotEquals": {"aws:PrincipalOrgID": "o-1111111111"}}


@pytest.mark.parametrize("kind", ["scp", "rcp"])
@pytest.mark.parametrize(
    ("level", "statement"),
    [(0, NOTHING), (2, ONLY_S3), (3, NOTHING | {"Condition": FOREIGN})],
    ids=["deny at the root", "allow-list on a unit", "deny of foreigners on the account"],
)
def test_everybody_asks_everything(kind, level, statement):
    """Model and real parts agree on every kind of caller, action and owner, whatever the level that binds."""
    member = make.MEMBERS[make.MANAGEMENT][0]
    way = ["r-1111", "ou-1111-00000001", "ou-1111-00000002", member]
    one = Tree("o-1111111111", way[0], make.MANAGEMENT, dict(pairwise(reversed(way))), {}, {"scp", "rcp"})
    one.parents[make.MANAGEMENT] = way[2]
    named = {"Principal": "*"} if kind == "rcp" else {}
    one.attached[way[level], kind] = [{"Version": "2012-10-17", "Statement": [statement | named]}]
    if statement is not ONLY_S3:
        one.attached[way[level], kind].append(FULL_ACCESS[kind])
    other = Tree("o-2222222222", "r-2222", make.ELSEWHERE, {make.ELSEWHERE: "r-2222"}, {}, {"scp", "rcp"})
    trees = [one, other]
    records = world.Records(trees).snapshot
    accounts = (make.MANAGEMENT, member, make.ELSEWHERE)
    for caller, owner in product(accounts, accounts):
        for who, asked in product(world.callers(records, caller), world.requests(owner)):
            assert outcome(records, who, asked[0]) == wanted(trees, who, *asked), (who, asked[0])
