#!/usr/bin/env bash
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One sitting of Proof's training on a machine with a GPU; see run.py beside this, which gets what follows MINUTES.
#
#   gpu.sh DATA STATE OUT MINUTES [--from 0] [--to 1] ...
set -eu

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
export PYTORCH_NVML_BASED_CUDA_CHECK=1 PYTHONUNBUFFERED=1 PYTHONPATH=$here/..${PYTHONPATH+:$PYTHONPATH}
export TORCHINDUCTOR_COMPILE_THREADS=${TORCHINDUCTOR_COMPILE_THREADS-8}
exec "${PYTHON-python3}" -m train.run "$@"
