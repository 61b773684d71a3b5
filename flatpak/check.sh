#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the Flatpak without a network, installs it, draws with it on the command line and in its window, and checks
# that the sandbox holds:
#   flatpak/check.sh [--installed] [MANIFEST] [SCREENSHOT.png]
# MANIFEST is flatpak/io.github.mezzotint.Mezzotint.json when not given; --installed takes what was built the last time. All files lie in build-flatpak/ (or $WORK), which
# may be deleted; with it kept, later runs take a minute or two instead of ten. Nothing of the user's own Flatpak
# installation is touched. Needs root, for mmdebstrap, and:
#   apt-get install flatpak flatpak-builder ostree bubblewrap mmdebstrap elfutils patch appstream-compose gcc python3 \
#     librsvg2-common xvfb xauth xdotool dbus imagemagick desktop-file-utils appstream
set -euo pipefail

is_built=false
if [ "${1-}" = --installed ]; then
  is_built=true
  shift
fi
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
manifest=$(readlink -f -- "${1-$here/io.github.mezzotint.Mezzotint.json}")
work=$(readlink -m -- "${WORK-$here/../build-flatpak}")
screenshot=$(readlink -m -- "${2-$work/window.png}")
mkdir -p "$work/home/Pictures" "$work/home/.config" "$work/run"
chmod 700 "$work/run"
arch=$(flatpak --default-arch)
id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["id"])' "$manifest")
export HOME=$work/home FLATPAK_USER_DIR=$work/user XDG_RUNTIME_DIR=$work/run
export XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache XDG_CONFIG_HOME=$HOME/.config
# shellcheck source=flatpak/runtime.sh
. "$here/runtime.sh"

say() {
  printf '[%4d s] %s\n' "$SECONDS" "$*"
}

n_failed=0
# is NAME EXPECTED GOT
is() {
  if [ "$2" = "$3" ]; then
    say "ok: $1"
  else
    say "NOT OK: $1: expected [$2], got [$3]"
    n_failed=$((n_failed + 1))
  fi
}

# inside COMMAND: by the sandbox's shell; what it prints
inside() {
  flatpak --user run --command=bash "$id" -c "$1" 2>&1 || true
}

# ---- Building and installing ----

make_runtime "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["runtime-version"])' "$manifest")"
say "runtime and SDK: $(du -sh "$work/user" | cut -f1)"
cd "$work"
if ! $is_built; then
  flatpak-builder --user --ccache --force-clean --disable-rofiles-fuse --disable-download --state-dir="$work/state" \
    --repo="$work/builds" "$work/build-$id" "$manifest" >"$work/build.log" 2>&1 || {
    tail -n 30 "$work/build.log"
    exit 1
  }
  flatpak build-bundle "$work/builds" "$work/$id.flatpak" "$id" master
  flatpak --user install -y --noninteractive --reinstall --bundle "$work/$id.flatpak" >/dev/null 2>&1
  say "built without a network and installed: the bundle has $(stat -c %s "$work/$id.flatpak") bytes"
fi

exported=$FLATPAK_USER_DIR/exports/share
for file in "applications/$id.desktop" "dbus-1/services/$id.service" "dbus-1/services/$id.SearchProvider.service" \
  "gnome-shell/search-providers/$id.search-provider.ini" "icons/hicolor/scalable/apps/$id.svg" \
  "icons/hicolor/symbolic/apps/$id-symbolic.svg" "mime/packages/$id.mime.xml"; do
  is "the desktop sees $file" yes "$([ -e "$exported/$file" ] && echo yes || echo no)"
done
is 'its desktop file is sound' '' "$(desktop-file-validate "$exported/applications/$id.desktop" 2>&1)"
record=$(find "$(flatpak --user info --show-location "$id")/files/share" -name "$id.metainfo.xml" -o -name "$id.appdata.xml" |
  head -n 1) # older builders rename it
is 'its AppStream record is sound' 0 "$(appstreamcli validate --strict --no-net "$record" >/dev/null 2>&1; echo $?)"

# ---- Drawing ----

pictures=$HOME/Pictures/Mezzotint
rm -rf "$pictures"
# shellcheck disable=SC2016 # as it stands in that file
printf 'XDG_PICTURES_DIR="$HOME/Pictures"\n' >"$HOME/.config/user-dirs.dirs"
dbus-run-session -- flatpak --user run "$id" generate 'a red apple' --seed 11 --output "$pictures/apple.png" || true
is 'the command line draws with Proof' 128x128 "$(identify -format %wx%h "$pictures/apple.png" 2>&1)"
is 'it says how support for graphics cards comes' "flatpak install $id.Cuda" \
  "$(flatpak --user run "$id" devices 2>&1 | grep -o "flatpak install $id.Cuda")"

# ---- The sandbox ----

echo 'not for you' >"$HOME/secret.txt"
is 'the home folder is hidden' '' "$(inside "cat '$HOME/secret.txt' 2>/dev/null; ls '$HOME' | grep -vx Pictures")"
is 'of the pictures it sees its own folder only' Mezzotint "$(mkdir -p "$HOME/Pictures/Private" && inside "ls '$HOME/Pictures'")"
is 'nothing of the system can be changed' '' "$(inside 'touch /usr/x /app/x 2>/dev/null; ls /usr/x /app/x 2>/dev/null')"
is 'there is no network but its own loop' lo: "$(inside 'tail -n +3 /proc/net/dev' | awk '{ print $1 }')"
port=$(python3 -c '
import os, socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
if os.fork() == 0:
    os.close(1); os.close(2); server.settimeout(60)
    try: server.accept()
    except OSError: pass
')
is 'and no way to this machine' no "$(inside "(echo >/dev/tcp/127.0.0.1/$port) 2>/dev/null && echo yes || echo no")"
is 'the same from outside' yes "$( (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && echo yes || echo no)"
is 'permissions' 'dri; xdg-pictures/Mezzotint:create; ipc; fallback-x11 wayland x11' \
  "$(flatpak --user info --show-permissions "$id" | python3 -c '
import configparser, sys
p = configparser.ConfigParser(); p.read_file(sys.stdin)
c = p["Context"]
print("; ".join(" ".join(sorted(filter(None, c.get(k, "").split(";")))) for k in ("devices", "filesystems", "shared", "sockets")))')"

# ---- The window ----

cat >"$work/window.sh" <<'END'
flatpak --user run --env=GSK_RENDERER=cairo --env=GDK_DEBUG=gl-disable "$id" &
window=$(timeout 60 xdotool search --sync --onlyvisible --name Mezzotint | tail -n 1)
sleep 3
xdotool windowfocus "$window" 2>/dev/null
xdotool mousemove --window "$window" 150 120 click 1 key ctrl+a type 'a green frog'
sleep 1
xdotool key ctrl+Return
for _ in $(seq 60); do
  sleep 1
  [ "$(find "$pictures" -name '*.png' | wc -l)" -gt 1 ] && break
done
xdotool mousemove 1279 799
sleep 2
import -window root "$screenshot"
flatpak kill "$id"
wait
END
id=$id pictures=$pictures screenshot=$screenshot timeout 180 \
  xvfb-run -a -s '-screen 0 1280x800x24 -nolisten tcp' dbus-run-session -- bash "$work/window.sh" >"$work/window.log" 2>&1 || true
is 'the window draws with Proof, and saves among the pictures' 2 "$(find "$pictures" -name '*.png' | wc -l)"
say "the window: $screenshot"

say "$n_failed failed"
[ "$n_failed" -eq 0 ]
