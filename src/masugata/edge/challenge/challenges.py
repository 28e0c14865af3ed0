"""What a client sees of challenges and CAPTCHAs: requests in, responses out, at a given time."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs

from masugata.edge.challenge import _base64url, picture, puzzles, sound, tokens
from masugata.edge.challenge.pages import PREFIX, captcha_page, challenge_page, plain
from masugata.edge.challenge.puzzles import Kind, Puzzle
from masugata.edge.challenge.secret import TokenSecret
from masugata.edge.challenge.settings import ChallengeSettings
from masugata.edge.challenge.spent import SpentPuzzles
from masugata.edge.challenge.texts import language
from masugata.edge.challenge.tokens import LONGEST_IMMUNITY, Token
from masugata.edge.sources import counted
from masugata.engines.waf.decision import Decision, Response
from masugata.engines.waf.environment import Rates
from masugata.engines.waf.request import WebRequest
from masugata.engines.waf.token_domains import accepts, domain_for, host_domain

Random = Callable[[int], bytes]
"""Gives so many random bytes."""

_PREFIX: Final = PREFIX.encode()
_COOKIE: Final = "aws-waf-token"
ATTEMPTS: Final = "masugata: puzzles handed in"
"""The rule, which is nobody's, by which attempts are counted."""
_ATTEMPTS_SECONDS: Final = 300
_LONGEST_FORM: Final = 8_192
_LONGEST_PATH: Final = 2_048
_NOTHING: Final = Response(404, (("Cache-Control", "no-store"),))


class Challenges:
    """Makes puzzles, and tokens for those who solve one, at any site. One for each process and web ACL."""

    def __init__(
        self, secret: TokenSecret, spent: SpentPuzzles, rates: Rates, settings: ChallengeSettings
    ) -> None:
        self._secret = secret
        self._spent = spent
        self._rates = rates
        self._settings = settings
        self._domains = tuple(domain.lower() for domain in settings.token_domains)

    def page(self, decision: Decision, request: WebRequest, now: float, random: Random) -> Response | None:
        """What a client is shown for a decision: the page, if it can show one, else what the decision says.

        A page is for GET with `Accept: text/html`.
        Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html
        """
        host = _host(request)
        if decision.action not in ("CHALLENGE", "CAPTCHA") or host is None or not _takes_html(request):
            return decision.response
        to = request.uri_path + (b"?" + request.query_string if request.query_string else b"")
        return self._ask(decision.action, request, host, to, now, random)

    def handle(self, request: WebRequest, now: float, random: Random) -> Response | None:
        """The answer to what is sent to us, under `/.masugata-waf/`; None for all other requests."""
        if not request.uri_path.startswith(_PREFIX):
            return None
        host = _host(request)
        if host is None:
            return _NOTHING
        match request.method, request.uri_path.removeprefix(_PREFIX):
            case b"POST", b"challenge":
                return self._solve_challenge(request, host, now, random)
            case b"POST", b"captcha":
                return self._solve_captcha(request, host, now, random)
            case b"GET", b"sound":
                return self._sound(request, host, now)
            case _:
                return _NOTHING

    def _ask(
        self,
        kind: Kind,
        request: WebRequest,
        host: str,
        to: bytes,
        now: float,
        random: Random,
        *,
        again: bool = False,
    ) -> Response:
        spoken, nonce = language(_header(request, b"accept-language")), _base64url.encode(random(12))
        difficulty = self._settings.difficulty if kind == "CHALLENGE" else 0
        puzzle = Puzzle(kind, int(now), random(puzzles.NONCE), difficulty)
        sealed = puzzles.seal(puzzle, host, self._secret)
        if kind == "CHALLENGE":
            return challenge_page(puzzle, sealed, spoken, nonce)
        image = picture.draw(puzzles.letters(puzzle, self._secret), random)
        return captcha_page(sealed, image, _local(to), spoken, nonce, again=again)

    def _solve_challenge(self, request: WebRequest, host: str, now: float, random: Random) -> Response:
        if self._too_often(request):
            return plain(429, "often", language(_header(request, b"accept-language")))
        form = _form(request.body)
        puzzle = puzzles.unseal(form.get("puzzle", b""), "CHALLENGE", host, now, self._secret)
        if (
            puzzle is None
            or not puzzles.is_proof(puzzle, form.get("counter", b""))
            or not self._spent.spend(puzzle.nonce, puzzle.ends, now)
        ):
            return plain(403, "failed", language(_header(request, b"accept-language")))
        return Response(
            204, (("Cache-Control", "no-store"), *self._cookies("CHALLENGE", request, host, now, random))
        )

    def _solve_captcha(self, request: WebRequest, host: str, now: float, random: Random) -> Response:
        if self._too_often(request):
            return plain(429, "often", language(_header(request, b"accept-language")))
        form = _form(request.body)
        to = form.get("to", b"/")
        puzzle = puzzles.unseal(form.get("puzzle", b""), "CAPTCHA", host, now, self._secret)
        # A wrong answer spends the puzzle, too: nobody tries twice at one.
        if (
            puzzle is None
            or not self._spent.spend(puzzle.nonce, puzzle.ends, now)
            or not puzzles.is_answer(puzzle, form.get("answer", b"").decode("latin-1"), self._secret)
        ):
            return self._ask("CAPTCHA", request, host, to, now, random, again=True)
        cookies = self._cookies("CAPTCHA", request, host, now, random)
        return Response(303, (("Location", _local(to)), ("Cache-Control", "no-store"), *cookies))

    def _sound(self, request: WebRequest, host: str, now: float) -> Response:
        sealed = _form(request.query_string).get("puzzle", b"")
        puzzle = puzzles.unseal(sealed, "CAPTCHA", host, now, self._secret)
        if puzzle is None:
            return _NOTHING
        headers = (("Content-Type", "audio/wav"), ("Cache-Control", "no-store"))
        return Response(200, headers, sound.play(puzzles.beeps(puzzle, self._secret)))

    def _too_often(self, request: WebRequest) -> bool:
        key, limit = counted(request.source_ip).encode(), self._settings.attempts
        return self._rates.count(ATTEMPTS, key, _ATTEMPTS_SECONDS, limit) > limit

    def _cookies(
        self, kind: Kind, request: WebRequest, host: str, now: float, random: Random
    ) -> tuple[tuple[str, str], ...]:
        """A new token, with what an earlier one of the same client says."""
        before = self._before(request, host)
        domain, solved = domain_for(host, self._domains), int(now)
        token = Token(
            before.client if before is not None else random(16),
            domain,
            solved,
            solved if kind == "CHALLENGE" else before.challenge_solved if before is not None else 0,
            solved if kind == "CAPTCHA" else before.captcha_solved if before is not None else 0,
        )
        attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if request.scheme == "https" else "")
        value = f"{_COOKIE}={tokens.seal(token, self._secret)}; Max-Age={LONGEST_IMMUNITY}"
        if domain == host:
            return (("Set-Cookie", value + attributes),)
        # One for this host alone, of an earlier time, would be found first for ever.
        return (
            ("Set-Cookie", f"{_COOKIE}=; Max-Age=0{attributes}"),
            ("Set-Cookie", f"{value}; Domain={domain}{attributes}"),
        )

    def _before(self, request: WebRequest, host: str) -> Token | None:
        """The client's token, if it counts here: what is solved at one site is not solved at another."""
        for name, line in request.headers:
            if name != b"cookie":
                continue
            for pair in line.split(b";"):
                key, _, value = pair.strip(b" \t").partition(b"=")
                if key == _COOKIE.encode():
                    found = tokens.unseal(value, self._secret)
                    return found if found and accepts(found.domain, host, self._domains) else None
        return None


def _header(request: WebRequest, name: bytes) -> bytes:
    return b",".join(value for key, value in request.headers if key == name)


def _host(request: WebRequest) -> str | None:
    return host_domain(_header(request, b"host"))


def _takes_html(request: WebRequest) -> bool:
    ranges = _header(request, b"accept").lower().split(b",")
    return request.method == b"GET" and any(
        entry.partition(b";")[0].strip(b" \t") == b"text/html" for entry in ranges
    )


def _form(data: bytes) -> dict[str, bytes]:
    """The fields that come once."""
    if len(data) > _LONGEST_FORM:
        return {}
    try:
        found = parse_qs(data.decode("ascii"), keep_blank_values=True, encoding="latin-1", max_num_fields=8)
    except ValueError:
        return {}
    return {name: values[0].encode("latin-1") for name, values in found.items() if len(values) == 1}


def _local(to: bytes) -> str:
    """A path of this site as it may stand in Location, or its root."""
    text = to.decode("latin-1")
    sound = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= _LONGEST_PATH
    return text if sound and text.isascii() and text.isprintable() and " " not in text else "/"
