"""The comparison of policies against requests drawn at random, which it must have foreseen."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from masugata.engines.policy import PolicySet, PolicyType, Request, compile_policy, decide
from masugata.engines.policy.comparison import Universe, compare
from masugata.engines.policy.languages import Letter, Sign, distinguished
from masugata.engines.policy.situations import EVERYTHING, NOTHING, Situation
from property.engines import policy_strategies as make

NIGHTLY = settings.default.max_examples >= 20_000
EXAMPLES = 20_000 if NIGHTLY else 300
ARNS = [resource for resource in make.RESOURCES if resource.startswith("arn:")]
UNIVERSE = Universe(make.ACTIONS)
NAMED = (PolicyType.RESOURCE, PolicyType.TRUST)
TYPES = (PolicyType.IDENTITY, PolicyType.SCP, PolicyType.BOUNDARY, *NAMED)


def compiled(type_, documents):
    """The documents as one set."""
    return PolicySet(type_, [compile_policy(document, type_, "p") for document in documents])


def situations(type_):
    """Callers and owners as the comparison may meet them."""
    if type_ not in NAMED:
        return st.just(Situation(make.BOB, make.HERE, EVERYTHING, ""))
    return st.builds(
        lambda principal, owner, identity: Situation(principal, owner, identity, ""),
        st.sampled_from([p for p in make.PRINCIPALS if not p.service_linked]),
        st.sampled_from(make.ACCOUNTS),
        st.sampled_from((EVERYTHING, NOTHING)),
    )


@st.composite
def pairs(draw):
    """Two versions of a policy, half of them one statement apart, and a few requests."""
    type_ = draw(st.sampled_from(TYPES))
    statements = make.statements(named=type_ in NAMED)
    if type_ is PolicyType.TRUST:
        statements = statements.map(lambda found: {k: v for k, v in found.items() if "Resource" not in k})
    old = draw(make.documents(statements))
    if draw(st.booleans()):
        new = [*old, make.NEW | {"Statement": [draw(statements)]}]
        old, new = (new, old) if draw(st.booleans()) else (old, new)
    else:
        new = draw(make.documents(statements))
    asked = st.tuples(
        situations(type_), st.sampled_from(make.ACTIONS), st.sampled_from([*ARNS, "*"]), make.CONTEXTS
    )
    return compiled(type_, old), compiled(type_, new), draw(st.lists(asked, min_size=1, max_size=20))


@settings(max_examples=EXAMPLES, deadline=None)
@given(pairs())
def test_no_new_permission_is_overlooked(drawn):
    """If a random request is newly allowed, its action has been found, or the comparison says what it lacks.

    And whatever it shows is newly allowed.
    """
    old, new, asked = drawn
    found = compare(old, new, UNIVERSE)
    assert all(one.new.allowed and not one.old.allowed for one in found.permissions)
    event("unknown" if found.unknown else "new" if found.permissions else "nothing new")
    if found.unknown:
        return
    shown = {name.lower() for one in found.permissions for name in one.actions}
    for place, action, anything, context in asked:
        trust = new.type is PolicyType.TRUST
        resource = f"arn:aws:iam::{place.owner}:role/example" if trust else anything
        request = Request(place.principal, action, resource, place.owner, context)
        allowed = [decide(place.policies(one), request).allowed for one in (new, old)]
        assert allowed != [True, False] or action.lower() in shown, request


def glob(text, pattern):
    """Whether a pattern of signs and letters matches, by trying everything."""
    if not pattern:
        return not text
    item, rest = pattern[0], pattern[1:]
    if isinstance(item, Letter):
        same = text[:1].lower() == item.text.lower() if item.fold else text[:1] == item.text
        return bool(text) and same and glob(text[1:], rest)
    good = bool(text) and (item in (Sign.ANY, Sign.STAR) or text[0] != ":")
    if item in (Sign.ANY, Sign.ANY_BUT_COLON):
        return good and glob(text[1:], rest)
    return glob(text, rest) or (good and glob(text[1:], pattern))


ITEMS = st.one_of(st.sampled_from(tuple(Sign)), st.builds(Letter, st.sampled_from("ab:"), st.booleans()))
PATTERNS = st.lists(st.lists(ITEMS, max_size=4).map(tuple), max_size=3)


@settings(max_examples=EXAMPLES, deadline=None)
@given(PATTERNS, st.lists(st.text("abAB:x", max_size=5), max_size=20))
def test_every_way_to_match_is_found(patterns, texts):
    """Whichever of the patterns a random text matches, one of the texts found matches just the same ones."""
    found = distinguished(patterns)
    assert found.complete
    known = {tuple(glob(text, pattern) for pattern in patterns) for text in found.texts}
    assert {tuple(glob(text, pattern) for pattern in patterns) for text in texts} <= known
