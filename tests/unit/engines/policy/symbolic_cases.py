"""Cases about many requests at once, checked on requests that stand for them.

`discovery` says under which conditions a request is allowed: every way to meet or miss them is asked.
`wildcard_resources` says what is allowed of all resources of a pattern: some of them are asked.
"""

from itertools import product

from masugata.engines.policy.variables import Context
from unit.engines.policy.cases import decide_case, outcome

FILLS = ("x", "public/x", "private/y", "a/b:c")


def discovery(case):
    """What is expected if the conditions are as expected, else what was decided, and in which context."""
    expect, asked = case["expect"], case["request"]
    tree = expect.get("conditions")
    if tree is None or tree["conditionType"] == "sessionName":
        names = tree["sessionName"] if tree else ["another"]
        got = [decide_case(case, context=context, session_name=names[0]) for context in witnesses(case)]
        best = next((decision for decision in got if decision.allowed), got[0])
        return outcome(best), expect["decision"], any(decision.allowed for decision in got)
    for meets in product((True, False), repeat=len(leaves(tree))):
        context = context_for(zip(leaves(tree), meets, strict=True), asked["context"])
        if context is None:  # two leaves of one key cannot be told apart
            continue
        got = decide_case(case, context=context)
        if got.allowed != holds(tree, dict(zip(map(id, leaves(tree)), meets, strict=True))):
            return (outcome(got), context), expect["decision"], got.allowed
    return expect["decision"], expect["decision"], False


def wildcard_resources(case):
    """`Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`, as the resources of the pattern are decided."""
    expect, pattern = case["expect"], case["request"]["resource"]
    for found in filter(None, expect["results"]):
        instance = completed(found["resourcePattern"], pattern).replace("*", "x")
        got = decide_case(case, resource=instance)
        if outcome(got) != found["result"]:
            return (outcome(got), instance), found["result"], got.allowed
    if any(expect["results"]):
        return expect["overall"], expect["overall"], False
    resources = {pattern.replace("*", fill) if pattern != "*" else pattern for fill in FILLS}
    decisions = [decide_case(case, resource=r, context=c) for r in sorted(resources) for c in witnesses(case)]
    words = {"allow": "Allowed", "deny_implicit": "ImplicitlyDenied", "deny_explicit": "ExplicitlyDenied"}
    seen = {words[outcome(decision)] for decision in decisions}
    best = next(word for word in words.values() if word in seen)
    return best, expect["overall"], "Allowed" in seen


def completed(pattern, asked):
    """A short pattern with the segments of what was asked, or with some of our own."""
    given = pattern.split(":")
    if len(given) >= 6:
        return pattern
    rest = asked.split(":") if asked != "*" else ["", "", "", "us-east-1", "111111111111", "x"]
    return ":".join([*given, *rest[len(given) :]])


def witnesses(case) -> list[Context]:
    """The request's context, and it with the values that the policies ask for, if those are not known."""
    known = dict(case["request"]["context"])
    options = case.get("discovery") or case.get("options") or {}
    constraints = options.get("discoveryContextKeyConstraints") or []
    open_keys = {found["keyName"].lower() for found in constraints if not found["valueIsKnown"]}
    asked = {
        key: values if isinstance(values, str) else values[0]
        for document in case["policies"]["identity"]
        for statement in _listed(document["Statement"])
        for tests in statement.get("Condition", {}).values()
        for key, values in tests.items()
        if key.lower() in open_keys
    }
    return [known, {key: value for key, value in known.items() if key not in asked} | asked]


def leaves(tree):
    """The single conditions of a tree, in order."""
    if tree["conditionType"] != "group":
        return [tree]
    return [leaf for child in tree["conditions"] for leaf in leaves(child)]


def holds(tree, meets):
    """Whether a tree holds if its leaves hold as `meets` says."""
    if tree["conditionType"] != "group":
        return meets[id(tree)]
    combine = all if tree["operator"] == "and" else any
    return combine(holds(child, meets) for child in tree["conditions"])


def context_for(wanted, known):
    """A context in which each leaf holds or not, as wanted; None if two of them contradict."""
    context = dict(known)
    chosen = {}
    for leaf, meets in wanted:
        key, value = leaf["key"], _value(leaf, meets=meets)
        if leaf["op"] == "Null":  # says no more than the leaf beside it, whose values it needs
            if not meets:
                return None
            continue
        if chosen.setdefault(key, value) != value:
            return None
        context = {name: v for name, v in context.items() if name.lower() != key.lower()} | {key: value}
    return context


def _value(leaf, *, meets):
    """A value of the key with which the leaf holds, or does not."""
    name = leaf["op"].rpartition(":")[2].removesuffix("IfExists")
    negated = "Not" in name
    listed = leaf["values"][0]
    other = {"Bool": "false", "NumericGreaterThanEquals": "0.5"}.get(name, "another")
    if "IpAddress" in name:
        listed, other = listed.partition("/")[0], "198.51.100.7"
    value = listed if meets != negated else other
    return [value] if ":" in leaf["op"] else value


def _listed(value):
    return value if isinstance(value, list) else [value]
