# syntax=docker/dockerfile:1.7
# SmartHomeAgent: speaks to lights, blinds and thermostats.

FROM ghcr.io/example/family-web:20250812-1a2b3c4 AS builder
USER root
WORKDIR /build
COPY requirements/common.txt requirements/smart_home_agent.txt ./requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --require-hashes --prefix=/install -r requirements/smart_home_agent.txt

FROM ghcr.io/example/base-cpu-pydeps:20250812-1a2b3c4 AS runtime
ARG MACHINE=mainpc
ARG REVISION
LABEL org.opencontainers.image.title="SmartHomeAgent" \
      org.opencontainers.image.revision="${REVISION}" \
      health_check_port="8125"
ENV PYTHONUNBUFFERED=1 \
    LOG_LEVEL=INFO
WORKDIR /app
COPY --from=builder /install /usr/local
COPY config/machine-profiles/${MACHINE}.json /etc/machine-profile.json
COPY --chown=10001:10001 services/smart_home_agent/app/ ./smart_home_agent/
USER appuser
EXPOSE 7125 8125
HEALTHCHECK --interval=30s --timeout=10s --start-period=40s --retries=3 \
    CMD ["curl", "-fsS", "http://127.0.0.1:8125/health"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["/usr/local/bin/with-profile", "python", "-m", "smart_home_agent.main"]
