# The part that all maintainer scripts of the .deb and the .rpm begin with; @…@ are filled in by scripts/packages/package.py.
ROOT=/usr/local/mgr5
NOTE=$ROOT/var/omnidesk/install.json
HOOKS=@PAYLOAD@/scripts/panel/package_hooks.py

hook() { @PYTHON@ -E -s -B "$HOOKS" --root "$ROOT" "$@"; }

# The original module has files of the same names, and a package manager would write over them without a word.
refuse_strangers() {
    if [ -e "$NOTE" ] || [ -e "$HOOKS" ]; then return 0; fi
    strange=
    for path in @GUARDED@; do
        if [ -e "$ROOT/$path" ]; then strange="$strange $ROOT/$path"; fi
    done
    if [ -n "$strange" ]; then
        echo "ERROR: another module's files are in the way:$strange." \
            "Remove that module first, in the panel: Integrations, Modules, OmniDesk, Delete. Its tables stay" \
            "where they are, and check_connection says what to do with them." >&2
        return 1
    fi
}

# From here on the files are ours, also when the unpacking is broken off and repeated. What `make install` left where
# this package has files of its own goes without a question.
begin() {
    mkdir -p "$ROOT/var"
    [ -d "$ROOT/var/omnidesk" ] || mkdir -m 700 "$ROOT/var/omnidesk"
    if [ ! -e "$NOTE" ]; then
        echo '{"package": "unpacked"}' >"$NOTE"
    elif ! grep -q '"package"' "$NOTE"; then
        rm -f /etc/cron.d/omnidesk /etc/logrotate.d/omnidesk
    fi
}

# An installed version lets its worker come to an end and keeps the next from starting until the new one is configured.
pause() {
    if [ -e "$HOOKS" ]; then hook pause || :; fi
}

resume() { rm -f "$ROOT/var/omnidesk/paused"; }

# Never a reason to fail: no panel, or one that is down, reads its files when it starts.
reload_panel() {
    functions=$ROOT/lib/pkgsh/core_pkg_funcs.sh
    if [ -r "$functions" ]; then
        timeout 120 sh -c '. "$1" && ReloadMgr billmgr' sh "$functions" </dev/null >/dev/null 2>&1 && return 0
    fi
    [ -x "$ROOT/sbin/mgrctl" ] || return 0
    (cd "$ROOT" && timeout 120 sbin/mgrctl -m billmgr exit) </dev/null >/dev/null 2>&1 && return 0
    echo "The panel was not reloaded. It sees the change after: $ROOT/sbin/mgrctl -m billmgr exit"
}

# After the package manager has taken its files: what means nothing without them. Settings, custom fields, logs, tables
# and events that were not processed stay, so that installing again goes on where this stopped.
forget() {
    rm -f "$NOTE" "$ROOT/@CATALOGUE@.new"
    for name in @PASSING@; do rm -f "$ROOT/var/omnidesk/$name"; done
    sweep
}

sweep() {
    resume
    for folder in @FOLDERS@; do
        if [ -d "$ROOT/$folder" ]; then rmdir "$ROOT/$folder" 2>/dev/null || :; fi # holds what is kept
    done
}
