#!/bin/sh
# Fetches the signatures, keeps them fresh, and runs the scanner. Until it runs, added files wait and stay closed.
set -eu
until ls /var/lib/clamav/main.c?d >/dev/null 2>&1; do
    freshclam --config-file=/clamav/freshclam.conf && continue
    echo "No signatures yet: trying again in 10 minutes. Added files wait until then."
    sleep 600
done
freshclam --config-file=/clamav/freshclam.conf --daemon --foreground &
exec clamd --config-file=/clamav/clamd.conf
