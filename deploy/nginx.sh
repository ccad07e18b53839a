#!/bin/sh
# Prints the configuration of nginx, from nginx.conf.template beside this file and these environment variables.
#   sh deploy/nginx.sh > /etc/nginx/conf.d/digit-duel.conf
set -eu
: "${SERVER_NAME:=_}"                                        # the name in the address; _ takes any
: "${HTTP_PORT:=80}" "${HTTPS_PORT:=443}"
: "${CERTIFICATE:=/etc/ssl/certs/digit-duel.pem}"
: "${CERTIFICATE_KEY:=/etc/ssl/private/digit-duel.key}"
: "${BASE_PATH:=}"                                           # such as /duel, the same as STREAMLIT_SERVER_BASE_URL_PATH
: "${HOST_1:=127.0.0.1}" "${PORT_1:=8501}"                   # the two processes; their ports differ
: "${HOST_2:=127.0.0.1}" "${PORT_2:=8502}"
: "${CACHE:=/var/cache/nginx-digit-duel}"
export SERVER_NAME HTTP_PORT HTTPS_PORT CERTIFICATE CERTIFICATE_KEY BASE_PATH HOST_1 PORT_1 HOST_2 PORT_2 CACHE
# nginx has variables of its own, such as $host, which stay.
envsubst '${SERVER_NAME} ${HTTP_PORT} ${HTTPS_PORT} ${CERTIFICATE} ${CERTIFICATE_KEY} ${BASE_PATH} ${HOST_1} ${PORT_1} ${HOST_2} ${PORT_2} ${CACHE}' <"$(dirname "$0")/nginx.conf.template"
