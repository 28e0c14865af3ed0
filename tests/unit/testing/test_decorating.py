"""The decorator: on functions of every kind, and on test cases."""

import asyncio
import inspect
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from masugata.testing import LocalAws, local_aws
from masugata.testing.process import innermost
from unit.testing.world import who


def users(aws: LocalAws) -> list[str]:
    """Makes a user, and names all; with a second one the installation was not new."""
    aws.client("iam").create_user(UserName="alice")
    return [user["UserName"] for user in boto3.client("iam").list_users()["Users"]]


def test_functions() -> None:
    """Each call is inside one of its own; `aws` is filled where there is such a parameter."""

    @local_aws
    def with_it(first: int, *, aws: LocalAws) -> Any:
        """What it does."""
        return first, users(aws)

    @local_aws(account="444455556666")
    def without_it(first: int) -> Any:
        return first, who(boto3.client("sts"))

    assert with_it(1) == with_it(1) == (1, ["admin", "alice"])
    assert without_it(first=2) == (2, "arn:aws:iam::444455556666:user/admin")
    assert (with_it.__name__, with_it.__doc__) == ("with_it", "What it does.")
    assert list(inspect.signature(with_it).parameters) == ["first"]
    assert innermost() is None


def test_recursion() -> None:
    """A decorated function that calls itself is inside the inner one, and then inside the outer again."""

    @local_aws
    def deeper(depth: int, aws: LocalAws) -> list[str]:
        found = users(aws)
        return deeper(depth - 1) if depth else found

    assert deeper(2) == ["admin", "alice"]


def test_coroutines() -> None:
    """A coroutine is inside from its start to its end, and two that interleave have an own one each."""

    @local_aws
    async def test(aws: LocalAws) -> list[str]:
        aws.client("iam").create_user(UserName="alice")
        await asyncio.sleep(0)
        return [user["UserName"] for user in aws.client("iam").list_users()["Users"]]

    async def both() -> list[list[str]]:
        return await asyncio.gather(test(), test())

    assert inspect.iscoroutinefunction(test)
    assert asyncio.run(both()) == [["admin", "alice"]] * 2
    assert innermost() is None


def test_generators() -> None:
    """A generator, as pytest's fixtures are, is inside until it is exhausted or closed; errors reach it."""

    @local_aws
    def fixture(aws: LocalAws) -> Iterator[Any]:
        try:
            yield users(aws)
        except ZeroDivisionError:
            yield "caught"

    generator: Any = fixture()
    assert next(generator) == ["admin", "alice"]
    assert innermost() is not None
    assert generator.throw(ZeroDivisionError()) == "caught"
    generator.close()
    assert innermost() is None


def test_async_generators() -> None:
    """So is an asynchronous one."""

    @local_aws
    async def fixture(aws: LocalAws) -> AsyncIterator[Any]:
        yield users(aws)

    async def drive() -> None:
        generator: Any = fixture()
        assert await anext(generator) == ["admin", "alice"]
        assert innermost() is not None
        await generator.aclose()
        assert innermost() is None

    asyncio.run(drive())


@pytest.mark.parametrize("base", [unittest.TestCase, unittest.IsolatedAsyncioTestCase])
def test_test_cases(base: type[unittest.TestCase]) -> None:
    """Each test of a case has its own, from set-up to clean-up, as `self.aws`."""
    seen: list[Any] = []

    class Case(base):
        aws: LocalAws

        def setUp(self) -> None:
            seen.append(users(self.aws))
            self.addCleanup(lambda: seen.append(who(boto3.client("sts"))))

        def test_one(self) -> None:
            assert innermost() is not None

        def test_two(self) -> None:
            raise ZeroDivisionError

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(local_aws(Case)).run(result)
    assert (result.testsRun, len(result.errors), result.failures) == (2, 1, [])
    assert seen == [["admin", "alice"], "arn:aws:iam::111122223333:user/admin"] * 2
    assert innermost() is None


def test_other_classes() -> None:
    """A class of pytest's is refused, with what to do: its set-up would run outside."""
    with pytest.raises(TypeError, match="usefixtures"):

        @local_aws
        class TestThings:
            pass
