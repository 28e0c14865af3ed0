"""ARNs as six segments, and the resource of a request prepared for matching."""

from typing import Final

Segments = tuple[str, ...]


def split_arn(text: str, *, variables: bool = False) -> Segments | None:
    """The six segments of an ARN, or None; with `variables`, a colon inside `${…}` does not cut."""
    if not text.startswith("arn:"):
        return None
    segments = text.split(":", 5)
    if variables and "${" in text:
        segments = _split_around_variables(text)
    return tuple(segments) if len(segments) == 6 else None


def _split_around_variables(text: str) -> list[str]:
    segments: list[str] = []
    start = position = 0
    while len(segments) < 5 and position < len(text):
        if text.startswith("${", position) and (end := text.find("}", position)) >= 0:
            position = end
        elif text[position] == ":":
            segments.append(text[start:position])
            start = position + 1
        position += 1
    return [*segments, text[start:]]


class Target:
    """The resource of a request.

    `canonical` is the ARN with everything but the resource part in lower case, as partition, service,
    region and account are compared without case; `segments` are its six segments and `resource` is the
    last of them, both empty if it is no ARN.
    """

    __slots__ = ("canonical", "is_arn", "resource", "segments", "text")

    def __init__(self, text: str) -> None:
        self.text: Final = text
        segments = text.split(":", 5)
        if len(segments) == 6 and segments[0] == "arn":
            resource = segments[5]
            head = text[: len(text) - len(resource)]
            lower = head.lower()
            self.canonical = text if lower == head else lower + resource
            self.resource = resource
            self.is_arn = True
            self.segments = segments if lower == head else self.canonical.split(":", 5)
        else:
            self.canonical = text
            self.resource = ""
            self.is_arn = False
            self.segments = []

    @property
    def account(self) -> str:
        """The account segment, empty if the resource has none."""
        return self.segments[4] if self.is_arn else ""
