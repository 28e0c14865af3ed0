"""One installation for all tests of a file that has none of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from masugata.testing import LocalAws, local_aws


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """One account for all tests."""
    with local_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def waf(aws: LocalAws) -> Any:
    """A client of the administrator."""
    return aws.client("wafv2")
