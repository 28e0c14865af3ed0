"""Codes spent in a transaction, for whoever signs somebody in: STS, and sign-in with a password."""

from base64 import b32encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from masugata.errors import AwsError
from masugata.identity.mfa import (
    Pair,
    devices_of,
    find_device,
    seal_seed,
    spend_code,
    spend_pair,
)
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import MFA_DEVICE, MfaDevice
from masugata.store import Store, Transaction, open_store

ACCOUNT_ID, OWNER = "111122223333", "AIDAALICEALICEALICEAL"
NOW = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)
KEEPER = open_keeper("ephemeral:", create=True)
SEEDS = {name: bytes([number]) * 40 for number, name in enumerate(("phone", "tablet", "watch"))}


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with an account whose user has two devices, and an unassigned third one."""
    made = open_store(None if request.param == "memory" else tmp_path / "masugata.db", ALL_KINDS)
    account = Account(id=ACCOUNT_ID, root_email="root@example.com", create_date=NOW)

    def fill(transaction: Transaction) -> None:
        transaction.put(ACCOUNT, ACCOUNT_ID, account)
        for name, seed in SEEDS.items():
            sealed = seal_seed(KEEPER, ACCOUNT_ID, "/", name, seed)
            owner = None if name == "watch" else OWNER
            device = MfaDevice(name=name, seed=sealed, create_date=NOW, owner_id=owner)
            transaction.put(MFA_DEVICE, ACCOUNT_ID, device)

    made.submit(fill).result()
    yield made
    made.close()


def code(name: str, steps: int = 0) -> str:
    """What a device shows some steps from now."""
    return pyotp.TOTP(b32encode(SEEDS[name]).decode()).at(NOW, counter_offset=steps)


def serial(name: str) -> str:
    """A device's serial number."""
    return f"arn:aws:iam::{ACCOUNT_ID}:mfa/{name}"


def spend(store: Store, given: str, name: str | None = None, now: datetime = NOW) -> str:
    """Spend a code as the gateway does, with a rollback; the serial number, or the error's text."""

    def job(transaction: Transaction) -> str:
        savepoint = transaction.savepoint()
        try:
            wanted = None if name is None else serial(name)
            return spend_code(transaction, KEEPER, ACCOUNT_ID, OWNER, wanted, given, now)
        except AwsError as error:
            transaction.rollback(savepoint)
            return error.message if (error.code, error.status) == ("AccessDenied", 403) else repr(error)

    return store.submit(job).result()


def device(store: Store, name: str) -> MfaDevice:
    """The record of a device."""
    found = find_device(store.snapshot(), ACCOUNT_ID, serial(name))
    assert found is not None
    return found


def test_devices_of_an_owner(store: Store) -> None:
    """Only those that are assigned to exactly this owner."""
    assert [d.name for d in devices_of(store.snapshot(), ACCOUNT_ID, OWNER)] == ["phone", "tablet"]
    assert devices_of(store.snapshot(), ACCOUNT_ID, ACCOUNT_ID) == []


def test_without_serial_number_any_device_signs_in(store: Store) -> None:
    """The answer tells whose code it was; an unassigned device's is nobody's."""
    assert spend(store, code("tablet")) == serial("tablet")
    assert spend(store, code("phone")) == serial("phone")
    assert spend(store, code("phone")).startswith("MultiFactorAuthentication failed with invalid MFA")
    assert spend(store, code("watch")).startswith("MultiFactorAuthentication failed with invalid MFA")
    assert device(store, "watch").last_step == -1


def test_a_wrong_code_counts_for_every_device_it_was_tried_on(store: Store) -> None:
    """Several devices give no more tries, and one that waits leaves the others usable."""
    for _ in range(5):
        spend(store, "000000", "phone")
    assert "Too many" in spend(store, code("phone"), "phone")
    assert spend(store, "000000").endswith("code. ")
    assert [device(store, name).wrong_codes.count for name in SEEDS] == [5, 1, 0]
    assert "failed" in spend(store, code("phone"))
    assert spend(store, code("tablet")) == serial("tablet")
    assert spend(store, code("phone"), now=NOW + timedelta(seconds=30)) == serial("phone")


def test_a_count_and_a_spent_code_survive_a_refusal(store: Store) -> None:
    """What the call did otherwise is gone, what it proved stays known."""

    def job(transaction: Transaction) -> None:
        savepoint = transaction.savepoint()
        spend_code(transaction, KEEPER, ACCOUNT_ID, OWNER, serial("phone"), code("phone"), NOW)
        transaction.delete(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID)
        transaction.rollback(savepoint)

    store.submit(job).result()
    assert store.snapshot().get(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID) is not None
    assert "failed" in spend(store, code("phone"), "phone")
    assert device(store, "phone").wrong_codes.count == 0


def test_seeds_cannot_be_swapped(store: Store) -> None:
    """A seal opens under its own device only, so whoever can write rows cannot lend a seed."""
    with pytest.raises(Exception, match="was changed or belongs elsewhere"):
        store.submit(_swap_and_spend).result()


def _swap_and_spend(transaction: Transaction) -> None:
    found = transaction.get(MFA_DEVICE, ACCOUNT_ID, "/tablet")
    assert found is not None
    swapped = MfaDevice(name="phone", seed=found.seed, create_date=NOW, owner_id=OWNER)
    transaction.put(MFA_DEVICE, ACCOUNT_ID, swapped)
    spend_code(transaction, KEEPER, ACCOUNT_ID, OWNER, serial("phone"), code("tablet"), NOW)


@pytest.mark.parametrize(
    ("offset", "drift", "accepted"),
    [
        (0, 0, range(-1, 2)),
        (1, 0, range(-1, 2)),
        (-1, 0, range(-1, 2)),
        (3, 3, range(2, 5)),
        (-3, -3, range(-4, 2)),
        (-4, -4, range(-5, 2)),
        (-5, -5, range(-6, -3)),
    ],
)
def test_what_two_codes_tell_of_the_clock(store: Store, offset: int, drift: int, accepted: range) -> None:
    """A step is no drift; up to two minutes late may be the hand or the clock; beyond it is the clock."""

    def learn(transaction: Transaction) -> None:
        pair = Pair(code("phone", offset - 1), code("phone", offset), 10)
        learned = spend_pair(transaction, KEEPER, ACCOUNT_ID, device(store, "phone"), pair, NOW)
        assert learned.drift == drift
        forgetful = MfaDevice(
            name="phone", seed=learned.seed, create_date=NOW, owner_id=OWNER, drift=learned.drift
        )
        transaction.put(MFA_DEVICE, ACCOUNT_ID, forgetful)

    store.submit(learn).result()
    fresh = device(store, "phone")
    for steps in range(-12, 13):
        store.submit(lambda transaction: transaction.put(MFA_DEVICE, ACCOUNT_ID, fresh)).result()
        assert (spend(store, code("phone", steps), "phone") == serial("phone")) == (steps in accepted), steps
