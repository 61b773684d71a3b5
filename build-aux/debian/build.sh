#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds Debian's source and binary packages of what is committed, and checks them:
#   build-aux/debian/build.sh [FOLDER]
# They lie in FOLDER, or build-debian/ when none is given. DEB_BUILD_OPTIONS are dpkg-buildpackage's ("nocheck
# parallel=2"). Needs what `Build-Depends` in control names, and: apt-get install build-essential fakeroot lintian git
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$here/../..
folder=$(readlink -m -- "${1-$root/build-debian}")
version=$(sed -n "1s/.*(\(.*\)-.*/\1/p" "$here/changelog")

rm -rf "$folder"
mkdir -p "$folder"
git -C "$root" archive --prefix="mezzotint-$version/" --output="$folder/mezzotint_$version.orig.tar.gz" HEAD
tar -xf "$folder/mezzotint_$version.orig.tar.gz" -C "$folder"
cp -r "$here" "$folder/mezzotint-$version/debian"
rm "$folder/mezzotint-$version/debian/build.sh"
# Nothing was released yet, so every symbol came with this version. From the first release on the file must be kept.
python3 - "$root"/engine/engine.h "$root"/engine/core/{cancel,error,names}.h >"$folder/mezzotint-$version/debian/libmezzotint-engine0.symbols" <<END
import re, sys
print("libmezzotint-engine.so.0 libmezzotint-engine0 #MINVER#\n* Build-Depends-Package: libmezzotint-engine-dev")
text = "".join(open(name, encoding="utf-8").read() for name in sys.argv[1:])
for symbol in sorted(set(re.findall(r"\bMZ_API\b[^;{]*?\b(mz_\w+)\s*\(", text))):
    print(f" {symbol}@Base $version")
END
cd "$folder/mezzotint-$version"
dpkg-buildpackage -us -uc
cd ..
# No bug of Debian's asks for the package yet, and so the changelog closes none.
lintian --fail-on error,warning --display-info --suppress-tags initial-upload-closes-no-bugs ./*.changes
