#!/bin/sh
# Finds a Chromium for the browser tests, or gets one. Tests look in the same places: UNKNOT_CHROMIUM, /usr/bin/chromium,
# then `chromium` beside the environment's Python. Never fails: without a browser those tests are skipped by name.
set -u
python=${1:-.venv/bin/python}
own=$(dirname "$python")/chromium

if [ -n "${UNKNOT_CHROMIUM:-}" ]; then
    [ -x "$UNKNOT_CHROMIUM" ] && exit 0
    echo "browser: UNKNOT_CHROMIUM names no program: $UNKNOT_CHROMIUM" >&2
fi
[ -x /usr/bin/chromium ] || [ -x "$own" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "browser: installing Debian's Chromium (a minute, once)"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >/dev/null 2>&1 </dev/null
    [ -x /usr/bin/chromium ] && exit 0
fi

echo "browser: asking playwright for a Chromium (a minute, once)"
if timeout 300 "$python" -m playwright install chromium >/dev/null 2>&1 </dev/null; then
    found=$("$python" -c 'from playwright.sync_api import sync_playwright as s
with s() as p: print(p.chromium.executable_path)')
    [ -x "$found" ] && ln -sf "$found" "$own" && exit 0
fi

echo "browser: none found. The tests marked 'browser' will be skipped; they are named at the end of the run." >&2
echo "browser: to run them, install Chromium (Debian: apt install chromium) or set UNKNOT_CHROMIUM." >&2
exit 0
