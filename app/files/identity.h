/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the desktop and its bus know the program by. A development build (-Ddevel=true) has names of its own,
 * so that it can be installed beside a release. */
#pragma once

#ifdef MEZZOTINT_DEVEL
#define MEZZOTINT_DESKTOP_ID "io.github.mezzotint.Mezzotint.Devel"
#define MEZZOTINT_BUS_PATH "/io/github/mezzotint/Mezzotint/Devel"
#else
#define MEZZOTINT_DESKTOP_ID "io.github.mezzotint.Mezzotint"
#define MEZZOTINT_BUS_PATH "/io/github/mezzotint/Mezzotint"
#endif
