#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the pictures of the window in this folder, in light and dark, with the build in build/ (or $1):
#   data/screenshots/make.sh [BUILD]
set -euo pipefail

folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$folder/../..
build=${1-$root/build}
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT

ninja -C "$build" tests/ui/make-screenshots >&2
GSK_RENDERER=cairo GDK_DEBUG=gl-disable GDK_BACKEND=x11 GTK_A11Y=none ADW_DISABLE_PORTAL=1 GSETTINGS_BACKEND=memory \
  GSETTINGS_SCHEMA_DIR=$build/data XDG_RUNTIME_DIR=$run MEZZOTINT_SCREENSHOTS=$folder LC_ALL=C.UTF-8 \
  xvfb-run -a -s '-screen 0 1280x900x24 -nolisten tcp' dbus-run-session -- "$build/tests/ui/make-screenshots"
