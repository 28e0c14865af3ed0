"""The client's token, which CAPTCHA and Challenge ask for."""

from typing import Literal

from masugata.engines.waf.context import Context
from masugata.engines.waf.environment import TokenState
from masugata.engines.waf.parsed import ParsedRequest

COOKIE = b"aws-waf-token"
HEADER = b"x-aws-waf-token"
"""Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-tokens-details.html"""


def find_token(parsed: ParsedRequest) -> bytes | None:
    """From the cookie, else from the header that an SDK sets."""
    for line in parsed.header_values(b"cookie"):
        for pair in line.split(b";"):
            name, equals, value = pair.strip(b" \t").partition(b"=")
            if name == COOKIE and equals:
                return value
    return parsed.header(HEADER)


def token_state(context: Context, purpose: Literal["CHALLENGE", "CAPTCHA"], immunity: int) -> TokenState:
    """Whether its bearer solved one lately, for this host."""
    parsed = context.parsed
    host = parsed.header(b"host") or b""
    return context.environment.tokens.state(find_token(parsed), purpose, immunity, host)
