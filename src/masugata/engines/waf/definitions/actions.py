"""What happens to a request that a rule matches.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_RuleAction.html
"""

from msgspec import field

from masugata.engines.waf.definitions._shape import Shape
from masugata.engines.waf.definitions.fields import Empty


class CustomHTTPHeader(Shape, frozen=True, kw_only=True):
    """A header that is added."""

    name: str
    value: str


class CustomRequestHandling(Shape, frozen=True, kw_only=True):
    """Headers for the upstream; `x-amzn-waf-` is put before their names."""

    insert_headers: tuple[CustomHTTPHeader, ...]


class CustomResponse(Shape, frozen=True, kw_only=True):
    """What a blocked request is answered."""

    response_code: int
    custom_response_body_key: str | None = None
    response_headers: tuple[CustomHTTPHeader, ...] = ()


class BlockAction(Shape, frozen=True, kw_only=True):
    """Answer 403, or as said."""

    custom_response: CustomResponse | None = None


class GoOn(Shape, frozen=True, kw_only=True):
    """Allow, count, or, with a valid token, go on past CAPTCHA and Challenge."""

    custom_request_handling: CustomRequestHandling | None = None


class RuleAction(Shape, frozen=True, kw_only=True):
    """Exactly one of the actions. Monetize is refused: there is nobody to pay here."""

    block: BlockAction | None = None
    allow: GoOn | None = None
    count: GoOn | None = None
    captcha: GoOn | None = None
    challenge: GoOn | None = None


class OverrideAction(Shape, frozen=True, kw_only=True):
    """Exactly one: a rule group's rules count only, or do what they say."""

    count: GoOn | None = None
    none: Empty | None = None


class DefaultAction(Shape, frozen=True, kw_only=True):
    """Exactly one: what happens to a request that no rule ended."""

    block: BlockAction | None = None
    allow: GoOn | None = None


class ImmunityTimeProperty(Shape, frozen=True, kw_only=True):
    """Seconds for which a solved puzzle counts."""

    immunity_time: int


class Immunity(Shape, frozen=True, kw_only=True):
    """CaptchaConfig and ChallengeConfig."""

    immunity_time_property: ImmunityTimeProperty | None = field(default=None)
