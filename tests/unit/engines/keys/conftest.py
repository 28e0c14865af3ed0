"""One key of each spec; RSA takes its time to make."""

import os

import pytest

from masugata.engines import keys


@pytest.fixture(scope="session")
def secrets() -> dict[str, bytes]:
    """The secret of a key of each spec that is built."""
    return {spec: keys.generate(spec, os.urandom) for spec in keys.KEY_SPECS if spec not in keys.UNSUPPORTED}


@pytest.fixture(scope="session")
def pairs(secrets: dict[str, bytes]) -> dict[str, keys.PrivateKey]:
    """The key pairs among them."""
    return {
        spec: keys.open_secret(spec, secret)
        for spec, secret in secrets.items()
        if keys.KEY_SPECS[spec].asymmetric
    }


@pytest.fixture(scope="session")
def public_keys(pairs: dict[str, keys.PrivateKey]) -> dict[str, bytes]:
    """Their public halves."""
    return {spec: keys.public_key_of(pair) for spec, pair in pairs.items()}
