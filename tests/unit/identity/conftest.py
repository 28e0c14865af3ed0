"""What the tests about signed requests share."""

import pytest

from unit.identity.signed import WAYS, SignersDoor, Way


@pytest.fixture
def guarded() -> SignersDoor:
    """A world of the test's own."""
    return SignersDoor()


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Every way to sign."""
    return request.param
