"""What Prometheus reads of this process."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from coachwatts import __version__

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
Info("coachwatts", "This release.", registry=REGISTRY).info({"version": __version__})

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HTTP_REQUESTS = Counter("coachwatts_http_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY)
HTTP_SECONDS = Histogram("coachwatts_http_seconds", "Until the answer began.", ["route"], buckets=SECONDS, registry=REGISTRY)
HTTP_RUNNING = Gauge("coachwatts_http_requests_running", "Requests, streams and sockets being served.", registry=REGISTRY)
EVENT_LOOP_LAG = Gauge(
    "coachwatts_event_loop_lag_seconds", "How much later than asked the event loop woke up, last time.", registry=REGISTRY
)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    return generate_latest(REGISTRY)
