"""moto's evaluator on the workload, in moto's environment: prints JSON for `decide.py`.

It judges a user's identity policies only, and parses them at each decision, as it does when it serves.
"""

import json
import sys
import time

import _decide_workload as workload
from moto.iam.access_control import IAMPolicy, PermissionResult


def main() -> None:
    """`STATEMENTS ROUNDS`: nanoseconds of every decision, and the last round's answers."""
    statements, rounds = map(int, sys.argv[1:])
    made = workload.make(statements)
    texts = [json.dumps(found) for found in made.identity]
    times: list[int] = []
    allowed: list[bool] = []
    for _ in range(rounds):
        allowed = []
        for request in made.requests:
            start = time.perf_counter_ns()
            policies = [IAMPolicy(text) for text in texts]
            answers = {p.is_action_permitted(request.action, request.resource) for p in policies}
            times.append(time.perf_counter_ns() - start)
            denied = PermissionResult.DENIED in answers
            allowed.append(not denied and PermissionResult.PERMITTED in answers)
    print(json.dumps({"times": times, "allowed": allowed}))


if __name__ == "__main__":
    main()
