"""Calls that race through several workers: rules and permissions hold as if there were one."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from e2e.conftest import policy
from e2e.workers import Supervised, supervised
from policies import allow
from stress.client import Connection, Identity, text

T = TypeVar("T")
CLIENTS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """A server with three workers."""
    with supervised(tmp_path_factory.mktemp("racing") / "data", 3) as (started, _):
        yield started


def race(server: Supervised, *acts: Callable[[Connection], T]) -> list[T]:
    """Let every act begin at once, spread over all workers; gives what each came to."""
    results: list[T | None] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int, connection: Connection) -> None:
        start.wait()
        results[index] = acts[index](connection)

    with server.connection_to_each() as workers:
        owned = [Connection(server.host) for _ in acts[len(workers) :]]
        connections = [*workers.values(), *owned]
        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(connections[: len(acts)])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection in owned:
            connection.close()
    return results


def call(identity: Identity, service: str, action: str, **parameters: str) -> Callable[[Connection], str]:
    """A call, whose outcome is `ok` or the code of its error."""

    def act(connection: Connection) -> str:
        status, body = connection.call(identity, service, action, **parameters)
        return "ok" if status == 200 else text(body, "Code")

    return act


def assume(identity: Identity, role: str) -> Callable[[Connection], Identity | str]:
    """AssumeRole: a session, or the code of the error."""

    def act(connection: Connection) -> Identity | str:
        status, body = connection.call(
            identity,
            "sts",
            "AssumeRole",
            RoleArn=f"arn:aws:iam::111122223333:role/{role}",
            RoleSessionName="racing",
        )
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        return Identity(*(text(body, n) for n in names)) if status == 200 else text(body, "Code")

    return act


def test_quota(server: Supervised) -> None:
    """Of twenty racing CreateAccessKey two succeed, and of twenty CreatePolicyVersion four."""
    admin, iam = server.identity(), server.client("iam")
    iam.create_user(UserName="quota")
    keys = race(server, *[call(admin, "iam", "CreateAccessKey", UserName="quota")] * CLIENTS)
    assert Counter(keys) == {"ok": 2, "LimitExceeded": CLIENTS - 2}
    assert len(iam.list_access_keys(UserName="quota")["AccessKeyMetadata"]) == 2
    document = json.dumps(policy(allow("iam:ListUsers")))
    arn = iam.create_policy(PolicyName="quota", PolicyDocument=document)["Policy"]["Arn"]
    version = call(admin, "iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document)
    assert Counter(race(server, *[version] * CLIENTS)) == {"ok": 4, "LimitExceeded": CLIENTS - 4}


def test_same_name(server: Supervised) -> None:
    """Of twenty racing CreateUser with one name, however it is written, one succeeds."""
    admin = server.identity()
    for name in ("same", "other", "third"):
        spellings = [name, name.upper()] * (CLIENTS // 2)
        outcomes = race(server, *[call(admin, "iam", "CreateUser", UserName=each) for each in spellings])
        assert Counter(outcomes) == {"ok": 1, "EntityAlreadyExists": CLIENTS - 1}


def test_deleted_role(server: Supervised) -> None:
    """A role is deleted while it is assumed: its sessions are dead once the delete is answered."""
    admin, iam = server.identity(), server.client("iam")
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": server.account}})
    for number in range(10):
        role = f"short-lived-{number}"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
        assuming: list[Callable[[Connection], object]] = [assume(admin, role)] * (CLIENTS - 1)
        deleted, *assumed = race(server, call(admin, "iam", "DeleteRole", RoleName=role), *assuming)
        assert deleted == "ok"
        sessions = [outcome for outcome in assumed if isinstance(outcome, Identity)]
        assert {outcome for outcome in assumed if isinstance(outcome, str)} <= {"AccessDenied"}
        with server.connection_to_each() as workers:
            for connection in workers.values():
                assert assume(admin, role)(connection) == "AccessDenied"
                for session in sessions:
                    outcome = call(session, "sts", "GetCallerIdentity")(connection)
                    assert outcome == "InvalidClientTokenId"


def test_detached_policy(server: Supervised) -> None:
    """Once a detach is answered by one worker, no worker allows; once an attach is, every worker does."""
    admin, iam = server.identity(), server.client("iam")
    user = Identity(*server.user("detached"))
    document = json.dumps(policy(allow("iam:ListGroups")))
    arn = iam.create_policy(PolicyName="detached", PolicyDocument=document)["Policy"]["Arn"]
    named = {"UserName": "detached", "PolicyArn": arn}
    with server.connection_to_each() as workers:
        for changing in [*workers.values()] * 10:
            assert call(admin, "iam", "AttachUserPolicy", **named)(changing) == "ok"
            assert [call(user, "iam", "ListGroups")(each) for each in workers.values()] == ["ok"] * 3
            assert call(admin, "iam", "DetachUserPolicy", **named)(changing) == "ok"
            assert [call(user, "iam", "ListGroups")(each) for each in workers.values()] == [
                "AccessDenied"
            ] * 3


def test_permission_that_is_taken_away_meanwhile(server: Supervised) -> None:
    """Changes that race with the loss of their permission are done or denied; none is done after the loss."""
    admin, iam = server.identity(), server.client("iam")
    worker = Identity(*server.user("losing", p=policy(allow("iam:TagUser"))))
    tag = {"Tags.member.1.Key": "k", "Tags.member.1.Value": "v", "UserName": "losing"}
    for _ in range(5):
        iam.put_user_policy(
            UserName="losing", PolicyName="p", PolicyDocument=json.dumps(policy(allow("iam:TagUser")))
        )
        lose = call(admin, "iam", "DeleteUserPolicy", UserName="losing", PolicyName="p")
        lost, *tagged = race(server, lose, *[call(worker, "iam", "TagUser", **tag)] * (CLIENTS - 1))
        assert lost == "ok"
        assert set(tagged) <= {"ok", "AccessDenied"}
        assert set(race(server, *[call(worker, "iam", "TagUser", **tag)] * 6)) == {"AccessDenied"}


def test_command_line_beside_workers(server: Supervised) -> None:
    """A root key that the command line makes and deletes opens, and opens no more, at every worker."""
    from click.testing import CliRunner

    from masugata.cli.root import root
    from masugata.server import read_credentials

    def run(*arguments: str) -> None:
        done = CliRunner().invoke(root, [*arguments, "--data", str(server.data)])
        assert done.exit_code == 0, done.output

    run("create-access-key")
    key = read_credentials(server.data / "credentials", "root")
    with server.connection_to_each() as workers:
        who = call(Identity(*key), "sts", "GetCallerIdentity")
        assert [who(each) for each in workers.values()] == ["ok"] * 3
        run("delete-access-key", key[0])
        assert [who(each) for each in workers.values()] == ["InvalidClientTokenId"] * 3
