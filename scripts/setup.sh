#!/bin/sh
# Install what Shopwise needs into .venv: `setup.sh` to run it, `setup.sh dev` to test it as well.
# Every step that succeeded leaves a stamp, so that a run that was interrupted goes on where it stopped,
# and a run with nothing to do ends at once. PYTHON=/path/to/python chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
stamps=$venv/.stamps
python=$venv/bin/python
started=$(date +%s)
torch=2.13.0

say() { printf '[setup %3ss] %s\n' "$(($(date +%s) - started))" "$*"; }
fail() { printf 'setup: %s\n' "$1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 3; }
done_with() { [ -f "$stamps/$1" ] && [ "$(cat "$stamps/$1")" = "$2" ]; }
stamp() { mkdir -p "$stamps" && printf '%s\n' "$2" >"$stamps/.new" && mv "$stamps/.new" "$stamps/$1"; }
sum() { cksum "$@" | cksum; }
pip() { "$python" -m pip --disable-pip-version-check --no-input "$@"; }
add() { pip install --no-compile --no-deps "$@"; }

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; }
has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    without_venv=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        fits "$candidate" || continue
        if has_venv "$candidate"; then
            echo "$candidate"
            return
        fi
        without_venv=$candidate
    done
    [ -z "$without_venv" ] || fail "$without_venv has no venv module." "On Debian and Ubuntu: apt install python3-venv."
    fail "no Python 3.11, 3.12 or 3.13 was found${PYTHON:+ at $PYTHON}." \
        "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3."
}

make_venv() {
    if [ -x "$python" ] && ! fits "$python"; then
        say "$python is not Python 3.11 to 3.13: making $venv anew"
        rm -rf "$venv"
    fi
    if ! done_with venv "$(sum requirements/pip.txt)" || [ ! -x "$python" ]; then
        base=$(find_python)
        say "1/5 virtual environment in $venv with $("$base" --version)"
        "$base" -m venv "$venv"
        add --quiet --require-hashes -r requirements/pip.txt
        stamp venv "$(sum requirements/pip.txt)"
    fi
}

# A package that a killed pip left half-written has no INSTALLER file yet: without its metadata pip writes it again.
drop_half_installed() {
    for metadata in "$venv"/lib/python*/site-packages/*.dist-info; do
        [ -d "$metadata" ] && [ ! -f "$metadata/INSTALLER" ] || continue
        say "    $(basename "$metadata" .dist-info) was left half-installed: installing it again"
        rm -rf "$metadata"
    done
}

# The CPU build of torch is not on PyPI: an index, folder or cache that pip is set up with may have it, else PyTorch's.
install_torch() {
    if done_with torch "$torch"; then return; fi
    say "2/5 torch $torch, CPU build (about 200 MB)"
    if ! add --quiet "torch==$torch+cpu" 2>"$venv/torch.log"; then
        say "    not in the configured package index: from PyTorch's own"
        add --index-url https://download.pytorch.org/whl/cpu "torch==$torch+cpu" || fail \
            "torch $torch+cpu could not be installed." "The configured index said: $(tail -n 1 "$venv/torch.log")" \
            "Run the same command again when the network is back: it goes on where it stopped."
    fi
    stamp torch "$torch"
}

# install STEP LOCK WORDS...
install_lock() {
    step=$1 lock=$2
    shift 2
    if done_with "$step" "$(sum "$lock")"; then return; fi
    say "$*"
    drop_half_installed
    add --progress-bar off --require-hashes -r "$lock" | sed -u -n \
        -e 's/^Collecting \([^ ]*\).*/              \1/p' -e 's/^Installing collected packages.*/              unpacking/p'
    # sed hides pip's exit code; pip itself tells whether everything is there.
    add --quiet --require-hashes -r "$lock" || fail "the packages of $lock could not be installed." \
        "Run the same command again: what was downloaded is kept."
    stamp "$step" "$(sum "$lock")"
}

install_project() {
    if done_with project "$(sum pyproject.toml)"; then return; fi
    say "4/5 shopwise itself"
    add --quiet --no-build-isolation --editable . 2>"$venv/project.log" || fail \
        "shopwise itself could not be installed: $(tail -n 3 "$venv/project.log")"
    stamp project "$(sum pyproject.toml)"
}

# Left to here because pip compiles on one core only. Some files of packages are templates, and need not compile.
compile_packages() {
    packages=$(cat "$stamps/$build" "$stamps/dev" 2>/dev/null | cksum)
    if done_with compiled "$packages"; then return; fi
    say "    compiling the packages"
    "$python" -m compileall -q -j 0 "$venv"/lib/python*/site-packages >/dev/null 2>&1 || true
    stamp compiled "$packages"
}

[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || fail "this is $(uname -s) on $(uname -m)." \
    "The locked versions are for Linux on x86-64 (vLLM's CPU and GPU builds)."
if command -v flock >/dev/null 2>&1; then # two installs at once would undo each other
    exec 9>.setup.lock
    flock -n 9 || { say "another setup is running: waiting for it"; flock 9; }
fi

build=cpu
if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q GPU; then build=gpu; fi
other=$([ "$build" = cpu ] && echo gpu || echo cpu)
if [ -f "$stamps/$other" ]; then
    say "the machine changed from $other to $build: making $venv anew"
    rm -rf "$venv"
fi

make_venv
if [ "$build" = cpu ]; then install_torch; fi
install_lock "$build" "requirements/$build.txt" "3/5 packages of the $build build (about 200; minutes, first time)"
install_project
if [ "${1:-}" = dev ]; then install_lock dev requirements/dev.txt "5/5 test and check tools"; fi
compile_packages
say "ready: $venv/bin/shopwise ($build build)"
