"""Sets of actions in few words."""

import re
from collections.abc import Collection, Iterable

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def compressed(actions: Iterable[str], every: Collection[str]) -> list[str]:
    """Patterns that match exactly these of all the actions of one service, as the catalogue spells them.

    `s3:*` for all, `s3:Get*` where all that begin so are among them, and names for the rest.
    """
    chosen = set(actions)
    if chosen and len(chosen) == len(every):
        return [f"{next(iter(chosen)).partition(':')[0]}:*"]
    by_verb: dict[str, list[str]] = {}
    for action in every:
        by_verb.setdefault(_verb(action), []).append(action)
    found = []
    for verb, named in by_verb.items():
        allowed = [action for action in named if action in chosen]
        whole = len(named) > 1 and sum(action.startswith(verb) for action in every) == len(allowed)
        found += [f"{verb}*"] if whole else allowed
    return sorted(found)


def _verb(action: str) -> str:
    service, _, name = action.partition(":")
    word = _WORD.match(name)
    return f"{service}:{word[0] if word else name}"
