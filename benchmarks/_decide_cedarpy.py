"""Cedar, through cedarpy, on the workload translated, in cedarpy's environment: prints JSON for `decide.py`.

Policies and entities are prepared once. A Deny becomes a `forbid`, and each level that must allow a
`forbid` unless something in it does, so that Cedar decides the same as the rules of IAM.
"""

import json
import sys
import time
from typing import Any

import _decide_workload as workload
from cedarpy import Decision, Entities, PolicySet, is_authorized


def literal(text: str) -> str:
    """A Cedar string."""
    return json.dumps(text)


def pattern(text: str) -> str:
    """A Cedar pattern; `?` becomes `*`, which the workload's patterns do not tell apart."""
    return literal(text.replace("?*", "*").replace("?", "*"))


def element(attribute: str, values: str | list[str]) -> str:
    """An Action or Resource element."""
    values = [values] if isinstance(values, str) else values
    tests = [f"context.{attribute} like {pattern(value)}" for value in values]
    return "(" + " || ".join(tests) + ")"


def condition(operator: str, key: str, values: str | list[str]) -> str:
    """One condition of the operators that the workload has."""
    values = [values] if isinstance(values, str) else values
    name = f"context.{attribute_name(key)}"
    forms = {
        "StringEquals": lambda v: f"{name} == {literal(v)}",
        "StringLike": lambda v: f"{name} like {pattern(v)}",
        "Bool": lambda v: f"{name} == {literal(v)}",
        "NumericLessThan": lambda v: f"{name} < {v}",
        "IpAddress": lambda v: f"ip({name}).isInRange(ip({literal(v)}))",
    }
    return "(" + " || ".join(map(forms[operator], values)) + ")"


def attribute_name(key: str) -> str:
    """A context key as a Cedar identifier."""
    return key.replace(":", "_").replace("/", "_")


def expression(statement: dict[str, Any]) -> str:
    """All that must hold for a statement to match; its principal is the caller or everyone."""
    parts = [element("action", statement["Action"]), element("resource", statement["Resource"])]
    for operator, tests in statement.get("Condition", {}).items():
        parts += [condition(operator, key, values) for key, values in tests.items()]
    return "(" + " && ".join(parts) + ")"


def translate(made: workload.Workload) -> str:
    """The whole workload as Cedar policies."""
    levels = [*made.scp, made.identity, [made.boundary], [made.resource]]
    statements = [statement for level in levels for found in level for statement in found["Statement"]]
    by_resource = allowing([made.resource])
    guards = [allowing(level) for level in made.scp]
    guards.append(
        [*by_resource, *allowing([made.boundary])]
    )  # what names the caller passes over its boundary
    permits = [*by_resource, *allowing(made.identity)]
    return "\n".join(
        [
            *(f"{_FORBID} when {{ {expression(s)} }};" for s in statements if s["Effect"] == "Deny"),
            *(f"{_FORBID} unless {{ {' || '.join(guard)} }};" for guard in guards),
            *(f"permit(principal, action, resource) when {{ {granted} }};" for granted in permits),
        ]
    )


_FORBID = "forbid(principal, action, resource)"


def allowing(documents: list[workload.Document]) -> list[str]:
    """What each Allow of some policies asks for."""
    return [expression(s) for found in documents for s in found["Statement"] if s["Effect"] == "Allow"]


def main() -> None:
    """`STATEMENTS ROUNDS`: nanoseconds of every decision, and the last round's answers."""
    statements, rounds = map(int, sys.argv[1:])
    made = workload.make(statements)
    policies, entities = PolicySet.from_str(translate(made)), Entities.from_json_str("[]")
    times: list[int] = []
    allowed: list[bool] = []
    for _ in range(rounds):
        allowed = []
        for request in made.requests:
            context: dict[str, Any] = {attribute_name(key): value for key, value in request.context.items()}
            context |= {"action": request.action, "resource": request.resource}
            context["aws_MultiFactorAuthAge"] = int(request.context["aws:MultiFactorAuthAge"])
            asked = {
                "principal": {"type": "User", "id": "alice"},
                "action": {"type": "Action", "id": "call"},
                "resource": {"type": "Resource", "id": "any"},
                "context": context,
            }
            start = time.perf_counter_ns()
            answer = is_authorized(asked, policies, entities)
            times.append(time.perf_counter_ns() - start)
            allowed.append(answer.decision == Decision.Allow)
    print(json.dumps({"times": times, "allowed": allowed}))


if __name__ == "__main__":
    main()
