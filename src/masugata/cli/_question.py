"""What `masugata policy explain` is asked, and what it answers."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from masugata.engines.policy import Explanation, Request
from masugata.errors import MasugataError

LARGEST_POLICY = 1 << 20  # bytes; AWS allows a fiftieth of it at most
Context = dict[str, str | list[str]]


class Question(msgspec.Struct, frozen=True):
    """A request, as given: `principal` and `action` are None where they are to be found elsewhere."""

    principal: str | None
    action: str | None
    resource: str
    resource_account: str | None
    context: Context


class Answer(msgspec.Struct, frozen=True):
    """An explained request. `reason` is in AWS's words; `notes` say what was assumed.

    `explanation` is None where no policy could be asked, because one that is attached is gone.
    """

    principal: str
    action: str
    resource: str
    allowed: bool
    reason: str
    request: Request | None = None
    explanation: Explanation | None = None
    notes: tuple[str, ...] = ()


def needed(value: str | None, option: str) -> str:
    """The value of an option that this question cannot do without."""
    if not value:
        raise MasugataError(f"say {option}: the question needs it")
    return value


def check_texts(*texts: str | None) -> None:
    """Raise `MasugataError` for an argument that the shell gave in bytes which are no text."""
    for text in texts:
        try:
            (text or "").encode()
        except UnicodeEncodeError:
            raise MasugataError(f"{text!a} is not UTF-8") from None


def context_from(pairs: Sequence[str]) -> Context:
    """Condition keys from `KEY=VALUE`; a key that is repeated has several values."""
    context: Context = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise MasugataError(f"`{pair}` is not KEY=VALUE")
        before = context.get(key)
        if before is None:
            context[key] = value
        else:
            context[key] = [*([before] if isinstance(before, str) else before), value]
    return context


def read_policy(path: Path) -> str:
    """The text of a policy document."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_POLICY + 1)
    except OSError as error:
        raise MasugataError(f"cannot read `{path}`: {error.strerror}") from None
    if len(content) > LARGEST_POLICY:
        raise MasugataError(f"`{path}` is larger than any policy")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MasugataError(f"`{path}` is not UTF-8") from None
