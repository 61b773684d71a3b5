/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* HTML's character references, "&amp;", "&#39;", "&eacute", put back into characters. */
#pragma once

#include "text/chars.h"

G_BEGIN_DECLS

/* A named reference: the name without "&" and ";", the one or two characters it stands for (the second is 0
 * if there is one), and whether it also counts without ";", as names older than HTML 4 do. */
typedef struct
{
  const char *name;
  gunichar ch[2];
  gboolean bare;
} MzHtmlEntity;

#define MZ_HTML_N_ENTITIES 2125
/* Those of the HTML standard, in the order of strcmp(). */
extern const MzHtmlEntity mz_html_entities[MZ_HTML_N_ENTITIES];

/* Returns the text with its references resolved once, as Python's html.unescape() does (HTML standard,
 * "character reference state" and after): numbers outside Unicode and surrogates become U+FFFD, numbers
 * 0x80..0x9f are read as Windows-1252, numbers of control characters and noncharacters vanish, a name without
 * ";" is taken at its longest known beginning, anything else stays as it is. The caller's; linear time. */
MzChars *mz_html_unescape (const MzChars *chars);

G_END_DECLS
