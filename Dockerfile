# Digit Duel on Python's slim image: a user without rights, a root that may be read-only, the shipped runs inside, and own
# runs on the volume /data. `docker build --tag digit-duel .`, then see compose.yaml and docs/hosting.md.
# deploy/rehearse.py runs these steps in a folder where there is no container engine; it knows the instructions used here.

FROM python:3.12-slim AS build
RUN python -m venv /opt/digit-duel
COPY requirements.txt requirements.lock /tmp/build/
RUN /opt/digit-duel/bin/pip install --no-cache-dir --constraint /tmp/build/requirements.lock --requirement /tmp/build/requirements.txt
COPY . /tmp/build/
RUN /opt/digit-duel/bin/pip install --no-cache-dir --constraint /tmp/build/requirements.lock "/tmp/build[auth,postgresql]"

FROM python:3.12-slim
COPY --from=build /opt/digit-duel /opt/digit-duel
RUN install --directory --owner=10001 --group=10001 /data
ENV HOME=/data XDG_DATA_HOME=/data MPLCONFIGDIR=/tmp PYTHONDONTWRITEBYTECODE=1
ENV DIGIT_DUEL_ACCESS=public DIGIT_DUEL_PREPARED_TRAINER=0 PORT=8501
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD /opt/digit-duel/bin/python -c "import os, urllib.request as u; u.urlopen('/'.join(['http://127.0.0.1:' + os.environ['PORT'], *os.environ.get('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/').split(), '_stcore/health']), timeout=4)"
CMD exec /opt/digit-duel/bin/digit-duel run --host 0.0.0.0 --port "$PORT"
