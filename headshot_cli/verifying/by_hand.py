"""What only a deployed stack can show, and only somebody who tries it by hand."""

from headshot_cli.verifying.check import Check

BY_HAND = (
    Check(
        "first-minutes",
        "Files copied within five minutes of the first deploy become photos too",
        "aws s3 cp photo.jpg <DropBox>probe.jpg; headshot show probe",
    ),
    Check(
        "api-import",
        "API Gateway imports the API without a warning, which would fail the deployment (`FailOnWarnings`): SAM marks"
        " public routes as `security: NONE`",
        "sam deploy",
    ),
    Check(
        "throttling",
        "Requests above `ThrottleRate` get 429",
        "sam deploy --parameter-overrides ThrottleRate=1 ThrottleBurst=1;"
        " seq 20 | xargs -P 20 -I{} curl -s -o /dev/null -w '%{http_code}\\n' <BaseUrl>/photos/_default.jpg",
    ),
    Check(
        "alarms",
        "Alarms fire and reach the topic, after about 20 minutes: an idle queue publishes its metrics late",
        "aws sqs send-message --queue-url <IngestDeadLetterQueue>"
        """ --message-body '{"detail": {"object": {"key": "dropbox/nobody.jpg"}}}';"""
        " sleep 1200; headshot status; headshot retry",
    ),
    Check(
        "custom-domain",
        "The custom domain, its certificate and its DNS record work",
        "sam deploy --parameter-overrides DomainName=… CertificateArn=… HostedZoneId=…; headshot verify as-atlassian",
    ),
    Check(
        "own-address",
        "With `ExecuteApiEndpoint=Disabled`, the API answers at `DomainName` only, signed requests included",
        "sam deploy --parameter-overrides ExecuteApiEndpoint=Disabled; headshot verify upload;"
        " curl -i https://<api id>.execute-api.<region>.amazonaws.com/health",
    ),
    Check(
        "limits",
        "API Gateway takes limits per route (`RouteSettings`), and Lambda reserved concurrency, from parameters",
        "sam deploy --parameter-overrides PublicThrottleRate=500 PublicThrottleBurst=1000 ServeConcurrency=20",
    ),
    Check(
        "own-logs",
        "S3 and API Gateway write into the bucket and the log group of `AccessLogBucket` and `AuditLogGroup`",
        "sam deploy --parameter-overrides AccessLogBucket=… AuditLogGroup=…; sleep 7200; aws s3 ls …; aws logs tail …",
    ),
    Check(
        "edge",
        "With `EdgeCache`, HEAD and GET of a photo come from S3 with serve's headers and without the object's metadata,"
        " replaced and missing photos come from the API, and an erased person's photo is gone within minutes",
        "sam deploy --parameter-overrides EdgeCache=Enabled EdgeCertificateArn=…; headshot verify as-atlassian erase;"
        " curl -i <BaseUrl>/photos/probe/<version>.jpg",
    ),
    Check(
        "delete",
        "`sam delete` succeeds while the three policies are attached, and keeps the bucket and the table;"
        " `headshot destroy` deletes everything",
        "aws iam attach-role-policy --role-name … --policy-arn <UploadPolicyArn>; sam delete; sam deploy;"
        " headshot destroy --without-export",
    ),
    Check(
        "one-person",
        "A policy for one person allows that person only, also if the user id contains `@`",
        "headshot show ada@example.com",
    ),
    Check(
        "failed-deploy",
        "A first deploy that fails leaves only the empty table of records behind, and `sam delete` succeeds",
        "sam deploy --stack-name failing --parameter-overrides DomainName=… CertificateArn=<one of another region>;"
        " sam delete --stack-name failing; aws dynamodb list-tables",
    ),
    Check(
        "guard-rails",
        "With a permissions boundary, a role path and a key of your own, everything else on this list still holds",
        "sam deploy --parameter-overrides PermissionsBoundaryArn=… RolePath=… KmsKeyArn=…; headshot verify",
    ),
    Check(
        "take-over",
        "A new stack imports the bucket and the table of a deleted one, and updates them",
        "aws cloudformation create-change-set --change-set-type IMPORT --stack-name … --change-set-name import"
        " --template-body file://stacks/kept.yaml --resources-to-import file://kept.json; sam deploy",
    ),
    Check(
        "restored-table",
        "A table restored under its own name works, and relay reads its new stream after `IdentityProvider` was None",
        "aws dynamodb restore-table-from-backup --target-table-name <RecordsTable> --backup-arn …;"
        " sam deploy --parameter-overrides IdentityProvider=None --tags restored=…;"
        " sam deploy --parameter-overrides IdentityProvider=…",
    ),
    Check(
        "former-name",
        "After `DomainName` has changed, URLs with the former host name still work",
        "sam deploy --parameter-overrides DomainName=… CertificateArn=…; headshot check <former URL>",
    ),
    Check(
        "one-message",
        "In a bulk upload, relay sends one message per photo, and at most two of `publish` run at once",
        "aws logs tail <log group RelayLogs>; aws logs tail <log group PublishLogs>",
    ),
    Check(
        "drop-box-rate",
        "The drop box processes 80 files a second with `IngestConcurrency=20`",
        "aws s3 cp --recursive photos/ <DropBox>; headshot status",
    ),
    Check(
        "reconcile",
        "Reconcile continues by itself after 15 minutes",
        "sam deploy --parameter-overrides ReconcileSchedule='\"rate(1 day)\"'; aws logs tail <log group ReconcileLogs>",
    ),
    Check(
        "identity-provider",
        "The identity provider's console and API work as its page in docs/ says",
        "headshot show USER",
    ),
    Check(
        "sources",
        "`headshot import` reads photos from Microsoft Entra and from Active Directory",
        "headshot import entra --dry-run; headshot import ldaps://… --dry-run",
    ),
    Check(
        "atlassian",
        "Atlassian shows the photo after the user logs in at <https://id.atlassian.com>",
        "headshot check USER",
    ),
    Check(
        "sam-local", "`sam local` works in AWS's own image, on arm64, and with Docker Desktop", "make sam-local-test"
    ),
)
