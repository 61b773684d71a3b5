/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Safetensors files, sound and hostile. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io-fixture.h"
#include "io/safetensors.h"

/* Opens folder/x.safetensors, which must fail, and returns the error. */
static GError *
open_bad (const char *path)
{
  g_autoptr (MzSafetensors) file = NULL;
  GError *error = NULL;

  file = mz_safetensors_open (path, NULL, &error);
  g_assert_null (file);
  g_assert_nonnull (error);
  return error;
}

#define TENSOR(name, type, shape, begin, end)                                                                \
  "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void
test_sound (void)
{
  static const char header[] = "{\"__metadata__\":{\"format\":\"pt\",\"note\":\"\\u00e9\"}," TENSOR (
      "b", "F16", "[3]", "13",
      "19") "," TENSOR ("a", "F32", "[2, 1]", "0",
                        "8") "," TENSOR ("s", "U8", "[]", "8", "9") "," TENSOR ("e", "F32", "[0,5]", "9",
                                                                                "9") "," TENSOR ("i", "I32",
                                                                                                 "[1]", "9",
                                                                                                 "13") "}   ";
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_safetensors (folder, "x.safetensors", header, 19);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSafetensors) file = mz_safetensors_open (path, NULL, &error);
  static const char order[] = "aseib";

  g_assert_no_error (error);
  g_assert_cmpuint (file->n_tensors, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (file->tensors[i].name[0], ==, order[i]);
      g_assert_null (file->tensors[i].foreign);
    }
  g_assert_cmpint (file->tensors[0].view.n_dims, ==, 2);
  g_assert_cmpint (file->tensors[0].view.shape[0], ==, 2);
  g_assert_cmpint (file->tensors[1].view.n_dims, ==, 0);
  g_assert_cmpuint (file->tensors[2].view.n_bytes, ==, 0);
  /* Data may be unaligned: "b" begins at an odd place. */
  g_assert_cmpint ((const char *) file->tensors[4].view.data - (const char *) file->tensors[0].view.data, ==,
                   13);
  g_assert_cmpint (file->tensors[4].view.dtype, ==, MZ_DTYPE_F16);
}

/* Types that cannot be read are no damage; only using them is refused, by the tensor's name. */
static void
test_foreign_types (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_safetensors (
      folder, "x.safetensors",
      "{" TENSOR ("w", "F8_E4M3", "[4]", "0", "4") "," TENSOR ("z", "F99", "[4]", "4", "5") "}", 5);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSafetensors) file = mz_safetensors_open (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (file->tensors[0].foreign, ==, "F8_E4M3");
  g_assert_cmpstr (file->tensors[1].foreign, ==, "F99");
  g_assert_false (mz_safetensors_check_readable (file, &file->tensors[0], &error));
  fixture_assert_error (error, MZ_ERROR_UNSUPPORTED, path, "“w”", "F8_E4M3");
}

static const struct
{
  const char *header;
  guint64 n_data;
  int code;
  const char *message;
} bad_headers[] = {
  { "{" TENSOR ("a", "F32", "[2]", "0", "8") "}", 7, MZ_ERROR_FORMAT, "cut short: the tensor “a”" },
  { "{" TENSOR ("a", "F32", "[2]", "0", "8") "}", 9, MZ_ERROR_FORMAT, "1 bytes more" },
  { "{}", 1, MZ_ERROR_FORMAT, "1 bytes more" },
  { "{" TENSOR ("a", "F32", "[3]", "0", "8") "}", 8, MZ_ERROR_FORMAT,
    "“a” (F32 [3]) needs 12 bytes and has 8" },
  { "{" TENSOR ("a", "F32", "[2]", "8", "0") "}", 8, MZ_ERROR_FORMAT, "“a” ends before it begins" },
  { "{" TENSOR ("a", "U8", "[8]", "0", "8") "," TENSOR ("b", "U8", "[8]", "4", "12") "}", 12, MZ_ERROR_FORMAT,
    "“a” and “b” overlap" },
  { "{" TENSOR ("a", "U8", "[4]", "0", "4") "," TENSOR ("b", "U8", "[4]", "8", "12") "}", 12, MZ_ERROR_FORMAT,
    "4 bytes before the tensor “b”" },
  { "{" TENSOR ("a", "U8", "[4]", "4", "8") "}", 8, MZ_ERROR_FORMAT, "4 bytes before the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[4]", "0", "4") "," TENSOR ("a", "U8", "[4]", "4", "8") "}", 8, MZ_ERROR_FORMAT,
    "the tensor “a” twice" },
  { "{" TENSOR ("a", "U8", "[4]", "0", "4") "," TENSOR ("\\u0061", "U8", "[4]", "4", "8") "}", 8,
    MZ_ERROR_FORMAT, "the tensor “a” twice" },
  { "{" TENSOR ("a", "U8", "[-4]", "0", "4") "}", 4, MZ_ERROR_FORMAT, "the shape of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[4.0]", "0", "4") "}", 4, MZ_ERROR_FORMAT, "the shape of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[\"4\"]", "0", "4") "}", 4, MZ_ERROR_FORMAT, "the shape of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[[4]]", "0", "4") "}", 4, MZ_ERROR_FORMAT, "the shape of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "4", "0", "4") "}", 4, MZ_ERROR_FORMAT, "no array" },
  { "{" TENSOR ("a", "F32", "[1099511627776,1099511627776]", "0", "4") "}", 4, MZ_ERROR_FORMAT,
    "“a” has an absurd" },
  { "{" TENSOR ("a", "F32", "[1099511627776]", "0", "4") "}", 4, MZ_ERROR_FORMAT,
    "“a” (F32 [1099511627776]) needs" },
  { "{" TENSOR ("a", "F32", "[4611686018427387904,4]", "0", "0") "}", 0, MZ_ERROR_FORMAT,
    "“a” has an absurd" },
  { "{" TENSOR ("a", "F32", "[9223372036854775808]", "0", "4") "}", 4, MZ_ERROR_FORMAT,
    "“a” has the absurd size" },
  { "{" TENSOR ("a", "F32", "[18446744073709551616]", "0", "4") "}", 4, MZ_ERROR_FORMAT, "beyond 64 bits" },
  { "{" TENSOR ("a", "U8", "[1,1,1,1,1,1,1,1,1]", "0", "1") "}", 1, MZ_ERROR_UNSUPPORTED,
    "“a” has more than 8 dim" },
  { "{" TENSOR ("a", "F4", "[3]", "0", "1") "}", 1, MZ_ERROR_FORMAT, "“a” (F4 [3]) needs 2 bytes and has 1" },
  { "{" TENSOR ("a", "", "[3]", "0", "3") "}", 3, MZ_ERROR_FORMAT, "type of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[4]", "0", "18446744073709551615") "}", 4, MZ_ERROR_FORMAT, "cut short" },
  { "{" TENSOR ("a", "U8", "[4]", "-1", "4") "}", 4, MZ_ERROR_FORMAT, "offset of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[4]", "0.5", "4") "}", 4, MZ_ERROR_FORMAT, "offset of the tensor “a”" },
  { "{" TENSOR ("a", "U8", "[4]", "0,4", "4") "}", 4, MZ_ERROR_FORMAT, "“a” has more than two" },
  { "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4]}}", 4, MZ_ERROR_FORMAT,
    "“a” lacks a data offset" },
  { "{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", 0, MZ_ERROR_FORMAT, "“a” lacks its data offsets" },
  { "{\"a\":{\"shape\":[4],\"data_offsets\":[0,4]}}", 4, MZ_ERROR_FORMAT, "“a” lacks its type" },
  { "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,4]}}", 4, MZ_ERROR_FORMAT, "“a” lacks its shape" },
  { "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 4, MZ_ERROR_FORMAT, "“a” has twice the same key" },
  { "{\"a\":{\"dtype\":\"U8\",\"more\":1}}", 4, MZ_ERROR_FORMAT, "“a” has an unknown key" },
  { "{\"a\":{\"dtype\":8}}", 4, MZ_ERROR_FORMAT, "no string" },
  { "{\"a\":[1]}", 4, MZ_ERROR_FORMAT, "“a” is not an object" },
  { "{\"\":{}}", 4, MZ_ERROR_FORMAT, "not a name for a tensor" },
  { "{\"a\\u001b[2J\":{}}", 4, MZ_ERROR_FORMAT, "“a\xef\xbf\xbd[2J” is not a name" },
  { "{\"__metadata__\":{\"a\":1}}", 0, MZ_ERROR_FORMAT, "metadata “a” is not a text" },
  { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, MZ_ERROR_FORMAT, "“__metadata__” twice" },
  { "{\"__metadata__\":[]}", 0, MZ_ERROR_FORMAT, "no object" },
  { "{\"a\xff\":{}}", 0, MZ_ERROR_FORMAT, "UTF-8" },
  { "{", 0, MZ_ERROR_FORMAT, "ends too early" },
  { "{}x", 0, MZ_ERROR_FORMAT, "goes on" },
  { " {}", 0, MZ_ERROR_FORMAT, "not a safetensors file" },
  { "[]", 0, MZ_ERROR_FORMAT, "not a safetensors file" },
};

static void
test_bad_headers (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (bad_headers); i++)
    {
      g_autofree char *path
          = fixture_write_safetensors (folder, "x.safetensors", bad_headers[i].header, bad_headers[i].n_data);
      g_autoptr (GError) error = open_bad (path);

      g_test_message ("%s", error->message);
      fixture_assert_error (error, bad_headers[i].code, path, bad_headers[i].message);
    }
}

/* A file that ends anywhere before its end is an error, never a crash. */
static void
test_truncation (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *whole = fixture_write_safetensors (
      folder, "whole.safetensors",
      "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR ("a", "F32", "[2]", "0",
                                                       "8") "," TENSOR ("b", "F16", "[4]", "8", "16") "}",
      16);
  g_autofree char *path = fixture_path (folder, "x.safetensors"), *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSafetensors) file = mz_safetensors_open (whole, NULL, &error);
  gsize n_bytes;

  g_assert_no_error (error);
  g_assert_cmpuint (file->n_tensors, ==, 2);
  g_assert_true (g_file_get_contents (whole, &bytes, &n_bytes, NULL));
  for (gsize n = 0; n < n_bytes; n++)
    {
      g_autoptr (GError) cut = NULL;

      fixture_write_bytes (path, bytes, n);
      cut = open_bad (path);
      fixture_assert_error (cut, MZ_ERROR_FORMAT, path, n == 0 ? "empty" : "cut short");
    }
}

/* Whatever single byte of a sound header is changed to whatever, opening ends in a file or in an error. */
static void
test_mutation (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_safetensors (
      folder, "x.safetensors",
      "{\"__metadata__\":{\"a\":\"b\"}," TENSOR ("a", "F32", "[2]", "0", "8") "," TENSOR ("b", "F16", "[2,2]",
                                                                                          "8", "16") "}",
      16);
  g_autofree char *bytes = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  gsize n_bytes;
  guint n_sound = 0, n_failed = 0;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  for (gsize i = 0; i < 8 * (n_bytes - 16); i++)
    {
      gsize where = i / 8;
      char old = bytes[where];
      g_autoptr (GError) error = NULL;
      g_autoptr (MzSafetensors) file = NULL;

      bytes[where]
          = i % 8 < 6 ? "\",:[]{}019-.\\e "[g_rand_int_range (rand, 0, 15)] : (char) g_rand_int (rand);
      fixture_write_bytes (path, bytes, n_bytes);
      bytes[where] = old;
      file = mz_safetensors_open (path, NULL, &error);
      g_assert_true ((file != NULL) == (error == NULL));
      if (file != NULL)
        n_sound++;
      else
        n_failed++;
    }
  g_test_message ("%u sound, %u failed", n_sound, n_failed);
  g_assert_cmpuint (n_failed, >, n_sound);
}

static void
test_header_length (void)
{
  static const struct
  {
    guint64 length;
    const char *message;
  } rows[] = {
    { 100, "cut short" },
    { G_MAXUINT64, "the most is 100000000" },
    { 100000001, "the most is 100000000" },
    { (guint64) 1 << 63, "the most is" },
    { 0, "ends too early" },
    { 1, "ends too early" },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_path (folder, "x.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char bytes[12] = "........{}  ";
      guint64 length = GUINT64_TO_LE (rows[i].length);
      g_autoptr (GError) error = NULL;

      memcpy (bytes, &length, 8);
      fixture_write_bytes (path, bytes, sizeof bytes);
      error = open_bad (path);
      fixture_assert_error (error, MZ_ERROR_FORMAT, path, rows[i].message);
    }
}

/* The content tells what a file is, whatever its name. */
static void
test_other_formats (void)
{
  static const struct
  {
    const char *bytes;
    gsize n;
    int code;
    const char *message;
  } rows[] = {
    { "PK\003\004archive/data.pkl", 20, MZ_ERROR_UNSUPPORTED, "a zip archive, as PyTorch writes .ckpt" },
    { "\x80\x02}q\001.", 7, MZ_ERROR_UNSUPPORTED, "a Python pickle" },
    { "GGUF\003\0\0\0\0\0\0\0", 12, MZ_ERROR_UNSUPPORTED, "a GGUF file" },
    { "version https://git-lfs.github.com/spec/v1\n", 43, MZ_ERROR_FORMAT, "a Git LFS pointer" },
    { "<!DOCTYPE html><html>", 21, MZ_ERROR_FORMAT, "a web page" },
    { "\x89PNG\r\n\x1a\n", 8, MZ_ERROR_FORMAT, "a PNG picture" },
    { "just some text, nothing more", 28, MZ_ERROR_FORMAT, "not a safetensors file" },
    { "a", 1, MZ_ERROR_FORMAT, "cut short" },
  };
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_path (folder, "x.safetensors");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      fixture_write_bytes (path, rows[i].bytes, rows[i].n);
      error = open_bad (path);
      fixture_assert_error (error, rows[i].code, path, rows[i].message);
    }
}

/* Things in the file system that are no files. A pipe must not block. */
static void
test_no_file (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *missing = fixture_path (folder, "missing"), *pipe_path = fixture_path (folder, "pipe");
  g_autofree char *loop = fixture_path (folder, "loop"), *dangling = fixture_path (folder, "dangling");
  g_autofree char *below = fixture_path (folder, "missing/below");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  error = open_bad (folder);
  fixture_assert_error (error, MZ_ERROR_FORMAT, folder, "folder");
  error = open_bad (missing);
  fixture_assert_error (error, MZ_ERROR_MISSING, missing, "No such file");
  error = open_bad (below);
  fixture_assert_error (error, MZ_ERROR_MISSING, below);
  error = open_bad (pipe_path);
  fixture_assert_error (error, MZ_ERROR_FORMAT, pipe_path, "not a regular file");
  error = open_bad ("/dev/null");
  fixture_assert_error (error, MZ_ERROR_FORMAT, "/dev/null", "not a regular file");
  error = open_bad (loop);
  fixture_assert_error (error, MZ_ERROR_IO, loop, g_strerror (ELOOP));
  error = open_bad (dangling);
  fixture_assert_error (error, MZ_ERROR_MISSING, dangling);
}

/* Root reads everything, so it becomes nobody for a moment. */
static void
test_unreadable (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path = fixture_write_safetensors (folder, "x.safetensors", "{}", 0);
  g_autoptr (GError) error = NULL;
  gboolean is_root = geteuid () == 0;

  g_assert_cmpint (chmod (folder, 0755), ==, 0);
  g_assert_cmpint (chmod (path, 0), ==, 0);
  if (is_root && seteuid (65534) != 0)
    {
      g_test_skip ("root cannot become nobody here, and reads everything");
      return;
    }
  error = open_bad (path);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  fixture_assert_error (error, MZ_ERROR_IO, path, g_strerror (EACCES));
}

static void
test_cancel (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *path
      = fixture_write_safetensors (folder, "x.safetensors", "{" TENSOR ("a", "U8", "[1]", "0", "1") "}", 1);
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (MzSafetensors) file = NULL;

  mz_cancel_trigger (cancel);
  g_assert_null (mz_safetensors_open (path, cancel, &error));
  g_assert_error (error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_clear_error (&error);
  mz_cancel_reset (cancel);
  file = mz_safetensors_open (path, cancel, &error);
  g_assert_no_error (error);
  g_assert_nonnull (file);
}

typedef struct
{
  const char *path;
  MzCancel *cancel;
  GError *error;
  gboolean opened;
} Opening;

static gpointer
open_thread (gpointer data)
{
  Opening *opening = data;
  g_autoptr (MzSafetensors) file = mz_safetensors_open (opening->path, opening->cancel, &opening->error);

  opening->opened = file != NULL;
  return NULL;
}

/* Metadata, however much of it: looks at the flag as it goes, and keeps nothing. */
static void
test_cancel_metadata (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autoptr (MzCancel) cancel = mz_cancel_new ();
  g_autoptr (GString) header = g_string_new ("{\"__metadata__\":{\"a\":\"b\"");
  g_autofree char *path = NULL;
  Opening opening = { .cancel = cancel };
  GThread *thread;

  for (guint i = 0; i < 5000000; i++)
    g_string_append (header, ",\"a\":\"b\"");
  g_string_append (header, "}}");
  opening.path = path = fixture_write_safetensors (folder, "x.safetensors", header->str, 0);
  thread = g_thread_new ("open", open_thread, &opening);
  g_usleep (20000);
  mz_cancel_trigger (cancel);
  g_thread_join (thread);
  g_assert_false (opening.opened);
  g_assert_error (opening.error, MZ_ERROR, MZ_ERROR_CANCELLED);
  g_clear_error (&opening.error);
}

/* Ten thousand brackets, as a value and as a shape. */
static void
test_deep_header (void)
{
  g_autoptr (FixtureFolder) folder = fixture_folder_new ();
  g_autofree char *brackets = g_strnfill (10000, '[');
  g_autofree char *value = g_strdup_printf ("{\"a\":%s", brackets);
  g_autofree char *shape = g_strdup_printf ("{\"a\":{\"shape\":%s", brackets);
  const char *const headers[] = { value, shape };

  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *path = fixture_write_safetensors (folder, "x.safetensors", headers[i], 0);
      g_autoptr (GError) error = open_bad (path);

      fixture_assert_error (error, MZ_ERROR_FORMAT, path, "“a”");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/safetensors/sound", test_sound);
  g_test_add_func ("/safetensors/foreign-types", test_foreign_types);
  g_test_add_func ("/safetensors/bad-headers", test_bad_headers);
  g_test_add_func ("/safetensors/truncation", test_truncation);
  g_test_add_func ("/safetensors/mutation", test_mutation);
  g_test_add_func ("/safetensors/header-length", test_header_length);
  g_test_add_func ("/safetensors/other-formats", test_other_formats);
  g_test_add_func ("/safetensors/no-file", test_no_file);
  g_test_add_func ("/safetensors/unreadable", test_unreadable);
  g_test_add_func ("/safetensors/cancel", test_cancel);
  g_test_add_func ("/safetensors/cancel-metadata", test_cancel_metadata);
  g_test_add_func ("/safetensors/deep-header", test_deep_header);
  return g_test_run ();
}
