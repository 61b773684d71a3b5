# shellcheck shell=bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The distribution packages that Mezzotint needs: the one list, and how to get them. Sourced by run and check.

# how to see that it is there | Debian, Ubuntu | Fedora | Arch
packages='
command:gcc              | gcc              | gcc                | gcc
file:/usr/include/stdio.h| libc6-dev        | glibc-devel        | glibc
command:meson            | meson            | meson              | meson
command:ninja            | ninja-build      | ninja-build        | ninja
command:pkg-config       | pkg-config       | pkgconf-pkg-config | pkgconf
command:msgfmt           | gettext          | gettext            | gettext
module:glib-2.0          | libglib2.0-dev   | glib2-devel        | glib2
module:json-glib-1.0     | libjson-glib-dev | json-glib-devel    | json-glib
module:libpng            | libpng-dev       | libpng-devel       | libpng
module:gtk4              | libgtk-4-dev     | gtk4-devel         | gtk4
module:libadwaita-1      | libadwaita-1-dev | libadwaita-devel   | libadwaita
module:libjpeg           | libjpeg-dev      | libjpeg-turbo-devel | libjpeg-turbo
module:zlib              | zlib1g-dev       | zlib-devel         | zlib
module:pangocairo        | libpango1.0-dev  | pango-devel        | pango
module:nettle            | nettle-dev       | nettle-devel       | nettle
module:sqlite3           | libsqlite3-dev   | sqlite-devel       | sqlite
'

# What the tests need besides, to drive windows without a display and to check what is installed; check adds it.
# shellcheck disable=SC2034 # used there
test_packages='command:xvfb-run         | xvfb             | xorg-x11-server-Xvfb | xorg-server-xvfb
command:xauth            | xauth            | xorg-x11-xauth     | xorg-xauth
command:dbus-run-session | dbus             | dbus-daemon        | dbus
command:xdotool          | xdotool          | xdotool            | xdotool
command:desktop-file-validate | desktop-file-utils | desktop-file-utils | desktop-file-utils
command:appstreamcli     | appstream        | appstream          | appstream
command:update-mime-database | shared-mime-info | shared-mime-info | shared-mime-info
command:gio              | libglib2.0-bin   | glib2              | glib2
file:/usr/share/icons/Adwaita/index.theme | adwaita-icon-theme | adwaita-icon-theme | adwaita-icon-theme
'

is_there() {
  case $1 in
    command:*) command -v "${1#command:}" >/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    module:*) command -v pkg-config >/dev/null && pkg-config --exists "${1#module:}" ;;
  esac
}

# Prints the names in column $1 (2 Debian, 3 Fedora, 4 Arch) of what is missing, in one line.
missing_packages() {
  local column=$1 probe names line
  local -a missing=()
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    IFS='|' read -r -a names <<<"${line// /}"
    probe=${names[0]}
    is_there "$probe" || missing+=("${names[column - 1]}")
  done <<<"$packages"
  echo "${missing[*]-}"
}

# Debian and Ubuntu: installs $@.
apt_install() {
  local -a apt=(apt-get -q -o DPkg::Lock::Timeout=300)
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "As root, please run: apt-get install $*" >&2
      return 1
    fi
    apt=(sudo DEBIAN_FRONTEND=noninteractive "${apt[@]}")
  fi
  export DEBIAN_FRONTEND=noninteractive
  echo "Installing $*" >&2
  "${apt[@]}" install -y --no-install-recommends "$@" >&2 && return
  echo "Fetching the lists of packages first" >&2
  "${apt[@]}" update >&2 && "${apt[@]}" install -y --no-install-recommends "$@" >&2
}

# Sees to it that everything is there, or says what to do and fails.
need_packages() {
  local missing
  missing=$(missing_packages 2)
  [ -n "$missing" ] || return 0
  if command -v apt-get >/dev/null; then
    # shellcheck disable=SC2086 # several names
    apt_install $missing
  elif command -v dnf >/dev/null; then
    echo "Packages are missing. Please run: sudo dnf install $(missing_packages 3)" >&2
    return 1
  elif command -v pacman >/dev/null; then
    echo "Packages are missing. Please run: sudo pacman -S --needed $(missing_packages 4)" >&2
    return 1
  else
    echo "Packages are missing; Debian's names of them are: $missing" >&2
    return 1
  fi
}
