"""Fuzz target: whatever bytes are a token, a puzzle, a form or a host, nobody gets a token for them."""

import tempfile
from pathlib import Path

from masugata.edge.challenge import Challenges, ChallengeSettings, SpentPuzzles, TokenSecret, WafTokens
from masugata.edge.challenge.puzzles import Puzzle
from masugata.edge.challenge.puzzles import seal as seal_puzzle
from masugata.edge.challenge.tokens import Token, seal
from masugata.edge.rates import SharedRates
from masugata.engines.waf.request import WebRequest

NOW = 1_795_000_000.0
SECRET = TokenSecret(b"\1" * 32)
OTHER = TokenSecret(b"\2" * 32)
_directory = tempfile.TemporaryDirectory()
_path = Path(_directory.name)
CHALLENGES = Challenges(
    SECRET, SpentPuzzles(_path / "spent"), SharedRates(_path), ChallengeSettings(attempts=1 << 30)
)
TOKENS = WafTokens(SECRET, ("shop.example",), lambda: NOW)
# Genuine but for the secret, so that a finding is one of the code that reads, or of the signature.
SEEDS = (
    seal(Token(b"c" * 16, "shop.example", int(NOW), int(NOW), int(NOW)), OTHER).encode(),
    b"puzzle=%b&counter=1" % seal_puzzle(Puzzle("CHALLENGE", int(NOW), b"n" * 12), "h", OTHER).encode(),
    b"puzzle=%b&answer=x&to=/" % seal_puzzle(Puzzle("CAPTCHA", int(NOW), b"n" * 12), "h", OTHER).encode(),
    b"[::1]:80",
    b"text/html;q=0.5, ja-JP",
)
PIECES = (
    b"puzzle=",
    b"&counter=",
    b"&answer=",
    b"&to=//",
    b"%00",
    b"%ff",
    b"=",
    b"AQ",
    b"\xff",
    b"\0",
    b";",
    b",",
)


def fuzz_one(data: bytes) -> None:
    """One text as everything that a client can send; a finding is an exception, or a token."""
    for purpose in ("CHALLENGE", "CAPTCHA"):
        for host in (b"shop.example", data):
            if TOKENS.state(data, purpose, 300, host) not in ("TOKEN_INVALID", "TOKEN_MISSING"):
                raise AssertionError("accepted, and nobody made it")
    if TOKENS.identity(data) is not None:
        raise AssertionError("it has a bearer")
    for method, path in ((b"POST", b"challenge"), (b"POST", b"captcha"), (b"GET", b"sound")):
        for host in (b"h", data):
            request = WebRequest(
                method=method,
                uri_path=b"/.masugata-waf/" + path,
                query_string=data,
                headers=((b"host", host), (b"accept-language", data), (b"cookie", b"aws-waf-token=" + data)),
                body=data,
            )
            response = CHALLENGES.handle(request, NOW, lambda size: b"\7" * size)
            if response is None or any(name == "Set-Cookie" for name, _ in response.headers):
                raise AssertionError("a token for nothing")
            if any("\n" in value or "\r" in value for _, value in response.headers):
                raise AssertionError("a header that is two")
