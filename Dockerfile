# syntax=docker/dockerfile:1
# Two images: `app` (the last, the default) for web, workers, beat and every command; `proxy` is Caddy with our file.
# Nothing secret is built in, and neither runs as root.

FROM caddy:2.11-alpine AS proxy
RUN adduser -D -H -u 10002 proxy && chown -R proxy /data /config
COPY Caddyfile /etc/caddy/Caddyfile
USER proxy

FROM python:3.13-slim-trixie AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/venv
RUN python -m pip install --quiet --no-cache-dir --root-user-action=ignore "uv<1"
WORKDIR /app
COPY .python-version pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra s3 --quiet
COPY manage.py ./
COPY declaration declaration
COPY signatories signatories
COPY templates templates
COPY static static
COPY locale locale
COPY docs/organizers.md docs/organizers.md
COPY docs/organizers docs/organizers
# The settings want a whole environment: this one is made up, and gone with this line.
RUN /venv/bin/python -m compileall -q declaration signatories manage.py \
    && SITE_URL=https://build.invalid SECRET_KEY=build MAILBOX_KEYS=build DIGEST_KEY=build OPERATOR_NAME=build \
       OPERATOR_EMAIL=build@build.invalid OPERATOR_ADDRESS=build /venv/bin/python manage.py collectstatic --noinput -v 0

# Faces for the scripts that have no wheel; what the wheels can draw stays with them.
FROM build AS fonts
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-noto-core
COPY scripts/extra_fonts.py scripts/extra_fonts.py
RUN /venv/bin/python -m scripts.extra_fonts /usr/share/fonts

FROM python:3.13-slim-trixie AS app
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /tmp app \
    && install -d -o app /srv/editions /srv/beat /srv/ledger
COPY --from=build /venv /venv
COPY --from=fonts /venv/share/faces /venv/share/faces
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME=/tmp/cache \
    FONT_DIRS=/usr/local/share/fonts STORAGE_URL=file:///srv/editions ERASURE_LEDGER=/srv/ledger/erasures.jsonl
WORKDIR /app
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-m", "declaration.health"]
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--workers=1", "--log-level=warning", "declaration.wsgi:application"]
