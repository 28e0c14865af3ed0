"""Tokens: every state, and that nobody makes one or changes one."""

from pathlib import Path

import pytest

from masugata.edge.challenge import TokenSecret, TokenSecretError, WafTokens
from masugata.edge.challenge.tokens import Token, seal, unseal

NOW = 1_795_000_000
SECRET = TokenSecret(b"\1" * 32)
OTHER = TokenSecret(b"\2" * 32)
TOKEN = Token(b"c" * 16, "shop.example", NOW, challenge_solved=NOW - 100, captcha_solved=NOW)


def tokens(*domains: str, now: float = NOW, secret: TokenSecret = SECRET) -> WafTokens:
    """A judge at this time."""
    return WafTokens(secret, domains, lambda: now)


def sealed(token: Token = TOKEN, secret: TokenSecret = SECRET) -> bytes:
    """As the cookie has it."""
    return seal(token, secret).encode()


def token_for(domain: str) -> bytes:
    """A token that is valid but for its domain."""
    return sealed(Token(b"c" * 16, domain, NOW, NOW, NOW))


def test_a_token_tells_what_was_sealed() -> None:
    """Nothing of it is lost, and it fits into a cookie."""
    assert unseal(sealed(), SECRET) == TOKEN
    assert len(sealed(Token(b"c" * 16, "a." * 120 + "example", NOW))) <= 512
    assert tokens().identity(sealed()) == (b"c" * 16).hex()


@pytest.mark.parametrize(
    ("later", "purpose", "expected"),
    [
        (0, "CHALLENGE", "VALID"),
        (199, "CHALLENGE", "VALID"),
        (200, "CHALLENGE", "TOKEN_EXPIRED"),
        (200, "CAPTCHA", "VALID"),
        (299.9, "CAPTCHA", "VALID"),
        (300, "CAPTCHA", "TOKEN_EXPIRED"),
        (-60, "CAPTCHA", "VALID"),
        (-61, "CAPTCHA", "TOKEN_INVALID"),
        (10**9, "CAPTCHA", "TOKEN_EXPIRED"),
    ],
)
def test_a_token_counts_for_its_immunity_time(later: float, purpose: str, expected: str) -> None:
    """To the second, each purpose by its own time; an edge may be a minute ahead, not more."""
    judge = tokens(now=NOW + later)
    assert judge.state(sealed(), purpose, 300, b"shop.example") == expected  # type: ignore[arg-type]


def test_the_rule_says_how_long() -> None:
    """The same token is expired for one rule and valid for another."""
    judge = tokens(now=NOW + 1000)
    assert judge.state(sealed(), "CHALLENGE", 300, b"shop.example") == "TOKEN_EXPIRED"
    assert judge.state(sealed(), "CHALLENGE", 259_200, b"shop.example") == "VALID"


def test_what_was_not_solved_is_missing() -> None:
    """A challenge does not stand for a CAPTCHA, nor the other way round."""
    only = sealed(Token(b"c" * 16, "shop.example", NOW, challenge_solved=NOW))
    assert tokens().state(only, "CHALLENGE", 300, b"shop.example") == "VALID"
    assert tokens().state(only, "CAPTCHA", 300, b"shop.example") == "TOKEN_MISSING"
    only = sealed(Token(b"c" * 16, "shop.example", NOW, captcha_solved=NOW))
    assert tokens().state(only, "CHALLENGE", 300, b"shop.example") == "TOKEN_MISSING"


@pytest.mark.parametrize("token", [None, b""])
def test_without_a_token(token: bytes | None) -> None:
    """An empty one is none."""
    assert tokens().state(token, "CHALLENGE", 300, b"shop.example") == "TOKEN_MISSING"
    assert tokens().identity(token) is None


def test_no_bit_can_be_changed() -> None:
    """Each bit of each byte, also those that an encoding would ignore, makes it invalid."""
    whole = sealed()
    for place in range(len(whole)):
        for bit in range(8):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            assert unseal(bytes(changed), SECRET) is None, (place, bit)


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole[:-1],
        lambda whole: whole + b"A",
        lambda whole: whole + b"=",
        lambda whole: b" " + whole,
        lambda whole: whole[:10] + b"\n" + whole[10:],
        lambda whole: whole * 5,
        lambda _: b"AQ",
        lambda _: b"\xff\x00",
        lambda _: b"A" * 200,
    ],
)
def test_other_bytes_are_no_token(change: object) -> None:
    """What is cut, longer, padded or made up is invalid, and tells no identity."""
    text = change(sealed())  # type: ignore[operator]
    assert tokens().state(text, "CHALLENGE", 300, b"shop.example") == "TOKEN_INVALID"
    assert tokens().identity(text) is None


def test_tokens_of_another_installation_are_invalid() -> None:
    """Only the same secret makes them genuine, on whichever day they were made."""
    assert unseal(sealed(secret=OTHER), SECRET) is None
    early = Token(b"c" * 16, "shop.example", NOW - 10 * 86_400)
    assert unseal(sealed(early), SECRET) == early
    assert unseal(sealed(early, OTHER), SECRET) is None


def test_a_key_is_for_one_purpose_and_one_day() -> None:
    """What is signed as one thing is not taken for another."""
    keys = {SECRET.key(purpose, NOW + day * 86_400) for purpose in ("token", "puzzle") for day in range(9)}
    assert len(keys) == 18
    assert SECRET.key("token", 0) == SECRET.key("token", 86_399)


@pytest.mark.parametrize(
    ("domain", "host", "listed", "expected"),
    [
        ("shop.example", b"shop.example", (), "VALID"),
        ("shop.example", b"SHOP.Example.:8443", (), "VALID"),
        ("shop.example", b"www.shop.example", (), "TOKEN_DOMAIN_MISMATCH"),
        ("www.shop.example", b"shop.example", (), "TOKEN_DOMAIN_MISMATCH"),
        ("shop.example", b"www.shop.example", ("shop.example",), "VALID"),
        ("api.shop.example", b"www.shop.example", ("Shop.Example",), "VALID"),
        ("evilshop.example", b"www.shop.example", ("shop.example",), "TOKEN_DOMAIN_MISMATCH"),
        ("shop.example.evil.example", b"shop.example", ("shop.example",), "TOKEN_DOMAIN_MISMATCH"),
        ("other.example", b"shop.example", ("other.example",), "VALID"),
        ("shop.example", b"", (), "TOKEN_DOMAIN_MISMATCH"),
        ("shop.example", b"shop.example@evil", (), "TOKEN_DOMAIN_MISMATCH"),
        ("shop.example", b"shop.example,evil.example", (), "TOKEN_DOMAIN_MISMATCH"),
        ("[::1]", b"[::1]:80", (), "VALID"),
        ("127.0.0.1", b"127.0.0.1:80", (), "VALID"),
    ],
)
def test_a_token_counts_for_its_domain(
    domain: str, host: bytes, listed: tuple[str, ...], expected: str
) -> None:
    """For the host it was made at and for listed domains with all under them; for none that looks alike."""
    assert tokens(*listed).state(token_for(domain), "CHALLENGE", 300, host) == expected


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """The second process reads what the first has made."""
    path = tmp_path / "token-secret"
    token = sealed(secret=TokenSecret.load(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert unseal(token, TokenSecret.load(path)) == TOKEN
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 32 + "!", "0" * 5000])
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, content: str) -> None:
    """It is named, and not replaced."""
    path = tmp_path / "token-secret"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(TokenSecretError, match="token secret"):
        TokenSecret.load(path)
    assert path.read_text() == content


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever reads it makes tokens."""
    path = tmp_path / "token-secret"
    TokenSecret.load(path)
    path.chmod(0o640)
    with pytest.raises(TokenSecretError, match="0600"):
        TokenSecret.load(path)
    with pytest.raises(TokenSecretError, match="No such file"):
        TokenSecret.load(tmp_path / "absent" / "token-secret")
