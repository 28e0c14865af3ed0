"""Slow work of operations: done outside the writer, within bounds, and judged again after it."""

import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.call import Call, Operation, Pool, slow_read
from masugata.errors import AwsError
from masugata.gateway.preparation import Preparation
from masugata.services import SERVICES
from masugata.services.iam.users import create_user, get_user
from support import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def prepared_by(prepare: Any, handler: Any = create_user) -> Operation:
    """A CreateUser that is prepared so."""
    return Operation(handler, writes=True, prepare=prepare)


def test_what_was_prepared_reaches_the_handler(house, monkeypatch):
    """The work runs in a thread of the pool, on the snapshot, and its result is the handler's."""
    seen: list[Any] = []

    def prepare(call: Call, request: Any) -> str:
        seen.append((threading.current_thread().name, request["UserName"]))
        with pytest.raises(RuntimeError, match="writes"):
            _ = call.transaction
        return "hash"

    def handler(call: Call, request: Any) -> Any:
        seen.append(call.prepared)
        return create_user(call, request)

    monkeypatch.setitem(SERVICES["iam"], "CreateUser", prepared_by(prepare, handler))
    house.client("iam").create_user(UserName="alice")
    (thread, name), result = seen
    assert thread.startswith("masugata-prepare")
    assert (name, result) == ("alice", "hash")


def test_a_slow_reading_call_runs_in_the_pool(house, monkeypatch):
    """It leaves the thread of the answers to others; what it answers and refuses is the caller's own."""
    threads: list[str] = []

    def handler(call: Call, request: Any) -> Any:
        threads.append(threading.current_thread().name)
        return get_user(call, request)

    monkeypatch.setitem(SERVICES["iam"], "GetUser", slow_read(handler))
    iam = house.client("iam")
    assert iam.get_user(UserName="admin")["User"]["UserName"] == "admin"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="nobody")
    assert all(thread.startswith("masugata-prepare") for thread in threads)
    assert len(threads) == 2


def test_an_error_of_the_work_is_the_answer(house, monkeypatch):
    """Nothing is changed, and the error is the caller's own."""

    def prepare(_call: Call, _request: Any) -> None:
        raise AwsError("PasswordPolicyViolation", "too short", 400)

    monkeypatch.setitem(SERVICES["iam"], "CreateUser", prepared_by(prepare))
    with pytest.raises(ClientError, match="too short"):
        house.client("iam").create_user(UserName="alice")
    assert [user["UserName"] for user in house.client("iam").list_users()["Users"]] == ["admin"]


def test_a_defect_of_the_work_is_answered(house, monkeypatch, caplog):
    """A bug in the work neither hangs the caller nor shows it the inside."""

    def prepare(_call: Call, _request: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(SERVICES["iam"], "CreateUser", prepared_by(prepare))
    with pytest.raises(ClientError) as caught:
        house.client("iam").create_user(UserName="alice")
    assert "secret" not in str(caught.value)
    assert "ZeroDivisionError" in caplog.text


def test_a_right_lost_meanwhile_is_lost(house, monkeypatch):
    """Who is no longer allowed when the work is done changes nothing."""
    iam = house.client("iam")
    iam.create_user(UserName="bob")
    iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    bob = house.client("iam", house.client_key("bob"))

    def prepare(_call: Call, _request: Any) -> None:
        iam.detach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")

    monkeypatch.setitem(SERVICES["iam"], "CreateUser", prepared_by(prepare))
    with pytest.raises(ClientError, match="not authorized"):
        bob.create_user(UserName="carol")
    assert {user["UserName"] for user in iam.list_users()["Users"]} == {"admin", "bob"}


def test_too_much_waiting_work_is_throttled():
    """An account cannot queue without end, another still finds room, and all of it is done."""
    preparation, gate = Preparation(), threading.Event()
    waiting = []
    with pytest.raises(AwsError, match="Rate exceeded"):
        waiting.extend(preparation.submit("1", gate.wait) for _ in range(1000))
    assert 0 < len(waiting) < 64
    waiting.append(preparation.submit("2", gate.wait))
    gate.set()
    assert all(future.result() for future in waiting)
    assert preparation.submit("1", lambda: 1).result() == 1


def test_hundreds_of_one_account_may_sign_at_once(house):
    """What takes a millisecond is not throttled as what takes a second is, and still has a bound."""
    pool, gate = house.gateway.pools[Pool.CRYPTOGRAPHY], threading.Event()
    waiting = [pool.submit("1", gate.wait) for _ in range(500)]
    with pytest.raises(AwsError, match="Rate exceeded"):
        waiting.extend(pool.submit("1", gate.wait) for _ in range(10_000))
    waiting.append(pool.submit("2", gate.wait))
    gate.set()
    assert all(future.result() for future in waiting)


def test_accounts_take_turns():
    """Who has much work waiting, as strangers who try to sign in, does not hold up another one's."""
    pool, order, gates = Preparation(), [], (threading.Event(), threading.Event())
    begun = threading.Barrier(3, timeout=30)
    held = [pool.submit("holding", lambda gate=gate: begun.wait() >= 0 and gate.wait()) for gate in gates]
    begun.wait()  # or a thread that is late would do what is meant to wait
    waiting = [pool.submit("sign-in", lambda: order.append("sign-in")) for _ in range(4)]
    waiting.append(pool.submit("account", lambda: order.append("account")))
    gates[0].set()  # one thread does it all: of two, nobody could say which ends first
    for future in (held[0], *waiting):
        future.result(timeout=30)
    gates[1].set()
    held[1].result(timeout=30)
    assert order == ["sign-in", "account", "sign-in", "sign-in", "sign-in"]
