"""The table of everything that only a deployed stack can show. docs/not-yet-verified.md has the same rows."""

from headshot_cli.verifying import access, queued, reading, settings, writing
from headshot_cli.verifying.by_hand import BY_HAND
from headshot_cli.verifying.check import Check

_SIGNED = "awscurl --service execute-api --region <region>"


CHECKS = (
    Check(
        "upload",
        "A signed upload becomes a photo: the functions, their layer and their architecture work",
        "headshot put probe photo.jpg",
        writing.upload,
    ),
    Check(
        "as-atlassian", "HEAD and GET of a photo agree: 200, `image/jpeg`", "headshot check probe", reading.as_atlassian
    ),
    Check(
        "head-length",
        "API Gateway keeps the `Content-Length` of HEAD",
        "curl --head <BaseUrl>/photos/_default.jpg",
        reading.head_length,
    ),
    Check(
        "not-modified",
        "`If-None-Match` gets 304",
        "curl -i -H 'If-None-Match: \"<version>\"' <BaseUrl>/photos/probe/<version>.jpg",
        reading.not_modified,
    ),
    Check(
        "missing-version",
        "A version that a user does not have gets 404, even if S3 answers 403 for its key",
        "curl -i <BaseUrl>/photos/probe/00000000000000000000000000000000.jpg",
        reading.missing_version,
    ),
    Check(
        "same-not-found",
        "An unknown user, an unknown version and a malformed name all get the same 404",
        "curl -i <BaseUrl>/photos/nobody.jpg",
        reading.same_not_found,
    ),
    Check(
        "unsigned",
        "Every route but those of photos rejects unsigned requests",
        "curl -i <ApiEndpoint>/users/probe/photo",
        access.unsigned,
    ),
    Check(
        "wrong-signature",
        "A wrong signature gets 403",
        "curl -i --user wrong:wrong --aws-sigv4 aws:amz:<region>:execute-api <ApiEndpoint>/users/probe/photo",
        access.wrong_signature,
    ),
    Check(
        "at-sign",
        "User ids with `@` work in a signed path",
        f"{_SIGNED} <ApiEndpoint>/users/probe@example.com/photo",
        writing.at_sign,
    ),
    Check(
        "plus-sign",
        "User ids with `+` work in a path; the result lists the encodings that work",
        f"{_SIGNED} <ApiEndpoint>/users/probe%252B1/photo",
        writing.plus_sign,
    ),
    Check(
        "too-large",
        "A body between 4.5 and 10 MB, which API Gateway accepts and Lambda does not, gets 413",
        "head -c 7000000 /dev/zero > zeros && "
        f"{_SIGNED} -X PUT -d @zeros --data-binary <ApiEndpoint>/users/probe/photo",
        writing.too_large,
    ),
    Check(
        "form",
        "A file uploaded by a form becomes a photo",
        f"{_SIGNED} -X POST <ApiEndpoint>/users/probe/photo/uploads",
        queued.form,
    ),
    Check(
        "drop-box",
        "A file in the drop box becomes a photo",
        "aws s3 cp photo.jpg <DropBox>probe.jpg; headshot show probe",
        queued.drop_box,
    ),
    Check(
        "publish",
        "A new photo passes the stream's filter, relay and the queue, and publish calls the identity provider",
        "headshot show probe",
        queued.publish,
    ),
    Check("erase", "An erased user has no record and no photo", "headshot erase probe", writing.erase),
    Check(
        "plain-http",
        "The bucket rejects plain HTTP from everyone, by an *explicit deny*",
        "aws s3api get-object --endpoint-url http://s3.<region>.amazonaws.com --bucket <PhotosBucket>"
        " --key photos/probe/<version>.jpg photo.jpg",
        settings.plain_http,
    ),
    Check(
        "event-bridge",
        "The bucket announces new files to EventBridge",
        "aws s3api get-bucket-notification-configuration --bucket <PhotosBucket>",
        settings.event_bridge,
    ),
    Check(
        "lifecycle",
        "Superseded photos expire, and so do rejected and forgotten files",
        "aws s3api get-bucket-lifecycle-configuration --bucket <PhotosBucket>",
        settings.lifecycle,
    ),
    Check(
        "recovery",
        "The records can be restored to any point in time",
        "aws dynamodb describe-continuous-backups --table-name <RecordsTable>",
        settings.recovery,
    ),
    Check(
        "concurrency",
        "The account may run enough functions at once that the queues leave some for reads",
        "aws lambda get-account-settings",
        settings.concurrency,
    ),
    *BY_HAND,
)
