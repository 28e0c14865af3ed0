"""Operations with keys. Their events count as reading, and are durable before the answer."""

from masugata.call import Operation, durable_read, read
from masugata.services.kms import (
    data_keys,
    encapsulation,
    encryption,
    key_agreement,
    macs,
    public_keys,
    random_bytes,
    signing,
)
from masugata.services.kms._ciphertexts import slow_decryption

OPERATIONS: dict[str, Operation] = {
    "Decapsulate": durable_read(encapsulation.decapsulate),
    "Decrypt": durable_read(encryption.decrypt, slow_decryption),
    "DeriveSharedSecret": durable_read(key_agreement.derive_shared_secret, key_agreement.slow_agreement),
    "Encapsulate": durable_read(encapsulation.encapsulate),
    "Encrypt": durable_read(encryption.encrypt),
    "GenerateDataKey": durable_read(data_keys.generate_data_key),
    "GenerateDataKeyPair": durable_read(data_keys.generate_data_key_pair, data_keys.slow_generation),
    "GenerateDataKeyPairWithoutPlaintext": durable_read(
        data_keys.generate_data_key_pair_without_plaintext, data_keys.slow_generation
    ),
    "GenerateDataKeyWithoutPlaintext": durable_read(data_keys.generate_data_key_without_plaintext),
    "GenerateMac": durable_read(macs.generate_mac),
    "GenerateRandom": durable_read(random_bytes.generate_random),
    "GetPublicKey": read(public_keys.get_public_key),
    "ReEncrypt": durable_read(encryption.re_encrypt, slow_decryption),
    "Sign": durable_read(signing.sign, signing.slow_signing),
    "Verify": durable_read(signing.verify, signing.slow_verification),
    "VerifyMac": durable_read(macs.verify_mac),
}
