"""The reader of AWS's service models."""

import subprocess
import sys

import pytest

from masugata.wire.models import UnknownOperationError, UnknownServiceError, load_service, service_names


def test_newest_model_with_its_names() -> None:
    """What routing needs stands on the model: version, signing name, target prefix, protocols."""
    iam, kms = load_service("iam"), load_service("kms")
    assert (iam.api_version, iam.signing_name, iam.target_prefix) == ("2010-05-08", "iam", None)
    assert iam.xml_namespace == "https://iam.amazonaws.com/doc/2010-05-08/"
    assert (kms.target_prefix, kms.protocols) == ("TrentService", ("json-1.1",))
    assert load_service("accessanalyzer").signing_name == "access-analyzer"
    assert load_service("sso-admin").signing_name == "sso"
    assert load_service("shield").protocols == ("rpc-v2-cbor", "json-1.1")
    assert load_service("dynamodb").protocols[0] in ("json-1.0", "rpc-v2-cbor")


def test_global_services_are_those_without_regions() -> None:
    """The service sts has a global endpoint and is regional; organizations has none and is global."""
    names = ("iam", "organizations", "shield", "artifact", "account", "sts", "kms", "cloudtrail")
    assert [name for name in names if load_service(name).is_global] == [
        "iam", "organizations", "shield", "artifact", "account",
    ]  # fmt: skip


def test_operation_and_shape() -> None:
    """An operation has its shapes and errors, a shape its traits."""
    iam = load_service("iam")
    operation = iam.operation("CreateUser")
    assert (operation.input, operation.result_wrapper) == ("CreateUserRequest", "CreateUserResult")
    assert "EntityAlreadyExistsException" in operation.errors
    assert iam.operation("DeleteUser").output is None
    shape = iam.shape("CreateUserRequest")
    assert shape.required == ("UserName",)
    assert iam.shape(shape.members["UserName"].shape).maximum == 64
    assert iam.shape("passwordType").sensitive
    sts = load_service("sts")
    assert sts.operation("AssumeRoleWithSAML").unsigned
    assert not sts.operation("AssumeRole").unsigned


def test_error_by_code_or_shape_name() -> None:
    """An error is found by the code on the wire and by the name of its shape."""
    iam = load_service("iam")
    by_code = iam.error("NoSuchEntity")
    assert by_code is not None
    assert by_code is iam.error("NoSuchEntityException")
    assert by_code.http_status == 404
    assert iam.error("CreateUserRequest") is None


@pytest.mark.parametrize("name", ["", "..", "iam/2010-05-08", "no-such-service", "\0"])
def test_unknown_service_is_named(name: str) -> None:
    """A name that is no model's is refused, whatever it would mean to the file system."""
    with pytest.raises(UnknownServiceError):
        load_service(name)
    assert name not in service_names()


def test_unknown_operation_is_named() -> None:
    """An unknown operation is an error that names it; case counts."""
    with pytest.raises(UnknownOperationError, match="`createuser`"):
        load_service("iam").operation("createuser")


def test_neither_botocore_nor_a_model_is_loaded_at_import() -> None:
    """Importing the package reads no model, and reading one does not import botocore."""
    script = (
        "import sys, masugata.wire, masugata.wire.models as m\n"
        "assert m.load_service.cache_info().currsize == 0\n"
        "m.load_service('iam')\n"
        "assert 'botocore' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
