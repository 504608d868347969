"""The stack, the identity provider and the person whom faults are seeded for."""

import copy
import json

from boto3.dynamodb.types import TypeSerializer


class Patient:
    """What faults are seeded into. `heal` undoes those that do not undo themselves."""

    def __init__(self, rig, system, identity_id, uploader):
        self.rig, self.system, self.identity_id = rig, system, identity_id
        self.record = uploader.record("ada").json()
        self._key = {"TableName": rig.outputs["RecordsTable"], "Key": {"user_id": {"S": "ada"}}}
        self._item = rig.client("dynamodb").get_item(**self._key)["Item"]
        self._fake = copy.deepcopy((system.fake.users, system.fake.forbidden))

    def heal(self):
        self.rig.client("dynamodb").put_item(TableName=self._key["TableName"], Item=self._item)
        users, forbidden = copy.deepcopy(self._fake)
        self.system.fake.users, self.system.fake.forbidden = users, forbidden
        self.system.app.faults.clear()
        self.put_secret(self.system.secret)

    def change(self, **members):
        """Change members of the record."""
        item = self._item | TypeSerializer().serialize(members)["M"]
        self.rig.client("dynamodb").put_item(TableName=self._key["TableName"], Item=item)

    def move(self, url):
        """Change the photo's URL, in the record and at the identity provider."""
        self.change(url=url)
        self.profile()["primaryPhotoValue"] = url

    def reported(self, status, error):
        """Record a result of publish."""
        self.change(published={"status": status, "at": "2026-11-24T20:00:00.000Z", "attempts": 2, "error": error})

    def copy(self, user_id):
        """Store a record with the same photo for another user."""
        self.rig.client("dynamodb").put_item(
            TableName=self._key["TableName"], Item=self._item | {"user_id": {"S": user_id}}
        )

    def delete(self):
        """Delete the record."""
        self.rig.client("dynamodb").delete_item(**self._key)

    def after_sign_in(self, *faults):
        """Return faults that let the sign-in pass, once before each."""
        return [each for fault in faults for each in (self.system.fake.app, fault)]

    def profile(self):
        """The person's profile at the identity provider."""
        return self.system.fake.users[self.identity_id]["profile"]

    def put_secret(self, value):
        """Replace the secret's value."""
        text = value if isinstance(value, str) else json.dumps(value)
        self.rig.client("secretsmanager").put_secret_value(SecretId=self.secret_name, SecretString=text)

    @property
    def secret_text(self):
        """The right value of the secret."""
        return json.dumps(self.system.secret)

    @property
    def secret_name(self):
        [stack] = self.rig.client("cloudformation").describe_stacks(StackName="headshot")["Stacks"]
        values = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
        return values["IdentityProviderSecret"]
