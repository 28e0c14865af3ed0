"""A test's calls inside the process, side by side with moto's `mock_aws`.

Both run the same loops of boto3 in processes of their own, in turn: a client's GetUser; entering and
leaving; and a whole small test, which enters, makes a client, creates a user and gets it. masugata
verifies each signature, evaluates the policies and records an event; moto does neither. What boto3
itself takes for GetUser is measured with an answer that is always the same: no in-process program can
be faster, and `beyond_boto3` is without it. Prints microseconds and ratios; medians of ROUNDS processes.

    python benchmarks/in_process.py [--json]
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

ROUNDS = 5
CALLS = 400
TESTS = 25
LIMIT = 0.5  # GetUser, of moto's
ROOT = Path(__file__).parent.parent
SIDES = ("masugata", "moto")
MEASURES = ("get_user", "boto3_alone", "beyond_boto3", "enter_and_leave", "whole_test", "first_test")

ANSWER = b"""<GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetUserResult><User>
<Path>/</Path><UserName>alice</UserName><UserId>AIDAQCUCPAOPZB6UZMDAC</UserId>
<Arn>arn:aws:iam::111122223333:user/alice</Arn><CreateDate>2026-11-26T00:00:00Z</CreateDate>
</User></GetUserResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetUserResponse>"""

Enter = Callable[[], AbstractContextManager[Any]]


def entrance(side: str) -> Enter:
    """How this side's tests begin; imported here, because each environment has but one of the two."""
    if side == "moto":
        from moto import mock_aws  # noqa: PLC0415

        return mock_aws  # type: ignore[no-any-return]
    from masugata.testing import local_aws  # noqa: PLC0415

    return local_aws


def microseconds(times: int, action: Callable[[], object]) -> float:
    """The median duration of an action."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations) * 1e6


class Canned(AWSResponse):  # type: ignore[misc]  # botocore has no types
    """An answer that costs nothing."""

    def __init__(self, **_: object) -> None:
        super().__init__("", 200, {"content-type": "text/xml"}, None)
        self._content = ANSWER


def boto3_alone() -> float:
    """GetUser of a client that is always given the same answer."""
    iam = boto3.client(
        "iam", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x"
    )
    iam.meta.events.register_first("before-send", Canned)
    microseconds(50, lambda: iam.get_user(UserName="alice"))
    return microseconds(CALLS, lambda: iam.get_user(UserName="alice"))


def measure(side: str) -> dict[str, float]:
    """All durations in this process, in microseconds."""
    start = time.perf_counter()
    enter = entrance(side)

    def enter_and_leave() -> None:
        with enter():
            pass

    def whole_test() -> None:
        with enter():
            iam = boto3.client("iam", region_name="us-east-1")
            iam.create_user(UserName="alice")
            iam.get_user(UserName="alice")

    whole_test()
    first = (time.perf_counter() - start) * 1e6
    with enter():
        iam = boto3.client("iam", region_name="us-east-1")
        iam.create_user(UserName="alice")
        microseconds(50, lambda: iam.get_user(UserName="alice"))
        get_user = microseconds(CALLS, lambda: iam.get_user(UserName="alice"))
    alone = boto3_alone()
    return {
        "get_user": get_user,
        "boto3_alone": alone,
        "beyond_boto3": get_user - alone,
        "enter_and_leave": microseconds(TESTS, enter_and_leave),
        "whole_test": microseconds(TESTS, whole_test),
        "first_test": first,
    }


def run(side: str) -> dict[str, float]:
    """The same in a process of that side's environment."""
    python = str(ROOT / ".venv-moto/bin/python") if side == "moto" else sys.executable
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [python, __file__, "--measure", side]
    measured: dict[str, float] = json.loads(
        subprocess.run(command, env=kept, check=True, capture_output=True).stdout
    )
    return measured


def main() -> None:
    """Measure both in turn and print medians and ratios."""
    if "--measure" in sys.argv:
        print(json.dumps(measure(sys.argv[-1])))
        return
    if not (ROOT / ".venv-moto/bin/python").exists():
        subprocess.run([ROOT / "scripts/env", "peer", "moto"], check=True)
    rounds = [{side: run(side) for side in SIDES} for _ in range(ROUNDS)]
    medians = {
        side: {what: statistics.median(round_[side][what] for round_ in rounds) for what in MEASURES}
        for side in SIDES
    }
    ratios = {
        what: statistics.median(round_["masugata"][what] / round_["moto"][what] for round_ in rounds)
        for what in MEASURES
    }
    if "--json" in sys.argv:
        print(
            json.dumps({"microseconds": medians, "ratios": ratios, "rounds": ROUNDS, "cpus": os.cpu_count()})
        )
        return
    print(f"boto3 in one process, medians of {ROUNDS} processes each (limit: GetUser {LIMIT} x moto's)")
    for what in MEASURES:
        ours, theirs = medians["masugata"][what], medians["moto"][what]
        print(f"  {what:16} masugata {ours:10.0f} us   moto {theirs:10.0f} us   ratio {ratios[what]:.2f}")


if __name__ == "__main__":
    main()
