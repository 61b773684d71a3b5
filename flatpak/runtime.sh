# shellcheck shell=bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A stand-in for the GNOME runtime and its SDK, made of Debian's packages, for machines that reach no Flatpak
# repository. It bears the real one's name and version, so that the manifests build unmodified; its GTK is Debian's.
# Sourced by check.sh, which sets $work.

runtime_packages=libgtk-4-1,libadwaita-1-0,libjson-glib-1.0-0,libpng16-16,libjpeg62-turbo,libsqlite3-0,libnettle8
runtime_packages+=,libpangocairo-1.0-0,libgtk-4-bin,libgdk-pixbuf2.0-bin,libglib2.0-bin,librsvg2-common
runtime_packages+=,adwaita-icon-theme,hicolor-icon-theme,fonts-dejavu-core,fonts-cantarell,fontconfig,shared-mime-info
runtime_packages+=,gsettings-desktop-schemas,dconf-gsettings-backend,ca-certificates,libegl1,libgl1,libgles2,libgl1-mesa-dri
sdk_packages=$runtime_packages,gcc,g++,libc6-dev,pkg-config,meson,ninja-build,gettext,patch,elfutils,desktop-file-utils
sdk_packages+=,libgtk-4-dev,libadwaita-1-dev,libjson-glib-dev,libpng-dev,libjpeg-dev,libsqlite3-dev,zlib1g-dev
sdk_packages+=,libpango1.0-dev,nettle-dev,appstream,appstream-util,ccache

# make_root NAME PACKAGES: a folder with Debian in it; kept for the next time.
make_root() {
  local root=$work/root-$1
  [ -e "$root/.ok" ] && return
  rm -rf "$root"
  mmdebstrap --quiet --variant=minbase --skip=check/qemu --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$2" bookworm "$root" "${APT_SOURCES:-/etc/apt/sources.list.d/debian.sources}"
  touch "$root/.ok"
}

# export_runtime NAME: the root as a runtime in $work/repo.
export_runtime() {
  local tree=$work/tree-$1
  rm -rf "$tree"
  mkdir -p "$tree/files"
  cp -al "$work/root-$1/usr" "$tree/usr" # hard links
  rm -rf "$tree/usr/etc"
  cp -a "$work/root-$1/etc" "$tree/usr/etc"
  rm -rf "$tree"/usr/share/{doc,man,info,lintian} "$tree"/usr/etc/{shadow,shadow-,gshadow,gshadow-} \
    "$tree"/usr/etc/{resolv.conf,hostname,machine-id,apt,ld.so.cache}
  printf '%s\n' 'include /run/flatpak/ld.so.conf.d/app-*.conf' /app/lib \
    'include /run/flatpak/ld.so.conf.d/runtime-*.conf' "/usr/lib/$(gcc -print-multiarch)" /usr/lib \
    >"$tree/usr/etc/ld.so.conf"
  cat >"$tree/metadata" <<END
[Runtime]
name=org.gnome.$1
runtime=org.gnome.Platform/$arch/$version
sdk=org.gnome.Sdk/$arch/$version

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share
END
  flatpak build-export --disable-sandbox --runtime --metadata=metadata --no-update-summary "$work/repo" "$tree" \
    "$version" >/dev/null
  rm -rf "$tree"
}

# make_runtime VERSION
make_runtime() {
  version=$1
  make_root Platform "$runtime_packages"
  make_root Sdk "$sdk_packages"
  if [ ! -e "$work/repo/.$version" ]; then
    rm -rf "$work/repo"
    ostree --repo="$work/repo" init --mode=bare-user-only # nothing is compressed: quick
    export_runtime Platform
    export_runtime Sdk
    flatpak build-update-repo --no-update-appstream "$work/repo" >/dev/null
    touch "$work/repo/.$version"
  fi
  flatpak --user remote-add --if-not-exists --no-gpg-verify stand-in "file://$work/repo"
  flatpak --user install -y --noninteractive --or-update stand-in "org.gnome.Platform//$version" "org.gnome.Sdk//$version" \
    >/dev/null
}
