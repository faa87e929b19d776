#!/bin/bash
# Healthy when the scanner answers and its signatures are not older than three days.
set -eu
exec 3<>/dev/tcp/127.0.0.1/3310
printf 'zPING\0' >&3
read -r -d '' -t 10 answer <&3
[ "$answer" = PONG ]
[ -n "$(find /var/lib/clamav -name 'daily.c?d' -mtime -3)" ]
