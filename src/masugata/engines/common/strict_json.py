"""JSON read strictly: what could be read in two ways, or not be shown and stored, is refused."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

_SHOWN = 200  # characters of a name in an error


def read_json(text: str, *, levels: int, whole: Callable[[str], Any], fraction: Callable[[str], Any]) -> Any:
    """Parse a JSON text of at most `levels` levels of objects and arrays; raises ValueError.

    `whole` and `fraction` make numbers of their digits. An object with a key twice is refused, as are `NaN`
    and half a surrogate pair, which is no text.
    """
    try:
        top = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=_refuse_constant,
        )
        if "\\u" in text:
            json.dumps(top, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _deeper(top, levels):
        raise ValueError(f"nested too deeply: more than {levels} levels")
    return top


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    elements: dict[str, Any] = {}
    for name, value in pairs:
        if name in elements:
            raise ValueError(f"duplicate element `{name[:_SHOWN]}`")
        elements[name] = value
    return elements


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")


def _deeper(top: Any, levels: int) -> bool:
    """Whether there are more levels of objects and arrays than `levels`."""
    level: list[Any] = [top]
    for _ in range(levels + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [
            child for item in containers for child in (item.values() if isinstance(item, dict) else item)
        ]
    return True
