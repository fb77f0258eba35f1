#!/bin/sh
# Makes the virtual environment and installs one lock file into it. Says what it does; ends in one clear sentence.
set -eu
python=$1 venv=$2 lock=$3
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "unknot: Python 3.11 or newer is missing. Install it, or name it: make PY=/path/to/python ..." >&2
    exit 1
fi
if [ ! -x "$venv/bin/python" ]; then
    echo "unknot: making the environment in $venv"
    if ! "$python" -m venv "$venv" 2>/dev/null; then
        rm -rf "$venv"
        echo "unknot: Python's venv module is missing. On Debian: apt install python3-venv" >&2
        exit 1
    fi
fi
echo "unknot: installing $lock (a minute the first time)"
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" 2>"$venv/pip.log"; then
    grep -v WARNING "$venv/pip.log" | tail -n 5 >&2
    echo "unknot: a package could not be installed; the lines above and $venv/pip.log say why. Nothing else was changed." >&2
    exit 1
fi
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$(pwd)/src" >"$site/unknot.pth"
cat >"$venv/bin/unknot" <<LAUNCHER
#!$(pwd)/$venv/bin/python
import sys
from unknot.config.command import main
sys.exit(main())
LAUNCHER
chmod +x "$venv/bin/unknot"
