"""Holds what boto3's clients answer to the model that boto3 has of it."""

import re
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from masugata.engines.keys import KEY_SPECS
from masugata.services import SERVICES
from support import House

ANSWERED_BEYOND_THE_MODEL = {
    "CustomerMasterKeySpec": frozenset(KEY_SPECS),  # which is documented to be that of KeySpec
    "PermissionsBoundaryType": frozenset({"Policy"}),
    "SourcePolicyType": frozenset({"IAM Policy"}),
}
"""What AWS answers in these members although its own model does not list it."""


class Inspector:
    """Holds every answer of its clients to the model, and remembers what was called.

    `missing` are members that the model requires, `outside` those whose size or form it excludes: the test
    says what AWS leaves out or answers nonetheless.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self.called: dict[str, set[str]] = {service: set() for service in SERVICES}
        self.missing: set[str] = set()
        self.outside: set[str] = set()
        self.resolution = 1_000_000  # of times, in microseconds

    def client(self, service: str, key: Any = None, *, token: Any = None) -> Any:
        """A client of which all answers are inspected; by default the administrator's."""
        client = self.house.client(service, key, token=token)
        client.meta.events.register("after-call", self._inspect)
        return client

    def session(self, credentials: dict[str, Any], service: str) -> Any:
        """The same with temporary credentials."""
        key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
        return self.client(service, key, token=credentials["SessionToken"])

    def _inspect(self, model: OperationModel, http_response: Any, parsed: Any, **_: Any) -> None:
        assert http_response.status_code == 200, parsed
        service = model.service_model.service_name
        self.called[service].add(model.name)
        assert len(parsed["ResponseMetadata"]["RequestId"]) == 36
        if model.output_shape is not None:
            self._check(model.output_shape, parsed, model.name)

    def _check(self, shape: Shape, value: Any, place: str) -> None:
        if isinstance(shape, StructureShape):
            self.missing |= {f"{place}.{name}" for name in shape.required_members if name not in value}
            for name, member in shape.members.items():
                if name in value:
                    self._check(member, value[name], f"{place}.{name}")
        elif isinstance(shape, ListShape):
            for item in value:
                self._check(shape.member, item, f"{place}[]")
        elif isinstance(shape, MapShape):
            for item in value.values():
                self._check(shape.value, item, f"{place}{{}}")
        elif shape.type_name == "timestamp":
            moment = value if isinstance(value, datetime) else parse_timestamp(value)
            assert moment.microsecond % self.resolution == 0, place
            assert moment.tzinfo is not None, place
        elif getattr(shape, "enum", None):
            member = place.rpartition(".")[2]
            assert value in {*shape.enum, *ANSWERED_BEYOND_THE_MODEL.get(member, ())}, place
        elif isinstance(value, str | int):  # boto3 has made mappings of policies
            self._check_limits(shape.metadata, value, place)

    def _check_limits(self, limits: dict[str, Any], value: str | int, place: str) -> None:
        size = len(value) if isinstance(value, str) else value
        fits = limits.get("min", size) <= size <= limits.get("max", size)
        pattern = limits.get("pattern", "")
        if pattern and isinstance(value, str) and r"\p" not in pattern:  # which `re` does not know
            fits = fits and re.fullmatch(pattern, value) is not None
        if not fits:
            self.outside.add(place)
