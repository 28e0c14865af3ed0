"""Where SecLang's variables look, in AWS's words: fields to match."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from masugata.cli._waf_seclang import SecLangError, Variable

Json = dict[str, Any]


class Place(msgspec.Struct, frozen=True):
    """A field to match. `several`: it may have more than one value.

    `decoded`: SecLang decodes percent escapes here and AWS does not. `whole`: all values are one text, so
    that nothing can be said of where one begins or ends. `optional`: a request may lack it. `tail`: the
    field in which the text goes on behind a question mark.
    """

    field: Json
    several: bool = False
    decoded: bool = False
    whole: bool = False
    optional: bool = False
    tail: Json | None = None


class Places(msgspec.Struct):
    """Fields of which one has to match, and what SecLang looks at besides."""

    found: list[Place]
    lacking: list[str]


_BODY: Json = {"Body": {"OversizeHandling": "CONTINUE"}}
_PLAIN: Mapping[str, Place] = {
    "REQUEST_FILENAME": Place({"UriPath": {}}),
    "REQUEST_METHOD": Place({"Method": {}}),
    "REQUEST_BODY": Place(_BODY),
    "QUERY_STRING": Place({"QueryString": {}}),
    "REQUEST_URI": Place({"UriPath": {}}, tail={"QueryString": {}}),
    "REQUEST_URI_RAW": Place({"UriPath": {}}, tail={"QueryString": {}}),
}


def places_of(variables: Sequence[Variable]) -> Places:
    """What AWS can look at is in `found`, the rest in `lacking`.

    Raises SecLangError if that is all, or if something is to be excluded that cannot be.
    """
    places = Places([], [])
    wanted = [variable for variable in variables if not variable.excluded]
    for variable in variables:
        if variable.excluded and not any(each.name == variable.name for each in wanted):
            raise SecLangError(f"`!{variable.name}` takes nothing from the variables beside it")
    for variable in wanted:
        exceptions = [each for each in variables if each.excluded and each.name == variable.name]
        try:
            _add(variable, exceptions, places)
        except SecLangError as error:
            if exceptions:
                raise
            places.lacking.append(str(error))
    if not places.found:
        raise SecLangError("; ".join(dict.fromkeys(places.lacking)) or "no variable is looked at")
    return places


def _add(variable: Variable, exceptions: Sequence[Variable], places: Places) -> None:
    name = variable.name
    if variable.counted:
        raise SecLangError(f"`&{name}` cannot be counted among other variables")
    maker = _MAKERS.get(name)
    if maker is None and name not in _PLAIN:
        raise SecLangError(f"AWS WAF does not look at `{name}`")
    if variable.pattern or any(each.pattern for each in exceptions):
        raise SecLangError(f"parts of `{name}` cannot be selected by a regular expression")
    if maker is not None:
        maker(variable.selector, [_named(each) for each in exceptions], places)
    elif exceptions or variable.selector is not None:
        raise SecLangError(f"`{name}` has no parts")
    else:
        places.found.append(_PLAIN[name])


def _named(variable: Variable) -> str:
    if not variable.selector:
        raise SecLangError(f"`!{variable.name}` excludes all of it")
    return variable.selector


def _arguments(selector: str | None, exceptions: list[str], places: Places) -> None:
    """Of the query and of the body, which AWS has only whole."""
    _query_arguments(selector, exceptions, places)
    if selector is None:
        places.found.append(Place(_BODY, decoded=True, whole=True, optional=True))
    else:
        places.lacking.append(f"`ARGS:{selector}` of the body: AWS WAF knows arguments of the query only")


def _query_arguments(selector: str | None, exceptions: list[str], places: Places) -> None:
    if exceptions:
        raise SecLangError("AWS WAF cannot leave out single arguments")
    field: Json = {"AllQueryArguments": {}}
    if selector is not None:
        field = {"SingleQueryArgument": {"Name": selector}}
    places.found.append(Place(field, several=True, decoded=True, optional=True))


def _body_arguments(selector: str | None, exceptions: list[str], places: Places) -> None:
    if selector is not None or exceptions:
        raise SecLangError("AWS WAF knows single arguments of the query only")
    places.found.append(Place(_BODY, decoded=True, whole=True, optional=True))


def _headers(selector: str | None, exceptions: list[str], places: Places) -> None:
    if selector is not None:
        if exceptions:
            raise SecLangError(f"`REQUEST_HEADERS:{selector}` has no parts")
        places.found.append(Place({"SingleHeader": {"Name": selector.lower()}}, optional=True))
        return
    pattern: Json = {"ExcludedHeaders": [name.lower() for name in exceptions]} if exceptions else {"All": {}}
    places.found.append(_map("Headers", pattern, "VALUE"))


def _header_names(selector: str | None, exceptions: list[str], places: Places) -> None:
    if selector is not None or exceptions:
        raise SecLangError("a name is no part of `REQUEST_HEADERS_NAMES`")
    places.found.append(_map("Headers", {"All": {}}, "KEY"))


def _cookies(selector: str | None, exceptions: list[str], places: Places) -> None:
    pattern: Json = {"All": {}}
    if selector is not None:
        pattern = {"IncludedCookies": [selector]}
    elif exceptions:
        pattern = {"ExcludedCookies": exceptions}
    places.found.append(_map("Cookies", pattern, "VALUE"))


def _cookie_names(selector: str | None, exceptions: list[str], places: Places) -> None:
    if selector is not None or exceptions:
        raise SecLangError("a name is no part of `REQUEST_COOKIES_NAMES`")
    places.found.append(_map("Cookies", {"All": {}}, "KEY"))


def _map(kind: str, pattern: Json, scope: str) -> Place:
    field = {kind: {"MatchPattern": pattern, "MatchScope": scope, "OversizeHandling": "CONTINUE"}}
    return Place(field, several=True, optional=True)


_MAKERS: Mapping[str, Callable[[str | None, list[str], Places], None]] = {
    "ARGS": _arguments,
    "ARGS_GET": _query_arguments,
    "ARGS_POST": _body_arguments,
    "REQUEST_HEADERS": _headers,
    "REQUEST_HEADERS_NAMES": _header_names,
    "REQUEST_COOKIES": _cookies,
    "REQUEST_COOKIES_NAMES": _cookie_names,
}
