"""Making the changes of a plan, one call after the other."""

import time
from collections.abc import Callable, Collection
from typing import Any

from masugata.apply.changes import Change, Names, Plan, resolved
from masugata.apply.sessions import Sessions
from masugata.client import Client, Keys
from masugata.errors import MasugataError
from masugata.services.iam.policy_versions import VERSIONS_PER_POLICY

KeepKey = Callable[[str, str, Keys, Collection[str]], None]
"""Keeps a user's new access key: the account's key in the file, the user's name, the access key, and the ids
of the user's others, which must not be lost."""
Report = Callable[[str, int], None]

_WAITS = 600
_PAUSES = (0.02, 1.0)  # seconds, the first and the longest


class StoppedError(MasugataError):
    """A change could not be made; `done` were made before, and running again goes on from there."""

    def __init__(self, change: Change, reason: str, done: int, planned: int) -> None:
        super().__init__(
            f"cannot {change.action} {change.what}: {reason}\n"
            f"{done} of {planned} changes were made; running it again goes on from there"
        )
        self.change = change
        self.done = done


def execute(
    plan: Plan,
    sessions: Sessions,
    names: Names,
    keep_key: KeepKey,
    *,
    report: Report = lambda _what, _count: None,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Make all changes; returns how many. Raises `StoppedError` at the first that fails.

    A new access key is kept as soon as it is there; one that cannot be kept is deleted again. `wait`
    sleeps for some seconds while an account is being made.
    """
    executor = _Executor(sessions, names, keep_key, wait)
    for count, change in enumerate(plan.changes):
        report(f"{change.action} {change.what}", count + 1)
        try:
            executor.make(change)
        except (MasugataError, OSError) as error:
            raise StoppedError(change, str(error), count, len(plan.changes)) from error
    return len(plan.changes)


class _Executor:
    def __init__(
        self, sessions: Sessions, names: Names, keep_key: KeepKey, wait: Callable[[float], None]
    ) -> None:
        self._sessions = sessions
        self._names = names
        self._keep_key = keep_key
        self._wait = wait

    def make(self, change: Change) -> None:
        """Make one change, and learn from it; raises `MasugataError`."""
        try:
            request = resolved(change.request, self._names)
            client = self._sessions.client_of(self._names.id("account", change.account))
        except LookupError as error:
            raise MasugataError(f"the id of {error} is not known") from error
        others: Collection[str] = ()
        if change.operation == "CreatePolicyVersion":
            self._make_room(client, request["PolicyArn"])
        if change.operation == "CreateAccessKey":
            listed = client.listed("iam", "ListAccessKeys", "AccessKeyMetadata", **request)
            others = [key["AccessKeyId"] for key in listed]
        answer = client.call(change.service, change.operation, **request)
        if change.operation == "CreateAccessKey":
            self._kept(client, change, answer["AccessKey"], others)
        if change.operation == "CreateAccount":
            answer = {"CreateAccountStatus": self._made_account(answer["CreateAccountStatus"])}
        if change.learns is not None:
            kind, key, way = change.learns
            found: Any = answer
            for step in way:
                found = found[step]
            self._names.learn(kind, key, found)
        if change.operation == "CreateOrganization":
            self._learn_root()

    def _learn_root(self) -> None:
        root = self._sessions.management.call("organizations", "ListRoots")["Roots"][0]["Id"]
        self._names.learn("root", "", root)
        self._names.learn("unit", (), root)

    def _made_account(self, status: dict[str, Any]) -> dict[str, Any]:
        """The end of a request to make an account, which is waited for."""
        pause, longest = _PAUSES
        for _ in range(_WAITS):
            if status["State"] == "SUCCEEDED":
                return status
            if status["State"] == "FAILED":
                raise MasugataError(
                    f"the account could not be made: {status.get('FailureReason', 'unknown')}"
                )
            status = self._sessions.management.call(
                "organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"]
            )["CreateAccountStatus"]
            if status["State"] == "IN_PROGRESS":
                self._wait(pause)
                pause = min(2 * pause, longest)
        raise MasugataError("the account is still not there after ten minutes")

    def _make_room(self, client: Client, arn: str) -> None:
        """A policy has five versions at most: the oldest that is not in use goes."""
        versions = list(client.listed("iam", "ListPolicyVersions", "Versions", PolicyArn=arn))
        if len(versions) < VERSIONS_PER_POLICY:
            return
        oldest = min(
            (version for version in versions if not version["IsDefaultVersion"]),
            key=lambda version: int(version["VersionId"][1:]),
        )
        client.call("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=oldest["VersionId"])

    def _kept(self, client: Client, change: Change, key: dict[str, str], others: Collection[str]) -> None:
        keys = Keys(key["AccessKeyId"], key["SecretAccessKey"])
        try:
            self._keep_key(change.account, key["UserName"], keys, others)
        except (OSError, MasugataError):
            user = {"UserName": key["UserName"]}
            client.call("iam", "DeleteAccessKey", **user, AccessKeyId=keys.access_key_id)
            raise
