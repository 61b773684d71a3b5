#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What `meson install` puts down is whole, works wherever it is moved, and programs can be built on the engine in it.
# meson gives $MESON, $BUILD, $PREFIX, $BINDIR, $LIBDIR, $INCLUDEDIR, $DATADIR (below the prefix), $CC and $WINDOW.
# shellcheck source=tests/faults/lib.sh
. "$(dirname "$0")/../faults/lib.sh"

stage=$work/stage
moved="$work/moved here"
example=$(dirname "$(readlink -f "$0")")/example.c

# is_there FILE...: below the moved prefix
is_there() {
  local name missing=
  for name; do
    [ -e "$moved/$name" ] || missing+=" $name"
  done
  [ -z "$missing" ]
  result $? "installed: $*" "missing:$missing"
}

$MESON install -C "$BUILD" --no-rebuild --quiet --destdir "$stage" >"$work/install.log" 2>&1
result $? 'meson install' "$(tail -n 5 "$work/install.log")"
outside=$(find "$stage" -type f ! -path "$stage$PREFIX/*")
[ -z "$outside" ]
result $? 'nothing outside the prefix' "$outside"
mv "$stage$PREFIX" "$moved"

is_there "$BINDIR/mezzotint" "$LIBDIR/libmezzotint-engine.so.0" "$LIBDIR/libmezzotint-engine.so" \
  "$LIBDIR/pkgconfig/mezzotint-engine.pc" "$INCLUDEDIR/mezzotint/engine.h" "$INCLUDEDIR/mezzotint/core/error.h"
is_there "$DATADIR/mezzotint/models/proof/model_index.json" "$DATADIR/mezzotint/clip/merges.txt" \
  "$DATADIR/glib-2.0/schemas/io.github.mezzotint.Mezzotint.gschema.xml"
[ ! -e "$moved/$DATADIR/mezzotint/models/proof/train" ]
result $? 'how Proof was trained stays with the sources'

if [ "$WINDOW" = true ]; then
  id=$DESKTOP_ID
  is_there "$DATADIR/applications/$id.desktop" "$DATADIR/metainfo/$id.metainfo.xml" \
    "$DATADIR/icons/hicolor/scalable/apps/$id.svg" "$DATADIR/icons/hicolor/symbolic/apps/$id-symbolic.svg" \
    "$DATADIR/dbus-1/services/$id.service" "$DATADIR/dbus-1/services/$id.SearchProvider.service" \
    "$DATADIR/gnome-shell/search-providers/$id.search-provider.ini" "$LIBEXECDIR/mezzotint-search-provider"
  missing=$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' "$moved/$DATADIR/dbus-1/services/"*.service | while read -r program; do
    [ -x "$moved${program#"$PREFIX"}" ] || echo "$program"
  done)
  [ -z "$missing" ]
  result $? 'what the bus starts is there' "$missing"
  if command -v update-mime-database >/dev/null && command -v gio >/dev/null; then
    update-mime-database "$moved/$DATADIR/mime" >"$work/mime.log" 2>&1
    cp "$BUILTIN/vae/diffusion_pytorch_model.safetensors" "$work/by-name.safetensors"
    cp "$work/by-name.safetensors" "$work/by-content"
    printf 'GGUF\3\0\0\0' >"$work/other"
    types=$(XDG_DATA_DIRS=$moved/$DATADIR:/usr/share XDG_DATA_HOME=$work/data \
      gio info -a standard::content-type "$work/by-name.safetensors" "$work/by-content" "$work/other" |
      sed -n 's/.*content-type: //p' | tr '\n' ' ')
    [ "$types" = 'application/x-safetensors application/x-safetensors application/x-gguf ' ]
    result $? 'models are known by name and by content' "$types$(cat "$work/mime.log")"
  fi
fi

# Nothing of the environment helps the moved program.
unset MEZZOTINT_DATA_DIR MEZZOTINT_MODULE_DIR GSETTINGS_SCHEMA_DIR LD_LIBRARY_PATH
export HOME=$work/home MEZZOTINT=$moved/$BINDIR/mezzotint
"$MEZZOTINT" --version >"$work/stdout" 2>&1
result $? 'the moved program finds its library' "$(cat "$work/stdout")"
works 'it draws with Proof' generate 'a red apple' --steps 2 --seed 3 --output apple.png
[ "$("$PROBE" png apple.png)" = 128x128 ]
result $? 'a whole picture'
if command -v strace >/dev/null && [ -z "${ASAN_OPTIONS-}" ]; then
  strace -f -e trace=open,openat -o "$work/trace" "$MEZZOTINT" inspect apple.png >/dev/null 2>&1
  opened=$(grep -F "\"$BUILD/" "$work/trace")
  [ -z "$opened" ]
  result $? 'it opens nothing of the build tree' "$opened"
fi

# The desktop's search starts its program over the bus; there is no index yet, and so nothing to find.
if [ "$WINDOW" = true ] && command -v dbus-run-session >/dev/null && command -v gdbus >/dev/null; then
  sed -i "s|^Exec=$PREFIX|Exec=\"$moved|; s|provider\$|provider\"|" "$moved/$DATADIR/dbus-1/services/$id.SearchProvider.service"
  answer=$(XDG_DATA_DIRS=$moved/$DATADIR XDG_RUNTIME_DIR=$work GSETTINGS_BACKEND=memory timeout 30 dbus-run-session -- \
    gdbus call --session --dest "$id.SearchProvider" --object-path "/${id//.//}/SearchProvider" \
    --method org.gnome.Shell.SearchProvider2.GetInitialResultSet "['red', 'apple']" 2>"$work/bus.log")
  [ "$answer" = '(@as [],)' ]
  result $? 'the bus starts the search' "$answer$(cat "$work/bus.log")"
fi

export PKG_CONFIG_PATH=$moved/$LIBDIR/pkgconfig
version=$(pkg-config --modversion mezzotint-engine 2>&1)
[ "Mezzotint $version" = "$("$MEZZOTINT" --version | head -n 1)" ]
result $? 'pkg-config and the program name one version' "$version"
# Where Meson was told pkgconfig.relocatable=false, the file names the folder that it was made for.
sed -i "s|^prefix=$PREFIX\$|prefix=${moved// /\\\\ }|" "$PKG_CONFIG_PATH/mezzotint-engine.pc"
# pkg-config quotes the space in the moved folder's name for a shell.
eval "flags=($(pkg-config --cflags --libs mezzotint-engine))"
# shellcheck disable=SC2154 # eval sets it
$CC -Wall -Wextra -Werror "$example" -o example "${flags[@]}" "-Wl,-rpath,$moved/$LIBDIR" >"$work/cc.log" 2>&1
result $? 'a program of thirty lines is built on the moved engine' "$(head -n 20 "$work/cc.log")"
./example 'a red apple' apple.ppm >"$work/stdout" 2>&1
result $? 'it draws with Proof' "$(cat "$work/stdout")"
[ "$(head -c 15 apple.ppm)" = 'P6 128 128 255' ] && [ "$(wc -c <apple.ppm)" -eq $((15 + 128 * 128 * 3)) ]
result $? 'it wrote a picture' "$(head -c 15 apple.ppm)"

# In `meson devenv`, the same without installing.
unset PKG_CONFIG_PATH
$MESON devenv -C "$BUILD" bash -c "cd '$work/out' && $CC '$example' -o in-tree \$(pkg-config --cflags --libs mezzotint-engine) &&
  ./in-tree 'a red apple' in-tree.ppm && mezzotint --version" >"$work/devenv.log" 2>&1
cmp -s apple.ppm in-tree.ppm
result $? 'the example draws the same in meson devenv' "$(tail -n 5 "$work/devenv.log")"

finish
