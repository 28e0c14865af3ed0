"""Tokens and secrets for the tests of seals."""

import pytest

import softhsm


@pytest.fixture(scope="session")
def tokens(tmp_path_factory):
    """Two tokens of SoftHSM; the tests are skipped, loudly, where it is not installed."""
    if not softhsm.installed():
        pytest.skip("SOFTHSM IS NOT HERE: apt-get install softhsm2")
    return softhsm.make_tokens(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def passphrase():
    """A passphrase that is long enough."""
    return "枡形の門を開ける".encode()
