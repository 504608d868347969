"""Faults between the stack and the identity provider."""

from tests.doctor.faults.registry import fault
from tests.fakes import faults


@fault("secret", "There is no secret", "Create it there")
def missing_secret(patient, _monkeypatch):
    name, client = patient.secret_name, patient.rig.client("secretsmanager")
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    yield
    client.create_secret(Name=name, SecretString=patient.secret_text)


@fault("secret", "scheduled for deletion", "restore-secret")
def deleted_secret(patient, _monkeypatch):
    name, client = patient.secret_name, patient.rig.client("secretsmanager")
    client.delete_secret(SecretId=name)
    yield
    client.restore_secret(SecretId=name)


def with_secret(name, value, link, *words):
    def seed(patient, _monkeypatch):
        patient.put_secret(value if isinstance(value, str) else patient.system.secret | value)
        yield

    seed.__name__ = name
    fault(link, *words)(seed)


with_secret("secret_that_is_no_json", "api_token=…", "secret", "not a JSON object")
with_secret("secret_without_a_field", {"private_key": ""}, "secret", 'no text field "private_key"')
with_secret("secret_with_a_damaged_key", {"private_key": "no key"}, "secret", "not an RSA key in PEM")
with_secret(
    "wrong_client_id", {"client_id": "another"}, "sign-in", "rejected Headshot's credentials", "Check the secret"
)


@fault("sign-in", "answered 401", "Check the credentials")
def rejected_token(patient, _monkeypatch):
    unauthorized = faults.answer(401, body=b'{"errorCode": "E0000011", "errorSummary": "Invalid token provided"}')
    patient.system.app.faults.extend(patient.after_sign_in(unauthorized, unauthorized))
    yield


@fault("sign-in", "Okta answered 500", "If this persists")
def outage(patient, _monkeypatch):
    patient.system.app.faults.extend(patient.after_sign_in(faults.answer(500)))
    yield


@fault("permissions", "did not grant the scopes", "Grant Headshot's app the scopes")
def missing_scope(patient, _monkeypatch):
    patient.system.app.faults.append(faults.answer(400, body=b'{"error": "invalid_scope"}'))
    yield


@fault("permissions", "answered 403", "admin role that covers this user")
def missing_role(patient, _monkeypatch):
    patient.system.fake.forbidden.add(patient.identity_id)
    yield


@fault("user", "no user ada", "id, login or e-mail address")
def unknown_user(patient, _monkeypatch):
    patient.reported("waiting", "Okta has no user ada.")
    del patient.system.fake.users[patient.identity_id]
    yield


@fault("user", "no user ada")
def deleted_user(patient, _monkeypatch):
    """As before, but after the photo was published."""
    del patient.system.fake.users[patient.identity_id]
    yield


@fault("attribute", "is not defined", '"primaryPhotoValue"', "Profile Editor")
def missing_attribute(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported(
        "failed",
        "Okta answered 400: Api validation failed: user; primaryPhotoValue is not defined. Check that the Okta user"
        ' profile has the string attribute "primaryPhotoValue" (Profile Editor).',
    )
    yield


@fault("value", "no URL", "deactivated users", "headshot retry")
def deactivated_user(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported("failed", "Okta answered 403. Okta does not change deactivated users.")
    yield


@fault("value", "URL of an earlier photo", "headshot reconcile")
def stale_url(patient, _monkeypatch):
    patient.profile()["primaryPhotoValue"] = patient.record["url"].replace(patient.record["version"], "0" * 32)
    yield


@fault("value", "another URL, 'https://example.com/me.jpg'", "changed there", "headshot reconcile")
def changed_by_hand(patient, _monkeypatch):
    patient.profile()["primaryPhotoValue"] = "https://example.com/me.jpg"
    yield


@fault("value", "no URL", "The secret cannot be read (AccessDeniedException)", "tries again")
def role_without_the_secret(patient, _monkeypatch):
    del patient.profile()["primaryPhotoValue"]
    patient.reported("retrying", "The secret cannot be read (AccessDeniedException).")
    yield
