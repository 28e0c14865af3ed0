"""Values as answers have them, in the form that descriptions have."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from masugata.apply.description import NOWHERE
from masugata.apply.document import Text
from masugata.errors import MasugataError
from masugata.services.organizations._creating import ACCOUNT_ID_TAG


def name_at(text: str) -> Text:
    """A name that is in no file."""
    return Text.at(NOWHERE, text)


def json_value(text: str) -> Any:
    """A policy of an answer. Numbers are texts, as in a file: to policies they are the same."""
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except ValueError as error:
        raise MasugataError("a policy that is stored is not JSON, so it cannot be compared") from error


def tag_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags if tag["Key"] != ACCOUNT_ID_TAG}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as requests have them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
