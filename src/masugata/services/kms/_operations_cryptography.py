"""Operations with keys."""

from masugata.call import Operation, durable_read
from masugata.services.kms import encryption

OPERATIONS: dict[str, Operation] = {
    "Decrypt": durable_read(encryption.decrypt),
    "Encrypt": durable_read(encryption.encrypt),
}
