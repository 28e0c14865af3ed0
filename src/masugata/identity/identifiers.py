"""AWS's identifiers: access key ids, unique ids, secret access keys.

Randomness is an argument: `random(n)` returns n unpredictable bytes.
Source: IAM User Guide, "IAM identifiers".
"""

import re
from base64 import b32decode, b32encode, b64encode
from collections.abc import Callable

Random = Callable[[int], bytes]

ACCESS_KEY_PREFIXES = frozenset({"AKIA", "ASIA"})
UNIQUE_ID_PREFIXES = frozenset({"ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA"})

_ACCOUNT = re.compile(r"[0-9]{12}")
_ACCESS_KEY_ID = re.compile(r"(?:AKIA|ASIA)([A-Z2-7]{16})")
# The 80 bits of an access key id: a one, the account in 40, chance in 39.
_MARK = 1 << 79
_CHANCE = (1 << 39) - 1


def access_key_id(prefix: str, account: str, random: Random) -> str:
    """An access key id, 20 characters, which carries its account as AWS's do.

    `prefix` is AKIA (long-term) or ASIA (temporary), `account` 12 digits. Raises ValueError.
    """
    if prefix not in ACCESS_KEY_PREFIXES:
        raise ValueError(f"`{prefix}` is not a prefix of access key ids: AKIA or ASIA")
    if _ACCOUNT.fullmatch(account) is None:
        raise ValueError(f"`{account}` is not an account id: 12 digits")
    chance = int.from_bytes(_bytes(random, 5)) & _CHANCE
    number = _MARK | int(account) << 39 | chance
    return prefix + b32encode(number.to_bytes(10)).decode()


def account_of_access_key(key_id: str) -> str | None:
    """The account written in an access key id, or None if there is none.

    Ids that AWS made before 2019 start with another bit and carry no account. Anybody can write an
    id: it tells where to look, never who is asking.
    """
    match = _ACCESS_KEY_ID.fullmatch(key_id)
    if match is None:
        return None
    number = int.from_bytes(b32decode(match[1]))
    account = (number & (_MARK - 1)) >> 39
    if not number & _MARK or account > 999_999_999_999:
        return None
    return f"{account:012d}"


def unique_id(prefix: str, random: Random) -> str:
    """A unique id of an IAM resource: `prefix` and chance, 21 characters. Raises ValueError.

    ACCA service-specific credentials, AGPA groups, AIDA users, AIPA instance profiles, ANPA managed
    policies, ANVA policy versions, APKA public keys, AROA roles, ASCA certificates.
    """
    if prefix not in UNIQUE_ID_PREFIXES:
        raise ValueError(f"`{prefix}` is not a prefix of unique ids: {', '.join(sorted(UNIQUE_ID_PREFIXES))}")
    return prefix + b32encode(_bytes(random, 11)).decode()[:17]


def secret_access_key(random: Random) -> str:
    """A secret access key: 40 characters, the Base64 of 30 random bytes."""
    return b64encode(_bytes(random, 30)).decode()


def _bytes(random: Random, count: int) -> bytes:
    drawn = random(count)
    if len(drawn) != count:
        raise ValueError(f"random returned {len(drawn)} bytes instead of {count}")
    return drawn
