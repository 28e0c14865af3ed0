"""Amazon Resource Names."""

from typing import NamedTuple

from masugata.errors import MasugataError


class InvalidArnError(MasugataError):
    """The text is not an ARN."""


class Arn(NamedTuple):
    """The six parts of an ARN; `resource` may itself hold `:` and `/`."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn:
    """Split an ARN into its parts; raises `InvalidArnError`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        raise InvalidArnError(f"`{text}` is not an ARN")
    return Arn(*parts[1:])
