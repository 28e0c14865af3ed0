"""Operations on AWS WAF's SDKs for mobile apps, of which there are none here."""

from typing import TYPE_CHECKING, Any, NoReturn

from masugata.call import Call
from masugata.services.wafv2._errors import nonexistent
from masugata.services.wafv2._paging import page

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes


def list_mobile_sdk_releases(call: Call, request: "shapes.ListMobileSdkReleasesRequest") -> dict[str, Any]:
    """No releases; raises WAFInvalidParameterException for a marker that nobody was given."""
    page(call, request, (), str)
    return {"ReleaseSummaries": []}


def get_mobile_sdk_release(call: Call, request: "shapes.GetMobileSdkReleaseRequest") -> NoReturn:
    """Raises WAFNonexistentItemException."""
    del call
    raise nonexistent(f"release {request['ReleaseVersion']} for {request['Platform']}")


def generate_mobile_sdk_release_url(
    call: Call, request: "shapes.GenerateMobileSdkReleaseUrlRequest"
) -> NoReturn:
    """Raises WAFNonexistentItemException."""
    del call
    raise nonexistent(f"release {request['ReleaseVersion']} for {request['Platform']}")
