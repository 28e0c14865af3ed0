"""JsonBody: keys and values of a JSON body, or of what JSON pointers (RFC 6901) lead to."""

from collections.abc import Iterable

from masugata.engines.waf.definitions.fields import Inspected, JsonBody
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.fields._field import BEHAVIORS, NOTHING, Source, Values
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.json_body import Element, Path

Segments = tuple[bytes, ...]


def compile_json_body(body: JsonBody, _inspected: Inspected) -> Source:
    """Where the body is no JSON to its end, the fallback decides; without one, what could be read counts."""
    oversize_fallback = BEHAVIORS[body.oversize_handling]
    invalid = body.invalid_fallback_behavior
    paths = body.match_pattern.included_paths
    select = _everything if paths is None else _Included(paths)
    scope = body.match_scope

    def values(parsed: ParsedRequest) -> Values:
        oversize = parsed.body_oversize()
        if oversize and oversize_fallback is not None:
            return Values((), oversize_fallback, oversize=True)
        if not parsed.request.body:
            return NOTHING
        contents = parsed.json()
        if invalid is not None and not any(content.complete for content in contents):
            if invalid == "EVALUATE_AS_STRING":
                return Values(parsed.body_readings(), None, oversize)
            return Values((), BEHAVIORS[invalid], oversize)
        wanted = [
            element.text
            for content in contents
            for element in select(content.elements)
            if scope == "ALL" or element.is_key == (scope == "KEY")
        ]
        wanted += [content.rest for content in contents if content.cut]
        return Values(tuple(wanted), None, oversize)

    key = f"JsonBody {scope} {invalid} {body.oversize_handling} {paths!r}"
    return Source(key, Place.JSON_STRING, values)


def _everything(elements: Iterable[Element]) -> Iterable[Element]:
    return elements


class _Included:
    """Keeps what the pointers lead to, with all below it; the key that leads there is not looked at."""

    def __init__(self, pointers: tuple[str, ...]) -> None:
        self.wanted = frozenset(_segments(pointer) for pointer in pointers)
        self.leading = frozenset(
            segments[:length] for segments in self.wanted for length in range(len(segments))
        )

    def __call__(self, elements: Iterable[Element]) -> Iterable[Element]:
        known: dict[int, Segments | bool] = {}
        return [element for element in elements if self._holds(element, known)]

    def _holds(self, element: Element, known: dict[int, Segments | bool]) -> bool:
        found = self._container(element.parent, known)
        if isinstance(found, bool):
            return found
        return not element.is_key and (*found, element.name) in self.wanted

    def _container(self, path: Path | None, known: dict[int, Segments | bool]) -> Segments | bool:
        """True within what a pointer leads to, its segments on the way there, False elsewhere."""
        chain: list[Path] = []
        while path is not None and id(path) not in known:
            chain.append(path)
            path = path[0]
        found = self._step(()) if path is None else known[id(path)]
        for link in reversed(chain):
            if not isinstance(found, bool):
                found = self._step((*found, link[1]))
            known[id(link)] = found
        return found

    def _step(self, segments: Segments) -> Segments | bool:
        if segments in self.wanted:
            return True
        return segments if segments in self.leading else False


def _segments(pointer: str) -> Segments:
    """`/` alone is the whole, which AWS allows beside what RFC 6901 has."""
    if pointer in {"", "/"}:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~").encode() for part in pointer.split("/")[1:])
