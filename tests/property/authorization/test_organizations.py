"""Records, guardrails and engine together against a slow model of organizations.

`MASUGATA_SEED=…` repeats what a run printed.
"""

import os
import secrets
from collections import Counter
from copy import deepcopy
from dataclasses import replace

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from masugata.authorization.authorizer import engine_input
from masugata.authorization.context import request_context
from masugata.engines.policy import decide
from masugata.wire import HttpRequest
from model.organization_model import expected
from property.authorization import organization_strategies as make
from property.authorization import organization_world as world

NIGHTLY = settings.default.max_examples >= 20_000
EXAMPLES = 12_000 if NIGHTLY else 100
ASKED = 40  # of a world in one state
_HTTP = HttpRequest(method="POST", path="/", source_ip="192.0.2.7")
_MODEL_KEYS = {"aws:RequestedRegion": "us-east-1", "aws:PrincipalIsAWSService": "false"}


def outcome(records, who, access):
    """What the real parts say."""
    context = request_context(_HTTP, who.caller, "us-east-1", world.NOW, records)
    policies, request = engine_input(who.caller, access, context, records)
    if who.stands_for is not None:
        request = replace(request, principal=who.stands_for)
    decision = decide(policies, request)
    said = "allow" if decision.allowed else "explicit" if decision.explicit else "implicit"
    return said, None if decision.allowed else decision.level


def wanted(trees, who, access, own, resource_type):
    """What the model says."""
    identity = [] if who.principal.external or who.principal.kind == "root" else [world.OPEN]
    policies = (identity, who.session, own, resource_type)
    asked = (access.action, access.resource, access.resource_account)
    return expected(trees, who, asked, policies, _MODEL_KEYS)


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
            everybody = [w for account in make.ACCOUNTS for w in world.callers(snapshot, account)]
            for place, (access, own, type_) in asked:
                who = everybody[int(place * len(everybody))]
                answer = outcome(snapshot, who, access)
                assert answer == wanted(then, who, access, own, type_), (who, access)
                said[answer] += 1

    agree()
    told = ", ".join(f"{count} {' '.join(filter(None, answer))}" for answer, count in said.most_common())
    record_property("told", f"decisions in organizations: {told}; seed {chosen}")
    for answer in (("explicit", "scp"), ("implicit", "scp"), ("explicit", "rcp"), ("implicit", "rcp")):
        assert said[answer] >= EXAMPLES // 10, answer
    assert said["allow", None] >= EXAMPLES
