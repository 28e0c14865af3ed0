"""Running a function, or every test of a test case, inside a context manager of its own."""

import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AbstractContextManager, aclosing
from typing import Any

Enter = Callable[[], AbstractContextManager[Any]]
PARAMETER = "aws"


def decorated(function: Any, enter: Enter) -> Any:
    """`function` inside `enter()`, anew for each call; its parameter `aws` is what was entered.

    Raises TypeError for a class that is no unittest.TestCase: a part of its set-up would run outside.
    """
    if isinstance(function, type):
        unittest = sys.modules.get("unittest")  # imported, it would cost everybody's pytest 3 ms
        if unittest is None or not issubclass(function, unittest.TestCase):
            raise TypeError(
                f"`{function.__name__}` is no unittest.TestCase: decorate its methods, or give it "
                '@pytest.mark.usefixtures("masugata")'
            )
        _enter_each_test(function, enter)
        return function
    signature = inspect.signature(function)
    wrapper = _wrapper(function, enter, fills=PARAMETER in signature.parameters)
    if PARAMETER in signature.parameters:
        # Or pytest would look for a fixture of this name.
        others = [p for p in signature.parameters.values() if p.name != PARAMETER]
        wrapper.__signature__ = signature.replace(parameters=others)
    return wrapper


def _wrapper(function: Any, enter: Enter, *, fills: bool) -> Any:
    def given(aws: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, PARAMETER: aws} if fills else kwargs

    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        with enter() as aws:
            return function(*args, **given(aws, kwargs))

    @functools.wraps(function)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        with enter() as aws:
            return await function(*args, **given(aws, kwargs))

    @functools.wraps(function)
    def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with enter() as aws:
            return (yield from function(*args, **given(aws, kwargs)))

    @functools.wraps(function)
    async def async_generator(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with enter() as aws:
            async with aclosing(function(*args, **given(aws, kwargs))) as values:
                async for value in values:
                    yield value

    if inspect.isasyncgenfunction(function):
        return async_generator
    if inspect.isgeneratorfunction(function):
        return generator
    return coroutine if inspect.iscoroutinefunction(function) else plain


def _enter_each_test(case: Any, enter: Enter) -> None:
    run = case.run

    @functools.wraps(run)
    def run_inside(self: Any, result: Any = None) -> Any:
        with enter() as self.aws:
            return run(self, result)

    case.run = run_inside
