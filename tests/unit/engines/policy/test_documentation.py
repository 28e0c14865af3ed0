"""The documented example."""

import doctest

import pytest

import masugata.engines.policy
import masugata.engines.policy.matrix


@pytest.mark.parametrize("package", [masugata.engines.policy, masugata.engines.policy.matrix])
def test_example_runs(package):
    """The example in each package's documentation does what it shows."""
    result = doctest.testmod(package)
    assert (result.failed, result.attempted > 0) == (0, True)


def test_public_names_are_a_dozen():
    """What a user of the engine must know is not more than twelve names."""
    assert len(masugata.engines.policy.__all__) <= 12
