"""What docs/cost.md assumes: AWS's list prices, and how much work a read, a picture and a stack are."""

from dataclasses import dataclass

PRICED = "November 2026"


@dataclass(frozen=True, slots=True)
class Price:
    """A list price of us-east-1 in US dollars for `per` units, without the free tier, and the AWS page it is from."""

    what: str
    usd: float
    per: int
    unit: str
    page: str

    def __str__(self) -> str:
        """Return the price for a sum, such as "1.00 a million"."""
        return f"{self.usd:.10f}".rstrip("0").ljust(4, "0") + f" {self.unit}"


MILLION, EACH = 1_000_000, 1

HTTP_API = Price("request of an HTTP API, up to 512 KB", 1.00, MILLION, "a million", "Amazon API Gateway pricing")
LAMBDA_REQUEST = Price("run of a function", 0.20, MILLION, "a million", "AWS Lambda pricing")
LAMBDA_GB_SECOND = Price("GB-second on arm64", 0.0000133334, EACH, "a GB-second", "AWS Lambda pricing")
S3_WRITE = Price("PUT or LIST", 5.00, MILLION, "a million", "Amazon S3 pricing")
S3_READ = Price("GET or HEAD", 0.40, MILLION, "a million", "Amazon S3 pricing")
S3_GB = Price("GB stored in S3 for a month", 0.023, EACH, "a GB", "Amazon S3 pricing")
TRANSFER = Price("GB from AWS to the internet", 0.09, EACH, "a GB", "Amazon EC2 on-demand pricing, data transfer")
TABLE_WRITE = Price(
    "write of up to 1 KB", 0.625, MILLION, "a million", "Amazon DynamoDB pricing for on-demand capacity"
)
TABLE_READ = Price("read of up to 4 KB", 0.125, MILLION, "a million", "Amazon DynamoDB pricing for on-demand capacity")
TABLE_GB = Price(
    "GB stored in DynamoDB for a month", 0.25, EACH, "a GB", "Amazon DynamoDB pricing for on-demand capacity"
)
BACKUP_GB = Price(
    "GB of point-in-time recovery for a month", 0.20, EACH, "a GB", "Amazon DynamoDB pricing for on-demand capacity"
)
SQS = Price("request to a queue", 0.40, MILLION, "a million", "Amazon SQS pricing")
EVENT = Price("event of S3", 1.00, MILLION, "a million", "Amazon EventBridge pricing")
LOG_GB = Price("GB written to CloudWatch Logs", 0.50, EACH, "a GB", "Amazon CloudWatch pricing")
ALARM = Price("alarm for a month", 0.10, EACH, "each", "Amazon CloudWatch pricing")
SECRET = Price("secret for a month", 0.40, EACH, "each", "AWS Secrets Manager pricing")
EDGE = Price("HTTPS request to CloudFront", 1.00, MILLION, "a million", "Amazon CloudFront pricing")
EDGE_GB = Price("GB from CloudFront to Europe or North America", 0.085, EACH, "a GB", "Amazon CloudFront pricing")

PRICES = [
    *(HTTP_API, LAMBDA_REQUEST, LAMBDA_GB_SECOND, S3_WRITE, S3_READ, S3_GB, TRANSFER),
    *(TABLE_WRITE, TABLE_READ, TABLE_GB, BACKUP_GB, SQS, EVENT, LOG_GB, ALARM, SECRET, EDGE, EDGE_GB),
]

# People. Atlassian requests a photo when its URL changes, and rarely otherwise.
PHOTOS_A_YEAR = 1.0  # new photos for each person
READS_A_MONTH = 10  # requests for each photo
GET_SHARE = 0.5  # of the reads: the others are HEAD, which has no body
EDGE_HIT_SHARE = 0.5  # of the reads, with CloudFront: rare requests from many places often miss its caches
PHOTO_KB = 45  # docs/imaging.md
RECORD_KB = 1

# Time of functions, in seconds.
READ_SECONDS = 0.025
COLD_START_SECONDS = 0.3  # AWS bills it since August 2025
PICTURE_SECONDS = 0.25  # upload or ingest, docs/load.md
PUBLISH_SECONDS = 0.4  # relay and publish together, for one photo
SWEEP_SECONDS = 1.0
SWEEPS = 30 * 144  # a month: every ten minutes

# Requests for one picture through the drop box, publishing included.
PICTURE_WRITES, PICTURE_READS = 4, 2  # S3
PICTURE_TABLE_WRITES, PICTURE_TABLE_READS = 3, 3
PICTURE_MESSAGES, PICTURE_RUNS = 4.4, 2.4
PICTURE_LOG_BYTES = 1500

# Lambda polls a queue with five connections, each of which waits for 20 seconds.
POLLS = 5 * 30 * 86_400 // 20  # a month, for each queue
QUEUES = 2

# What a log line holds. CloudWatch adds 26 bytes to each (PutLogEvents, CloudWatch Logs API reference).
LINE_OVERHEAD = 26
REQUEST = {
    "requestId": "dXNlcjEyMzQ1Njc4=",
    "requestTime": "24/Nov/2026:22:42:03 +0000",
    "identity.sourceIp": "203.0.113.171",
    "httpMethod": "GET",
    "path": "/photos/00u1a2b3c4d5e6f7g8h9/9f86d081884c7d659a2feaa0c55ad015.jpg",
    "routeKey": "GET /photos/{user_id}/{file}",
    "status": "200",
    "responseLength": "46080",
    "responseLatency": "38",
    "identity.userArn": "-",
    "identity.userAgent": "Mozilla/5.0 (compatible; example)",
    "error.message": "-",
    "integrationErrorMessage": "-",
}
# What Lambda logs of each run at its level INFO, in the format of its telemetry API.
_RUN = "6d68ca91-49c9-448d-89b8-7ca3e6dc66aa"
_METRICS = '{"durationMs":24.871,"billedDurationMs":25,"memorySizeMB":512,"maxMemoryUsedMB":84}'
_START = f'{{"requestId":"{_RUN}","version":"$LATEST"}}'
_REPORT = f'{{"requestId":"{_RUN}","metrics":{_METRICS},"status":"success"}}'
SYSTEM_LINES = [
    f'{{"time":"2026-11-24T22:42:03.046Z","type":"platform.start","record":{_START}}}',
    f'{{"time":"2026-11-24T22:42:03.071Z","type":"platform.report","record":{_REPORT}}}',
]
