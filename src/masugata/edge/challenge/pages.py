"""The pages themselves: HTML that needs nothing from elsewhere, under a policy that allows nothing else."""

import base64
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from masugata.edge.challenge.puzzles import LENGTH, Puzzle
from masugata.edge.challenge.texts import TEXTS, Language
from masugata.engines.waf.decision import Response

PREFIX: Final = "/.masugata-waf/"
"""Under which the edge itself answers, at every site."""

_SCRIPT: Final = files(__package__).joinpath("challenge.js").read_text("utf-8")
_STYLE: Final = """
:root { color-scheme: light dark; font: 1.1rem/1.6 system-ui, sans-serif }
main { max-width: 34rem; margin: 12vh auto; padding: 0 1.2rem }
img { background: #fff; max-width: 100%; image-rendering: pixelated; border-radius: .3rem }
input, button { font: inherit; padding: .3rem .6rem; margin: .2rem 0 } label { display: block }
"""
_PAGE: Final = Template("""<!doctype html>
<html lang="$language"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>$title</title><style nonce="$nonce">$style</style></head>
<body><main><h1>$title</h1>
$content</main></body></html>
""")
_CHALLENGE: Final = Template("""<p id="work" role="status">$wait</p>
<noscript><p>$script</p></noscript>
<p id="failed" role="alert" hidden>$failed <a href="">$reload</a></p>
<p id="cookies" role="alert" hidden>$cookies <a href="">$reload</a></p>
<script nonce="$nonce" data-puzzle="$puzzle" data-text="$text"
 data-difficulty="$difficulty">$source</script>
""")
_CAPTCHA: Final = Template("""$notice<form method="post" action="${prefix}captcha">
<input type="hidden" name="puzzle" value="$puzzle"><input type="hidden" name="to" value="$to">
<p>$ask</p><p><img src="data:image/png;base64,$image" width="264" height="88" alt="$picture"></p>
<p>$sound</p><p><audio controls preload="none" src="${prefix}sound?puzzle=$puzzle"></audio></p>
<label>$answer <input name="answer" required maxlength="$length" autocomplete="off"
autocapitalize="characters" spellcheck="false" autofocus></label> <button>$send</button></form>
""")
_POLICY: Final = (
    "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'; {more}"
)


def challenge_page(puzzle: Puzzle, sealed: str, language: Language, nonce: str) -> Response:
    """202, and the script that works the challenge off."""
    content = _CHALLENGE.substitute(
        TEXTS[language],
        nonce=nonce,
        puzzle=sealed,
        text=puzzle.text,
        difficulty=puzzle.difficulty,
        source=_SCRIPT,
    )
    policy = f"script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'none'"
    return _page(202, "challenge", "checking", content, policy, language, nonce)


def captcha_page(
    sealed: str, image: bytes, to: str, language: Language, nonce: str, *, again: bool = False
) -> Response:
    """405, and a form with the puzzle; `to` is where it leads back to."""
    texts = TEXTS[language]
    content = _CAPTCHA.substitute(
        texts,
        notice=f'<p role="alert">{texts["wrong"]}</p>' if again else "",
        prefix=PREFIX,
        puzzle=sealed,
        to=escape(to),
        image=base64.b64encode(image).decode("ascii"),
        length=4 * LENGTH,
    )
    policy = "img-src data:; media-src 'self'; form-action 'self'"
    return _page(405, "captcha", "human", content, policy, language, nonce)


def plain(status: int, text: str, language: Language) -> Response:
    """A short text."""
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"))
    return Response(status, headers, (TEXTS[language][text] + "\n").encode())


def _page(
    status: int, action: str, title: str, content: str, policy: str, language: Language, nonce: str
) -> Response:
    body = _PAGE.substitute(
        language=language, title=TEXTS[language][title], nonce=nonce, style=_STYLE, content=content
    )
    headers = (
        ("x-amzn-waf-action", action),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", _POLICY.format(nonce=nonce, more=policy)),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Vary", "Accept, Accept-Language, Cookie"),
    )
    return Response(status, headers, body.encode())
