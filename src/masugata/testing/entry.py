"""`local_aws`: entered with `with`, or put on a function or a test case."""

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from masugata.testing.decorating import decorated

if TYPE_CHECKING:
    from masugata.testing.aws import LocalAws

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Entrance:
    """A way in, which can be taken more than once; each time the accounts are new."""

    def __init__(
        self,
        account: str,
        region: str | None,
        limits: Mapping[str, int] | None,
        organization: str | os.PathLike[str] | None,
    ) -> None:
        self._account = account
        self._region = region
        self._limits = limits
        self._organization = organization
        self._entered: list[LocalAws] = []

    def __enter__(self) -> "LocalAws":
        from masugata.testing.aws import LocalAws  # noqa: PLC0415  imports botocore and the gateway

        aws = LocalAws(self._account, self._region, self._limits, self._organization)
        aws._enter()  # noqa: SLF001
        self._entered.append(aws)
        return aws

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop()._leave()  # noqa: SLF001

    def __call__(self, function: Decorated) -> Decorated:
        """Decorate a function, coroutine, generator or unittest.TestCase: see `local_aws`."""
        inside: Decorated = decorated(function, self._again)
        return inside

    def _again(self) -> Self:
        return type(self)(self._account, self._region, self._limits, self._organization)


@overload
def local_aws(function: Decorated, /) -> Decorated: ...
@overload
def local_aws(
    *,
    account: str = ...,
    region: str | None = ...,
    limits: Mapping[str, int] | None = ...,
    organization: str | os.PathLike[str] | None = ...,
) -> Entrance: ...
def local_aws(
    function: Callable[..., Any] | None = None,
    /,
    *,
    account: str = "111122223333",
    region: str | None = None,
    limits: Mapping[str, int] | None = None,
    organization: str | os.PathLike[str] | None = None,
) -> Any:
    """Masugata in this process, empty but for an account and its user `admin`.

    ``with local_aws() as aws:`` gives a `LocalAws`. ``@local_aws`` and ``@local_aws(account=…)`` enter
    anew for each call of a function, plain, async or generator, and fill its parameter `aws` if it has
    one; on a unittest.TestCase for each test, set-up and clean-up included, as `self.aws`.

    While it lasts, no botocore client of this process reaches the network, whenever it was made; a
    client without credentials of its own acts as `admin`. `account` is an id, or a name; `region` that
    of clients that name none, by default the environment's or us-east-1; `limits` are quotas that are other
    than AWS's, as in the setting of this name. `organization` is a file as `masugata apply` reads it: what it
    describes is there from the beginning, and again after a reset. Raises ValueError for an account that is
    neither, `InvalidFileError` for a file that breaks rules.
    """
    entrance = Entrance(account, region, limits, organization)
    return entrance if function is None else entrance(function)
