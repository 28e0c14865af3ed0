"""Login profiles as they are made and changed, and when they were last signed in with."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from masugata.identity.passwords import Candidate, Digest, seal_hashes
from masugata.keeper import Keeper
from masugata.records.iam import LoginProfile
from masugata.store import Store

_GENERATION_SIZE = 12


class LastSignIn(msgspec.Struct, frozen=True):
    """When, in seconds since the epoch, and from which address an owner last signed in."""

    date: int
    source: str = ""


_decoder = msgspec.json.Decoder(LastSignIn)


def new_profile(
    owner_id: str,
    password: Candidate,
    keeper: Keeper,
    now: datetime,
    random: Callable[[int], bytes],
    *,
    reset_required: bool = False,
) -> LoginProfile:
    """The first password of an owner."""
    moment = now.replace(microsecond=0)
    return LoginProfile(
        owner_id=owner_id,
        create_date=moment,
        change_date=moment,
        reset_required=reset_required,
        hashes=seal_hashes(password.digest, (), owner_id, keeper),
        generation=random(_GENERATION_SIZE).hex(),
    )


def changed_profile(
    profile: LoginProfile, password: Candidate, digests: tuple[Digest, ...], keeper: Keeper, now: datetime
) -> LoginProfile:
    """The profile with the password that its owner chose; `digests` are those that it had until now."""
    return msgspec.structs.replace(
        profile,
        change_date=now.replace(microsecond=0),
        reset_required=False,
        hashes=seal_hashes(password.digest, digests, profile.owner_id, keeper),
    )


def signed_out(profile: LoginProfile, random: Callable[[int], bytes]) -> LoginProfile:
    """The same profile, with which no session that began before goes on."""
    return msgspec.structs.replace(profile, generation=random(_GENERATION_SIZE).hex())


def note_sign_in(store: Store, owner_id: str, now: datetime, source_ip: str) -> None:
    """Remember a sign-in, for PasswordLastUsed; durable within seconds."""
    used = LastSignIn(int(now.timestamp()), source_ip)
    store.touch(f"password/{owner_id}", msgspec.json.encode(used))


def last_sign_in(store: Store, owner_id: str) -> LastSignIn | None:
    """The last sign-in of an owner, or None."""
    noted = store.touched(f"password/{owner_id}")
    return None if noted is None else _decoder.decode(noted)


def password_last_used(store: Store, profile: LoginProfile) -> datetime | None:
    """When this password, or one before it, was last signed in with; None if never."""
    last = last_sign_in(store, profile.owner_id)
    return None if last is None else datetime.fromtimestamp(last.date, UTC)
