"""Fuzz target: whatever a grant token holds, it is refused, or names a grant and is not proven."""

from masugata.authorization.grant_tokens import claimed_grant, proven_grant
from masugata.errors import AwsError
from masugata.keeper import Keeper, open_keeper

KEEPER: Keeper = open_keeper("ephemeral:", create=True)
# base64 of: version, ["111122223333","us-east-1","k","g"], NUL, a seal that nobody made
SEEDS = (
    b"AVsiMTExMTIyMjIzMzMzIiwidXMtZWFzdC0xIiwiayIsImciXQABAQAA",
    b"AVsiIiwiIiwiIiwiIl0A",
    b"AXt9AA==",
)
PIECES = (b"AVsi", b"Il0A", b"==", b"AA", b"\xff", b"W1tb", b"bnVsbA")


def fuzz_one(data: bytes) -> None:
    """One text as a token; a finding is any exception but InvalidGrantTokenException, and any success."""
    text = data.decode("latin-1")
    for read in (claimed_grant, lambda token: proven_grant(token, KEEPER)):
        try:
            grant = read(text)
        except AwsError as refusal:
            if (refusal.code, refusal.status) != ("InvalidGrantTokenException", 400):
                raise AssertionError(f"refused otherwise: {refusal!r}") from refusal
            continue
        if read is not claimed_grant:
            raise AssertionError("proven, and nobody made it")
        if not all(isinstance(part, str) for part in grant):
            raise AssertionError(f"no name of a grant: {grant!r}")
