FROM ghcr.io/example/base-python:20250812-1a2b3c4 AS builder
USER root
WORKDIR /build
COPY requirements/prefix_service.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --prefix=/install -r prefix_service.txt

FROM ghcr.io/example/base-python:20250812-1a2b3c4 AS runtime
LABEL health_check_port="8014"
ENV PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=builder /install /usr/local
COPY src/prefix_service/ ./prefix_service/
ARG APP_UID=10001
USER ${APP_UID}:${APP_UID}
EXPOSE 7014 8014
HEALTHCHECK --interval=30s --timeout=10s --start-period=40s --retries=3 \
    CMD curl -fsS http://localhost:8014/health || exit 1
CMD ["python", "-m", "prefix_service.main"]
