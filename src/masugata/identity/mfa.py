"""Codes of MFA devices: verified once, spent for good.

A code that was accepted is never accepted again, on any worker: it is spent in the writer's
transaction, and stays spent even if the call that brought it is refused afterwards (RFC 6238, section
5.2). After `FREE_TRIES` wrong codes in a row no further code is looked at for 30 seconds, after each
further one for twice as long, up to an hour; so guessing finds one of three valid codes among a million
with a chance of 1 in 14,000 a day. The wait ends by itself, and at once by a success of
ResyncMFADevice: two consecutive codes are too many to guess, so they wait a minute at most. Only somebody
who has the first factor can make a device wait.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from masugata.errors import AwsError
from masugata.identity import totp
from masugata.identity.caller import Caller, CallerKind
from masugata.keeper import Keeper
from masugata.records.account import ACCOUNT
from masugata.records.iam import MFA_DEVICE, MfaDevice, WrongCodes, iam_arn, mfa_device_key
from masugata.store import Records, Transaction

SEED_PURPOSE = "virtual-mfa-seed"
SEED_SIZE = 40
"""Bytes of a seed; 64 characters in base32."""

WINDOW = 1
"""Steps by which a device may be off when a code is used."""
LATE = 4
"""Steps that two codes may take from the device to us before its clock is known to be slow."""
FREE_TRIES = 5
_FIRST_WAIT = 30
_LONGEST_WAIT = 3600
_LONGEST_WAIT_FOR_PAIRS = 60

# With the blank at its end: there are clients that compare the whole text.
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNKNOWN_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
INCOMPLETE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
WRONG_PAIR = "Authentication code for device is not valid."


class Pair(NamedTuple):
    """Two codes, and by how many steps the device may be off."""

    first: str
    second: str
    window: int


def devices_of(records: Records, account: str, owner_id: str) -> list[MfaDevice]:
    """The MFA devices of a user, by its unique id, or of the root user, by the account's."""
    return records.referring(MFA_DEVICE, account, "owner", owner_id)


def find_device(records: Records, account: str, serial: str) -> MfaDevice | None:
    """The virtual device of `account` with exactly this serial number, its ARN, or None."""
    path, slash, name = serial.partition(":mfa")[2].rpartition("/")
    device = records.get(MFA_DEVICE, account, mfa_device_key(path + slash, name))
    return device if device is not None and serial_number(records, account, device) == serial else None


def serial_number(records: Records, account: str, device: MfaDevice) -> str:
    """The serial number of a virtual device: its ARN."""
    owner = records.get(ACCOUNT, account, account)
    return iam_arn(account, "mfa", device, partition=owner.partition if owner else "aws")


def seal_seed(keeper: Keeper, account: str, path: str, name: str, seed: bytes) -> bytes:
    """The seed as the device's record holds it."""
    return keeper.seal(SEED_PURPOSE, seed, seed_identity(account, path, name))


def spend_code(
    transaction: Transaction,
    keeper: Keeper,
    account: str,
    owner_id: str,
    serial: str | None,
    code: str,
    now: datetime,
) -> str:
    """Spend a code of one of the owner's devices, of any without `serial`; returns the serial number.

    What this writes, a spent code or a counted failure, survives a rollback of the transaction to a
    savepoint; the job that calls it must therefore not raise out of the writer. Raises AccessDenied.
    """
    devices = devices_of(transaction, account, owner_id)
    if serial is not None:
        devices = [d for d in devices if serial_number(transaction, account, d) == serial]
    if not devices:
        raise AwsError("AccessDenied", UNKNOWN_DEVICE, 403)
    waiting = [device for device in devices if device.wrong_codes.wait_until > now.timestamp()]
    tried = [device for device in devices if device not in waiting]
    spent = False
    for device in tried:
        steps = _accepted(device, totp.step_at(now))
        step = totp.last_match(_seed(keeper, account, device), code, steps)
        if step is not None and step > device.last_step:
            used = msgspec.structs.replace(device, last_step=step, wrong_codes=WrongCodes())
            transaction.put_lasting(MFA_DEVICE, account, used)
            return serial_number(transaction, account, device)
        spent = spent or step is not None
    if not spent:  # a code that comes twice is refused, but guesses nothing
        for device in tried:
            wrong = _one_more(device.wrong_codes, now, _LONGEST_WAIT)
            transaction.put_lasting(MFA_DEVICE, account, msgspec.structs.replace(device, wrong_codes=wrong))
    raise AwsError("AccessDenied", WRONG_CODE + (_wait_text(waiting) if not tried else ""), 403)


def second_factor(
    caller: Caller, request: Mapping[str, Any], transaction: Transaction, keeper: Keeper, now: datetime
) -> Caller:
    """The caller with the `SerialNumber` and `TokenCode` of its request verified; raises AccessDenied.

    Only users and root users have devices: roles and federated users have none to bring a code of.
    """
    serial, code = request.get("SerialNumber"), request.get("TokenCode")
    if serial is None or code is None:
        raise AwsError("AccessDenied", INCOMPLETE, 403)
    if caller.kind not in (CallerKind.USER, CallerKind.ROOT):
        raise AwsError("AccessDenied", UNKNOWN_DEVICE, 403)
    spend_code(transaction, keeper, caller.account, caller.issuer_id, serial, code, now)
    return msgspec.structs.replace(caller, code_time=int(now.timestamp()))


def spend_pair(
    transaction: Transaction, keeper: Keeper, account: str, device: MfaDevice, pair: Pair, now: datetime
) -> MfaDevice:
    """Spend two consecutive codes; returns the device with its new drift, which is not stored yet.

    A failure is counted as by `spend_code`. Raises InvalidAuthenticationCode.
    """
    wrong = device.wrong_pairs
    if wrong.wait_until > now.timestamp():
        text = f"{WRONG_PAIR} Too many wrong ones were given: none counts before {_utc(wrong.wait_until)}."
        raise AwsError("InvalidAuthenticationCode", text, 403)
    here = totp.step_at(now)
    expected = here + device.drift
    seed, steps = _seed(keeper, account, device), _steps(expected - pair.window, expected + pair.window)
    step = totp.last_pair(seed, pair.first, pair.second, steps)
    if step is None or step <= device.last_step:
        counted = _one_more(wrong, now, _LONGEST_WAIT_FOR_PAIRS)
        transaction.put_lasting(MFA_DEVICE, account, msgspec.structs.replace(device, wrong_pairs=counted))
        raise AwsError("InvalidAuthenticationCode", WRONG_PAIR, 403)
    # The second code is the one that the device shows now, so it tells how far the clocks are apart.
    drift = step + 1 - here
    return msgspec.structs.replace(
        device,
        drift=device.drift if abs(drift - device.drift) <= WINDOW else drift,
        last_step=step + 1,
        wrong_codes=WrongCodes(),
        wrong_pairs=WrongCodes(),
    )


def _accepted(device: MfaDevice, here: int) -> range:
    """The steps whose codes count; a slow clock and a slow person who enabled it look alike."""
    latest = 0 if -LATE <= device.drift < 0 else device.drift
    return _steps(here + device.drift - WINDOW, here + latest + WINDOW)


def _steps(first: int, last: int) -> range:
    return range(max(first, 0), last + 1)


def _one_more(wrong: WrongCodes, now: datetime, longest: int) -> WrongCodes:
    count = wrong.count + 1
    if count < FREE_TRIES:
        return WrongCodes(count=count)
    wait = min(_FIRST_WAIT << min(count - FREE_TRIES, 20), longest)
    return WrongCodes(count=count, wait_until=int((now + timedelta(seconds=wait)).timestamp()))


def _wait_text(waiting: Sequence[MfaDevice]) -> str:
    until = min(device.wrong_codes.wait_until for device in waiting)
    return f"Too many wrong codes were given: no code counts before {_utc(until)} or a ResyncMFADevice."


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seed(keeper: Keeper, account: str, device: MfaDevice) -> bytes:
    return keeper.unseal(SEED_PURPOSE, device.seed, seed_identity(account, device.path, device.name))


def seed_identity(account: str, path: str, name: str) -> bytes:
    return f"{account}:mfa{path}{name}".encode()
