"""GenerateRandom."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import CUSTOM_KEY_STORE
from masugata.services.kms._use import check_no_recipient

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def generate_random(call: Call, request: "shapes.GenerateRandomRequest") -> "shapes.GenerateRandomResponse":
    """Random bytes, at most 1024.

    Raises ValidationException, CustomKeyStoreNotFoundException, and UnsupportedOperationException for a
    Recipient or a custom key store: only clusters of CloudHSM make random bytes.
    """
    check_no_recipient(request)
    size = request.get("NumberOfBytes")
    if size is None:
        raise AwsError("ValidationError", "NumberOfBytes is required.", 400)
    if (store := request.get("CustomKeyStoreId")) is not None:
        if call.records.get(CUSTOM_KEY_STORE, call.account, store, call.region) is None:
            raise AwsError("CustomKeyStoreNotFoundException", "", 400)
        message = "An external key store does not generate random bytes."
        raise AwsError("UnsupportedOperationException", message, 400)
    return {"Plaintext": call.random(size)}
