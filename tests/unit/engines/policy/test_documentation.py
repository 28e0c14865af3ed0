"""The documented example."""

import doctest

import masugata.engines.policy


def test_example_runs():
    """The example in the package's documentation does what it shows."""
    result = doctest.testmod(masugata.engines.policy)
    assert (result.failed, result.attempted > 0) == (0, True)


def test_public_names_are_a_dozen():
    """What a user of the engine must know is not more than twelve names."""
    assert len(masugata.engines.policy.__all__) <= 12
