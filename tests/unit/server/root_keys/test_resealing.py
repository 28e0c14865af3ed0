"""Everything that is sealed opens under a new root key, and at every moment before."""

import os
from datetime import UTC, datetime

import msgspec
import pytest

from masugata.keeper import SealBrokenError
from masugata.records.iam import ACCESS_KEY
from masugata.records.kms import CREDENTIAL_PURPOSE, CUSTOM_KEY_STORE, KEY_MATERIAL, CustomKeyStore
from masugata.server.root_keys import BROKEN, SEALED_FIELDS, reseal, resealing, secrets_by_root_key
from masugata.server.root_keys.sealed_fields import Place
from support import ACCOUNT, House
from unit.services.iam.certificates import certificate, ec_key, pem


@pytest.fixture
def house(tmp_path):
    """An installation with a secret in every field, each sealed as the program does it."""
    house = House(tmp_path)
    iam, kms = house.client("iam"), house.client("kms")
    iam.create_user(UserName="jane")
    for _ in range(2):
        iam.create_access_key(UserName="jane")
    iam.create_login_profile(UserName="jane", Password="Kabuto-1560-Okehazama")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/yard/")
    key = ec_key()
    body = pem(certificate(key, days=36_500))
    iam.upload_server_certificate(ServerCertificateName="gate", CertificateBody=body, PrivateKey=pem(key))
    iam.create_service_specific_credential(UserName="jane", ServiceName="codecommit.amazonaws.com")
    iam.enable_outbound_web_identity_federation()
    house.client("sts").get_web_identity_token(Audience=["x"], SigningAlgorithm="ES384")
    for _ in range(3):
        kms.create_key()
    house.client("wafv2").create_api_key(Scope="REGIONAL", TokenDomains=["shop.example.com"])
    store = CustomKeyStore(
        id="cks-1",
        name="own",
        creation_date=datetime.now(UTC),
        secret_access_key=house.keeper.seal(CREDENTIAL_PURPOSE, b"secret", b"cks-1"),
    )
    house.store.submit(lambda tx: tx.put(CUSTOM_KEY_STORE, ACCOUNT, store)).result()
    return house


def plaintexts(house) -> dict[tuple[str, str, str, int], bytes]:
    """What every sealed field opens to, by the table."""
    records, found = house.store.snapshot(), {}
    for field in SEALED_FIELDS:
        for account, region in records.partitions(field.kind):
            for record in records.scan(field.kind, account, region):
                sealed = field.find(Place(records, account, region), record)
                for at, one in enumerate(sealed):
                    key = (field.kind.name, account + region, field.kind.key(record), at)
                    found[key] = house.keeper.unseal(field.purpose, one.blob, one.identity)
    return found


def test_everything_opens_under_the_new_root_key(house):
    """Each field has a secret here, all are sealed anew, open to the same, and need no old root key."""
    before = plaintexts(house)
    assert {name for name, *_ in before} == {field.kind.name for field in SEALED_FIELDS}
    assert secrets_by_root_key(house.store.snapshot()) == {1: len(before)}
    newest = house.keeper.add_root_key().root_keys[-1]
    assert plaintexts(house) == before
    seen = []
    assert reseal(house.store, house.keeper, newest, lambda *now: seen.append(now)) == (len(before), ())
    assert secrets_by_root_key(house.store.snapshot()) == {2: len(before)}
    assert seen[-1] == (len(before), len(before))
    house.keeper.forget_root_key(1)
    assert plaintexts(house) == before
    assert reseal(house.store, house.keeper, newest).done == 0


def test_clients_notice_nothing(house):
    """Access keys sign, and ciphertexts decrypt, before, between and after."""
    kms, iam = house.client("kms"), house.client("iam")
    key = kms.list_keys()["Keys"][0]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
    newest = house.keeper.add_root_key().root_keys[-1]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    reseal(house.store, house.keeper, newest)
    house.keeper.forget_root_key(1)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
    assert iam.get_user(UserName="jane")["User"]["UserName"] == "jane"


def test_batches_go_on_where_one_ended(house, monkeypatch):
    """However small the batches are, nothing is left out; and who was stopped begins again."""
    before = plaintexts(house)
    monkeypatch.setattr(resealing, "BATCH", 1)
    newest = house.keeper.add_root_key().root_keys[-1]

    class StoppedError(Exception):
        pass

    def stop(seen, _):
        if seen > len(before) // 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        reseal(house.store, house.keeper, newest, stop)
    halfway = secrets_by_root_key(house.store.snapshot())
    assert set(halfway) == {1, 2}
    assert plaintexts(house) == before
    assert reseal(house.store, house.keeper, newest).done == halfway[1]
    assert plaintexts(house) == before
    assert secrets_by_root_key(house.store.snapshot()) == {2: len(before)}


def test_broken_secret_is_named_and_left(house):
    """A secret that does not open, or has no form, stays as it is, is named, and stops nothing else."""
    records = house.store.snapshot()
    keys = list(records.scan(ACCESS_KEY, ACCOUNT))
    swapped = msgspec.structs.replace(keys[0], secret=keys[1].secret)
    formless = msgspec.structs.replace(keys[2], secret=os.urandom(64).replace(b"\1", b"\0"))
    for key in (swapped, formless):
        house.store.submit(lambda tx, key=key: tx.put(ACCESS_KEY, ACCOUNT, key)).result()
    newest = house.keeper.add_root_key().root_keys[-1]
    count, broken = reseal(house.store, house.keeper, newest)
    assert set(broken) == {f"iam access-key {ACCOUNT} {key.id}" for key in (swapped, formless)}
    left = secrets_by_root_key(house.store.snapshot())
    assert (left[1], left[BROKEN], left[2]) == (1, 1, count)
    assert house.store.snapshot().get(ACCESS_KEY, ACCOUNT, swapped.id).secret == swapped.secret
    with pytest.raises(SealBrokenError):
        plaintexts(house)


def test_material_of_a_deleted_key_is_nobodys(house):
    """Material whose key is gone cannot be sealed anew, and does not count."""
    from masugata.records.kms import KEY

    def delete(tx):
        for account, region in tx.partitions(KEY):
            for key in tx.scan(KEY, account, region):
                tx.delete(KEY, account, key.id, region)

    house.store.submit(delete).result()
    newest = house.keeper.add_root_key().root_keys[-1]
    assert reseal(house.store, house.keeper, newest).broken == ()
    assert set(secrets_by_root_key(house.store.snapshot())) == {2}
    assert house.store.snapshot().partitions(KEY_MATERIAL)
