# One image, several commands: serve (default), worker, migrate, up.
# The root file system may be read-only: only /data and /tmp are written to.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/coachwatts
COPY requirements.lock ./
RUN /opt/coachwatts/bin/pip install --require-hashes --requirement requirements.lock
COPY . .
RUN /opt/coachwatts/bin/pip install --no-deps .

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin coachwatts \
    && install --directory --owner coachwatts --group coachwatts --mode 700 /data
COPY --from=build /opt/coachwatts /opt/coachwatts
ENV PATH=/opt/coachwatts/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COACHWATTS_BIND=0.0.0.0:8000 \
    COACHWATTS_DATA_DIR=/data/coachwatts \
    COACHWATTS_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# tini reaps what the embedded PostgreSQL leaves behind when the command is `up`
ENTRYPOINT ["tini", "--", "coachwatts"]
CMD ["serve"]
