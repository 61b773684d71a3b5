# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each header compiles alone:  python headers.py COMPILER..."""
import concurrent.futures
import os
import shutil
import subprocess
import sys

from sources import ROOT, files, finish

PACKAGES = ["glib-2.0", "gio-2.0", "json-glib-1.0", "libpng", "libjpeg", "pangocairo", "sqlite3", "gtk4", "libadwaita-1"]
# What a folder's headers need on the command line, as its meson.build gives it.
DEFINES = {"engine/backends/cpu/simd/": ["-DMZ_SIMD_WIDTH=4", "-DMZ_SIMD_SUFFIX=baseline"],
           "engine/backends/cuda/": ["-DMZ_CUDA_EMULATED", f"-I{ROOT}/tests/emulation"],
           "tests/emulation/": ["-DMZ_CUDA_EMULATED", f"-I{ROOT}/tests/emulation"]}
# Headers of kernels, which are C++.
CPLUSPLUS = ["engine/backends/cuda/attention-group.h", "engine/backends/cuda/attention-warp.h",
             "engine/backends/cuda/product-group.h", "engine/backends/cuda/product-parts.h", "engine/backends/cuda/simt.h",
             "engine/backends/cuda/simt-group.h", "tests/emulation/cuda-emulation.h"]
FLAGS = ["-D_GNU_SOURCE", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-unused-function",
         "-Wno-missing-field-initializers", "-Wno-unused-const-variable", "-Wno-psabi", "-fsyntax-only", "-x", "c",
         f"-I{ROOT}", f"-I{ROOT}/engine", f"-I{ROOT}/tests"]


def package_flags(name):
    run = subprocess.run(["pkg-config", "--cflags", name], capture_output=True, text=True)
    return [flag.replace("-I", "-isystem", 1) for flag in run.stdout.split()] if run.returncode == 0 else []


def complaint(path):
    defines = [flag for folder, flags in DEFINES.items() if str(path).startswith(folder) for flag in flags]
    flags = command
    if str(path) in CPLUSPLUS:
        if shutil.which("g++") is None:
            return None
        defines += ["-x", "c++", "-std=c++17", "-Wno-unknown-pragmas"]
        flags = [flag for flag in command if flag != "-std=gnu11"]
    run = subprocess.run(flags + defines + ["-include", str(ROOT / path), os.devnull], capture_output=True, text=True)
    return f"{path} does not compile alone:\n{run.stderr}" if run.returncode else None


command = sys.argv[1:] + FLAGS + [flag for name in PACKAGES for flag in package_flags(name)]
with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
    finish([c for c in pool.map(complaint, files(".h")) if c])
