# Sourced by scripts/setup and scripts/panel/install: finding a Python, installing system packages.

say() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }

fail() {
    say "ERROR: $1"
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}

# as_root COMMAND...: run it as root, directly or through a sudo that asks nothing; 126 when neither is possible.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 126
    fi
}

may_be_root() { as_root true; }

# The package manager of this machine: apt, dnf or nothing.
package_manager() {
    if command -v apt-get >/dev/null 2>&1; then
        echo apt
    elif command -v dnf >/dev/null 2>&1; then
        echo dnf
    else
        echo none
    fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 -qq "$@" >&2; }

# --no-remove: nothing that is installed may have to leave (MySQL's server conflicts with MariaDB's).
apt_install() { apt_get install -y --no-install-recommends --no-remove "$@"; }

# install_packages PURPOSE PACKAGE...: with the machine's package manager; explains, and fails with the line to type.
install_packages() {
    purpose=$1
    shift
    case $(package_manager) in
        apt) by_hand="apt-get update && apt-get install --no-install-recommends $*" ;;
        dnf) by_hand="dnf install $*" ;;
        *) fail "$purpose is missing, and neither apt-get nor dnf is here to install it." "Packages wanted: $*" ;;
    esac
    may_be_root || fail "$purpose is missing, and installing it takes root. Type, as root:" "$by_hand" "and repeat the command."
    say "installing $* ($purpose)"
    if [ "$(package_manager)" = dnf ]; then
        as_root dnf -y -q install "$@" >&2 || fail "dnf could not install $purpose. Type, as root:" "$by_hand"
    else
        # The package lists are fetched only when what is here does not lead to the packages.
        apt_install "$@" 2>/dev/null || {
            say "fetching the package lists first (apt-get update)"
            apt_get update || fail "apt-get update failed. Type, as root:" "$by_hand"
            apt_install "$@" || fail "apt-get could not install $purpose. Type, as root:" "$by_hand"
        }
    fi
}

# real_python CANDIDATE: the path of the binary behind a name, a shim or a virtual environment, when it is >= 3.10.
real_python() {
    "$1" -I -S -c '
import os, sys
if sys.version_info < (3, 10):
    sys.exit(1)
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))' 2>/dev/null
}

# Debian and Ubuntu ship the venv module's half (ensurepip) in a package of its own.
can_make_venvs() { "$1" -I -c 'import ensurepip, ssl, venv' 2>/dev/null; }

# each_python NAME...: the binaries of these names on PATH, in the order of the names; one line each.
each_python() {
    for name in "$@"; do
        (
            IFS=:
            for folder in $PATH; do
                if [ -x "$folder/$name" ]; then real_python "$folder/$name" || :; fi
            done
        )
    done
}

# first_that_makes_venvs: the first of the lines on stdin.
first_that_makes_venvs() {
    while read -r found; do
        if can_make_venvs "$found"; then
            echo "$found"
            return 0
        fi
    done
    return 1
}

# The machine's own default comes first: it is the one that gets security updates.
PYTHONS="python3 python3.13 python3.12 python3.11 python3.10"

# find_python: print a Python >= 3.10 that can make virtual environments; installs what is missing. PYTHON overrides.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        found=$(real_python "$PYTHON") || fail "PYTHON=$PYTHON is not a Python 3.10 or newer."
        can_make_venvs "$found" || fail "PYTHON=$PYTHON cannot make virtual environments (no venv, ensurepip or ssl)."
        echo "$found"
        return
    fi
    # shellcheck disable=SC2086 # a list of names
    candidates=$(each_python $PYTHONS)
    if echo "$candidates" | first_that_makes_venvs; then return; fi
    if [ "$(package_manager)" = dnf ]; then
        install_packages "Python 3.10 or newer" python3.11
    elif [ -n "$candidates" ]; then
        half=$(echo "$candidates" | head -n 1)
        install_packages "the venv module of $half" "$(basename "$half")-venv"
    else
        install_packages "Python 3.10 or newer" python3 python3-venv
    fi
    # shellcheck disable=SC2086
    each_python $PYTHONS | first_that_makes_venvs || fail \
        "no Python 3.10 or newer was found, and this system's packages have none." \
        "Supported: Debian 12+, Ubuntu 22.04+, AlmaLinux 8+. Or name one yourself: make ... PYTHON=/path/to/python3"
}
