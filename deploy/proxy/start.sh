#!/bin/sh
# Starts nginx, with a certificate of its own making when it was given none.
#
# /certificates holds site.crt (with the chain) and site.key. A certificate made here carries the mark `made-here` beside
# it and is made anew at every start, for the host of SAFEGUARDING_SITE_URL; one that was put there is never touched.
set -eu
umask 077
cd /certificates

if [ -e made-here ] || [ ! -e site.crt ]; then
    host=${SAFEGUARDING_SITE_URL#https://}
    host=${host%%[:/]*}
    case $host in
        *[!0-9.]*) name="DNS:$host" ;;
        *) name="IP:$host" ;;
    esac
    touch made-here
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
        -subj "/CN=$host" -addext "subjectAltName=$name" -keyout site.key -out site.crt
    echo "Made a certificate for $host by myself: browsers will warn. docs/deployment.md says how to give a real one."
fi
echo "return 301 $SAFEGUARDING_SITE_URL\$request_uri;" > /tmp/to-the-site.conf
exec nginx -e stderr -c /proxy/nginx.conf
