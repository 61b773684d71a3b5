/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What shell tests ask that a shell cannot tell:
 *   probe png FILE    decodes the whole picture and prints "WIDTHxHEIGHT"
 *   probe json        checks that each line of the standard input is a JSON object; prints its "event", or
 * "-" */
#include <json-glib/json-glib.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

static int
probe_png (const char *path)
{
  png_image image = { .version = PNG_IMAGE_VERSION };
  g_autofree png_byte *pixels = NULL;

  if (!png_image_begin_read_from_file (&image, path))
    return 1;
  image.format = PNG_FORMAT_RGB;
  pixels = g_malloc (PNG_IMAGE_SIZE (image));
  if (!png_image_finish_read (&image, NULL, pixels, 0, NULL))
    return 1;
  printf ("%ux%u\n", image.width, image.height);
  return 0;
}

static int
probe_json (void)
{
  char line[65536];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autoptr (JsonNode) node = json_from_string (line, NULL);
      JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (object == NULL)
        {
          printf ("no object: %s", line);
          return 1;
        }
      puts (json_object_get_string_member_with_default (object, "event", "-"));
    }
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "png") == 0)
    return probe_png (argv[2]);
  if (argc == 2 && strcmp (argv[1], "json") == 0)
    return probe_json ();
  return 2;
}
