"""kill -9 in the middle of calls: what was acknowledged is there with its event, nothing is half done."""

import json
import threading
from collections.abc import Callable

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from e2e.conftest import Server, policy
from policies import allow

DOCUMENT = json.dumps(policy(allow("iam:ListUsers")))


def hire(server: Server, worker: int, acknowledged: list[str], enough: Callable[[], bool]) -> None:
    """Create users, each with a policy in one more call, until the server is gone."""
    iam = server.client("iam")
    for number in range(10_000):
        if enough():
            return
        name = f"w{worker}-{number}"
        try:
            iam.create_user(UserName=name)
            acknowledged.append(name)
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=DOCUMENT)
            acknowledged.append(name + "/p")
        except (BotoCoreError, ClientError, ResponseParserError):  # the end may cut an answer short
            return


@pytest.mark.parametrize("calls", [40, 160, 400, 1000])
def test_acknowledged_changes_survive_a_kill(own_server: Server, calls: int) -> None:
    """Eight clients change things; after `calls` acknowledgements the server is killed and restarted."""
    server = own_server
    acknowledged: list[str] = []
    reached = threading.Event()

    def enough() -> bool:
        if len(acknowledged) >= calls:
            reached.set()
        return False

    workers = [
        threading.Thread(target=hire, args=(server, number, acknowledged, enough)) for number in range(8)
    ]
    for worker in workers:
        worker.start()
    assert reached.wait(timeout=120)
    server.kill()
    for worker in workers:
        worker.join()
    server.start()
    iam = server.client("iam")
    users = {
        user["UserName"] for page in iam.get_paginator("list_users").paginate() for user in page["Users"]
    }
    details = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"])
    policies = {
        f"{user['UserName']}/{p['PolicyName']}"
        for page in details
        for user in page["UserDetailList"]
        for p in user.get("UserPolicyList", ())
    }
    assert {name for name in acknowledged if "/" not in name} <= users
    assert {name for name in acknowledged if "/" in name} <= policies
    events = server.client("cloudtrail").get_paginator("lookup_events")
    attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
    recorded = {
        json.loads(event["CloudTrailEvent"])["requestParameters"]["userName"]
        for page in events.paginate(LookupAttributes=[attribute])
        for event in page["Events"]
    }
    assert recorded == users - {"admin"}, "a change and its event come and go together"


def encrypt(server: Server, key: str, answered: list[str], enough: Callable[[], bool]) -> None:
    """Use a key until the server is gone; notes the requests that were answered."""
    kms = server.client("kms")
    while not enough():
        try:
            answer = kms.encrypt(KeyId=key, Plaintext=b"secret")
        except (BotoCoreError, ClientError, ResponseParserError):
            return
        answered.append(answer["ResponseMetadata"]["RequestId"])


@pytest.mark.parametrize("calls", [30, 300])
def test_every_answered_use_of_a_key_is_recorded(own_server: Server, calls: int) -> None:
    """Eight clients encrypt at once, so that events are committed in groups; then the server is killed."""
    server = own_server
    key = server.client("kms").create_key()["KeyMetadata"]["KeyId"]
    answered: list[str] = []
    reached = threading.Event()

    def enough() -> bool:
        if len(answered) >= calls:
            reached.set()
        return False

    workers = [threading.Thread(target=encrypt, args=(server, key, answered, enough)) for _ in range(8)]
    for worker in workers:
        worker.start()
    assert reached.wait(timeout=120)
    server.kill()
    for worker in workers:
        worker.join()
    server.start()
    events = server.client("cloudtrail").get_paginator("lookup_events")
    attribute = {"AttributeKey": "EventName", "AttributeValue": "Encrypt"}
    recorded = {
        json.loads(event["CloudTrailEvent"])["requestID"]
        for page in events.paginate(LookupAttributes=[attribute])
        for event in page["Events"]
    }
    assert set(answered) <= recorded
