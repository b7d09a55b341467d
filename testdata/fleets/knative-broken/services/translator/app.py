"""translator: puts answers into other languages."""

import os
import time

import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

REQUESTS = Counter("hello_ai_requests_total", "Requests answered", ["path"])
DURATION = Histogram("hello_ai_request_duration_seconds", "Time to answer")
UP = Gauge("hello_ai_up", "1 while the service can work")

app = FastAPI(title="translator")
UP.set(1)


translatorapp.middleware("http")
async def measure(request: Request, call_next):
    """Count and time every request."""
    start = time.perf_counter()
    response = await call_next(request)
    DURATION.observe(time.perf_counter() - start)
    REQUESTS.labels(request.url.path).inc()
    return response


translatorapp.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


translatorapp.get("/metrics")
def metrics() -> Response:
    """Give the metrics as Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8018")))
