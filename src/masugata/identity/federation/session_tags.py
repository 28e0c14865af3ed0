"""Session tags and source identity, as tokens and assertions bring them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from masugata.identity.federation._refusals import invalid_token

_TAGS = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_MOST_TAGS = 50
_SOURCE_IDENTITY_FORM = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}", re.ASCII)


def tags_of_claims(claims: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session tags of a token and which of them are transitive; raises InvalidIdentityToken.

    They are one claim `https://aws.amazon.com/tags`, or one claim for each tag.
    """
    nested = claims.get(_TAGS, {})
    if not isinstance(nested, Mapping) or not isinstance(nested.get("principal_tags", {}), Mapping):
        raise invalid_token(f"The claim {_TAGS} is not an object with principal_tags.")
    prefix = f"{_TAGS}/principal_tags/"
    given = list(nested.get("principal_tags", {}).items())
    given += [(name.removeprefix(prefix), value) for name, value in claims.items() if name.startswith(prefix)]
    transitive = nested.get("transitive_tag_keys", claims.get(f"{_TAGS}/transitive_tag_keys", []))
    if not isinstance(transitive, list):
        transitive = [transitive]
    return checked_tags(
        [(key, [value] if isinstance(value, str) else value) for key, value in given], transitive
    )


def checked_tags(
    given: Sequence[tuple[str, Any]], transitive: Sequence[Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Tags, each with its list of values, which must be one; raises InvalidIdentityToken."""
    tags: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for key, values in given:
        if not isinstance(values, Sequence) or len(values) != 1 or not isinstance(values[0], str):
            raise invalid_token(f"The session tag {key[:128]} must have one value.")
        value = values[0]
        if not 1 <= len(key) <= 128 or len(value) > 256 or not _characters(key) or not _characters(value):
            raise invalid_token(f"The session tag {key[:128]} has a key or value that no tag can have.")
        if key.lower().startswith("aws:") or key.lower() in spelled:
            raise invalid_token(f"The session tag {key} is reserved, or given twice.")
        tags[key], spelled[key.lower()] = value, key
    if len(tags) > _MOST_TAGS:
        raise invalid_token(f"A session can have at most {_MOST_TAGS} tags.")
    if not all(isinstance(key, str) and key.lower() in spelled for key in transitive):
        raise invalid_token("A transitive tag key was not passed as a session tag.")
    return tags, tuple(dict.fromkeys(spelled[key.lower()] for key in transitive))


def source_identity_of_claims(claims: Mapping[str, Any]) -> str | None:
    """The source identity that a token sets, if any; raises InvalidIdentityToken."""
    value = claims.get(_SOURCE_IDENTITY)
    return None if value is None else checked_source_identity(value)


def checked_source_identity(value: Any) -> str:
    """A source identity of the right form; raises InvalidIdentityToken in AWS's words."""
    fits = isinstance(value, str) and _SOURCE_IDENTITY_FORM.fullmatch(value) is not None
    if not fits or value.lower().startswith("aws:"):
        raise invalid_token('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
    return str(value)


def _characters(text: str) -> bool:
    """What the models allow in tags: letters, digits, white space, and `_.:/=+-@`."""
    return (
        all(
            character.isalpha() or character.isnumeric() or character.isspace() or character in "_.:/=+-@"
            for character in text
        )
        and text.isprintable()
    )
