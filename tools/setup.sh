#!/bin/sh
# Makes .venv with everything that `make demo` and `make test` need, and fetches the embedded models.
#
#   setup.sh demo LANGUAGE   what a dub of the example into LANGUAGE needs: no system package for Portuguese,
#                            Apertium for what it translates
#   setup.sh test            what the tests need besides
#
# Run again it only checks. System packages are installed where that is allowed (root, or sudo without a
# password); elsewhere one line names them.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
MODE=${1:-demo}
WANT=$(cat pyproject.toml tools/setup.sh | cksum)
PACKAGES="apertium apertium-eng-spa apertium-eng-cat apertium-en-gl apertium-eo-en apertium-fr-es apertium-es-pt apertium-spa-ita apertium-es-ro"
# Readers that are not ours, the browser and the Lua that the tests drive; a test whose tool is missing is skipped.
# libatomic1: playwright's own Node needs it.
TOOLS="melt mediainfo ffmpeg chromium libatomic1 lua5.1 luajit curl rubberband-cli"

UPDATED=""

say() { printf 'setup: %s\n' "$*" >&2; }

# Everything that the tests need is more than the demo needs.
is_set_up() {
    [ "$(cat "$VENV/.rythmo-setup-test" 2>/dev/null || true)" = "$WANT" ] && return 0
    [ "$MODE" = demo ] && [ "$(cat "$VENV/.rythmo-setup-demo" 2>/dev/null || true)" = "$WANT" ]
}

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

needs_apertium() {
    [ "$MODE" = test ] && return 0
    # English to Brazilian Portuguese and back is translated by what the extra `embedded` brings.
    case "${1:-}" in pt*) return 1 ;; esac
}

if needs_apertium "${2:-}"; then
    if command -v apt-get >/dev/null 2>&1; then
        # shellcheck disable=SC2086 # a list of names
        install_packages $PACKAGES || say "please run: sudo apt-get install $PACKAGES"
    elif ! command -v apertium >/dev/null 2>&1; then
        say "Apertium was not found: this pair needs --translation FILE.srt or another engine (see rythmo engines)."
    fi
fi
if [ "$MODE" = test ] && command -v apt-get >/dev/null 2>&1; then
    # One by one: a name that this distribution does not know must not keep the others away.
    for tool in $TOOLS; do
        install_packages "$tool" || say "some tests will be skipped; to run them: sudo apt-get install $tool"
    done
fi

# uv does not read pip's configuration: a mirror that is set there is handed on.
use_index_of_pip() {
    index=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    certificates=${PIP_CERT:-$("$VENV/bin/python" -m pip config get global.cert 2>/dev/null || true)}
    [ -z "$certificates" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$certificates}"
}

if ! is_set_up; then
    PYTHON=$(find_python)
    say "making $VENV with $PYTHON"
    if ! [ -x "$VENV/bin/python" ]; then
        # Debian splits ensurepip off from Python; pip is then fetched as any other package is.
        if "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
            "$PYTHON" -m venv "$VENV"
        else
            "$PYTHON" -m venv --without-pip "$VENV"
        fi
    fi
    "$VENV/bin/python" -c 'import pip' 2>/dev/null || "$PYTHON" tools/bootstrap_pip.py "$VENV/bin/python"
    # Where Python may not write its bytecode at run time, every start would compile everything again.
    COMPILE=""
    [ -z "${PYTHONDONTWRITEBYTECODE:-}" ] || COMPILE=--compile-bytecode
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.5"
    use_index_of_pip
    GROUP=""
    [ "$MODE" = demo ] || GROUP="--group dev"
    # Building the page takes Node (63 MB as a wheel), and a dub from the command line does not need it.
    [ "$MODE" = test ] || export RYTHMO_SKIP_PAGE=1
    # shellcheck disable=SC2086 # one flag or none
    "$VENV/bin/uv" pip install --quiet $COMPILE --python "$VENV/bin/python" --constraint requirements.lock --editable '.[embedded]' $GROUP
    # The public definition of Pro Tools' protocol, which the fake Pro Tools of the tests is made from. Alone: its
    # requirements pin pytest and protobuf to old versions. Without it those tests are skipped.
    if [ "$MODE" = test ]; then
        "$VENV/bin/uv" pip install --quiet --python "$VENV/bin/python" --no-deps "py-ptsl==601.1.0" ||
            say "py-ptsl could not be installed: the tests of Pro Tools will be skipped"
    fi
    printf '%s' "$WANT" >"$VENV/.rythmo-setup-$MODE"
fi

# The page of the service; nothing happens where it is built already.
[ "$MODE" = demo ] || "$VENV/bin/python" tools/build_page.py

# What is there already is only read again, to be sure that it is whole.
"$VENV/bin/rythmo" models get embedded >/dev/null
[ "$MODE" = demo ] || "$VENV/bin/rythmo" models get faces rnnoise >/dev/null
