"""The metrics of a small platform for documents."""
from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter("http_requests_total", "Requests", ["method", "endpoint", "status"])
LATENCY = Histogram("http_request_duration_seconds", "Time of a request", ["endpoint"])
LOGIN_FAILURES = Counter(
    "login_failures_total",
    "Logins with a wrong password",
    labelnames=["client_ip"],
)
UPLOADS = Counter("uploads_total", "Uploads by result", ["result"])
# Counter("commented_out_total", "Not exported", ["x"])
QUEUE = Gauge("work_queue_length", "Jobs that wait")


def count_upload(ok):
    UPLOADS.labels(result="accepted" if ok else "refused").inc()
