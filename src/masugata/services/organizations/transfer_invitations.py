from masugata.call import Call
from masugata.records.organizations import Handshake


def take_effect(call: Call, management: str, handshake: Handshake) -> None:
    raise NotImplementedError
