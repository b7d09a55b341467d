# syntax=docker/dockerfile:1.7
# UnifiedWebAgent: browses pages for other agents.

FROM ghcr.io/example/family-web:20250812-1a2b3c4 AS builder
USER root
WORKDIR /build
COPY requirements/common.txt requirements/unified_web_agent.txt ./requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --prefix=/install -r requirements/unified_web_agent.txt

FROM ghcr.io/example/family-web:20250812-1a2b3c4 AS runtime
ARG MACHINE=pc2
ARG REVISION
LABEL org.opencontainers.image.title="UnifiedWebAgent" \
      org.opencontainers.image.revision="${REVISION}" \
      health_check_port="8126"
ENV PYTHONUNBUFFERED=1 \
    LOG_LEVEL=INFO \
    SERVICE_PORT=7126 \
    HEALTH_PORT=8126
WORKDIR /app
COPY --from=builder /install /usr/local
COPY config/machine-profiles/${MACHINE}.json /etc/machine-profile.json
COPY services/unified_web_agent/app/ ./unified_web_agent/
EXPOSE ${SERVICE_PORT} ${HEALTH_PORT}
HEALTHCHECK --interval=30s --timeout=10s --start-period=40s --retries=3 \
    CMD curl -fsS "http://localhost:${HEALTH_PORT}/health" || exit 1
CMD ["/usr/local/bin/with-profile", "python", "-m", "unified_web_agent.main"]
