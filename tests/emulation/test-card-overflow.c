/* Copyright 2026 The Mezzotint developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Models that halves are too small for, on the emulated card: values of one attention are 2^16 times what
 * they were, and what reads them is as much smaller. In single precision nothing changes; in halves the
 * values are infinite, in bfloat16 they are not. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "core/half.h"
#include "pipeline/run.h"

#define SHIFT 16
/* dB; what is asked of a picture beside the processor's: 8 bits instead of 11 are 18 dB less than test-card.c
 * asks */
#define LEAST_PSNR 22.0
/* As in fallback.c. */
#define COPIES_BYTES ((guint64) 4 << 20)
#define RESERVE_BYTES ((guint64) 128 << 20) /* see test-card.c */

/* So near to the least memory that is enough. */
#define NEAR_BYTES ((guint64) 64 << 10)

#define UNET "unet/diffusion_pytorch_model-00001-of-00002.safetensors"
#define VAE "vae/diffusion_pytorch_model.safetensors"

/* Tensors of a file. */
typedef struct
{
  const char *file, *values[3], *out;
} Place;

static const Place unet_place = { UNET,
                                  { "mid_block.attentions.0.transformer_blocks.0.attn1.to_v.weight" },
                                  "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.weight" };
static const Place vae_place
    = { VAE,
        { "decoder.mid_block.attentions.0.to_v.weight", "decoder.mid_block.attentions.0.to_v.bias" },
        "decoder.mid_block.attentions.0.to_out.0.weight" };

typedef struct
{
  char *folder;
  MzEngine *engine;
  MzModel *model;
  MzRequest *request;
  MzResult *wanted; /* the processor's */
} Fixture;

/* ---- A model of its own ---- */

static void
scale_halves (guint16 *numbers, gsize n, double factor)
{
  for (gsize i = 0; i < n; i++)
    numbers[i] = mz_float_to_bf16 ((float) (mz_f16_to_float (numbers[i]) * factor));
}

static void
scale_floats (guint8 *bytes, gsize n, double factor)
{
  for (gsize i = 0; i < n; i++)
    {
      float x;

      memcpy (&x, bytes + 4 * i, sizeof x);
      x = (float) (x * factor);
      memcpy (bytes + 4 * i, &x, sizeof x);
    }
}

/* Halves become bfloat16, which hold them. */
static void
scale_tensor (GString *head, guint8 *data, const char *name, double factor)
{
  g_autofree char *key = g_strdup_printf ("\"%s\":{\"dtype\":\"", name);
  char *at = strstr (head->str, key), *offsets;
  guint64 begin, end;
  gboolean is_half;

  g_assert_nonnull (at);
  at += strlen (key);
  offsets = strstr (at, "\"data_offsets\":[") + strlen ("\"data_offsets\":[");
  begin = g_ascii_strtoull (offsets, &offsets, 10);
  end = g_ascii_strtoull (offsets + 1, NULL, 10);
  is_half = g_str_has_prefix (at, "F16");
  if (is_half)
    {
      scale_halves ((guint16 *) (gpointer) (data + begin), (end - begin) / 2, factor);
      g_string_insert (head, at - head->str, "B");
    }
  else
    scale_floats (data + begin, (end - begin) / 4, factor);
}

static void
write_scaled (const char *from, const char *to, const Place *place)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GString) head = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  guint64 n_head;

  g_file_get_contents (from, &bytes, &n_bytes, &error);
  g_assert_no_error (error);
  memcpy (&n_head, bytes, sizeof n_head);
  head = g_string_new_len (bytes + 8, (gssize) n_head);
  for (int i = 0; place->values[i] != NULL; i++)
    scale_tensor (head, (guint8 *) bytes + 8 + n_head, place->values[i], pow (2, SHIFT));
  scale_tensor (head, (guint8 *) bytes + 8 + n_head, place->out, pow (2, -SHIFT));
  n_bytes -= 8 + n_head;
  g_byte_array_append (out, (const guint8 *) &(guint64){ head->len }, 8);
  g_byte_array_append (out, (const guint8 *) head->str, (guint) head->len);
  g_byte_array_append (out, (const guint8 *) bytes + 8 + n_head, (guint) n_bytes);
  g_file_set_contents (to, (const char *) out->data, (gssize) out->len, &error);
  g_assert_no_error (error);
}

/* A copy of the folder with one file changed. */
static void
copy_folder (const char *from, const char *to, const char *inside, const Place *place)
{
  g_autoptr (GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_mkdir (to, 0700);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL),
                      *target = g_build_filename (to, name, NULL);
      g_autofree char *path = g_build_filename (inside, name, NULL);
      g_autofree char *bytes = NULL;
      gsize n_bytes;

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        copy_folder (source, target, path, place);
      else if (g_str_equal (path, place->file))
        write_scaled (source, target, place);
      else
        {
          g_assert_true (g_file_get_contents (source, &bytes, &n_bytes, NULL));
          g_assert_true (g_file_set_contents (target, bytes, (gssize) n_bytes, NULL));
        }
    }
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      remove_folder (inside);
    }
  g_remove (path);
}

/* ---- Runs ---- */

static void
note_cb (gpointer user, const MzStep *step)
{
  if (step->note != NULL)
    g_ptr_array_add (user, g_strdup (step->note));
}

static MzResult *
generate (MzModel *model, const MzRequest *request, GPtrArray *notes)
{
  const MzCallbacks callbacks = { .progress = note_cb, .user = notes };
  g_autoptr (GError) error = NULL;
  MzResult *result = mz_generate (model, request, notes != NULL ? &callbacks : NULL, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
open_card (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->engine = mz_engine_new ("cuda", 0, &error);
  g_assert_no_error (error);
  f->model = mz_model_load (f->engine, f->folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer place)
{
  g_autofree char *golden = g_build_filename (g_getenv ("MZ_GOLDEN_DIR"), "tiny-diffusers", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MzEngine) processor = mz_engine_new ("cpu", 1, &error);
  MzModel *model;

  g_assert_no_error (error);
  f->folder = g_dir_make_tmp ("mezzotint-overflow-XXXXXX", &error);
  g_assert_no_error (error);
  copy_folder (golden, f->folder, "", place);
  model = mz_model_load (processor, f->folder, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  f->request = g_new0 (MzRequest, 1);
  mz_request_use_defaults (f->request, model);
  f->request->prompt = g_strdup ("a red apple");
  f->request->width = f->request->height = 16;
  f->request->steps = 2;
  f->request->seed = 5;
  f->wanted = generate (model, f->request, NULL);
  mz_model_unref (model);
}

static void
tear_down (Fixture *f, gconstpointer place)
{
  g_unsetenv ("MZ_EMULATED_MEMORY_BYTES");
  g_unsetenv ("MZ_EMULATED_GENERATION");
  mz_result_unref (f->wanted);
  mz_request_free (f->request);
  mz_model_unref (f->model);
  mz_engine_unref (f->engine);
  remove_folder (f->folder);
  g_free (f->folder);
}

static GPtrArray *
new_notes (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
assert_note (GPtrArray *notes, guint i, const char *first, const char *second)
{
  g_assert_cmpuint (i, <, notes->len);
  g_test_message ("%s", (const char *) notes->pdata[i]);
  g_assert_nonnull (strstr (notes->pdata[i], first));
  g_assert_nonnull (strstr (notes->pdata[i], second));
}

static double
psnr (const MzPicture *p, const MzPicture *q)
{
  double sum = 0, n = 3.0 * p->width * p->height;

  g_assert_true (p->width == q->width && p->height == q->height);
  for (int i = 0; i < 3 * p->width * p->height; i++)
    sum += pow (p->rgb[i] - q->rgb[i], 2);
  return 10 * log10 (255 * 255 * n / MAX (sum, 1e-9));
}

static void
assert_like_wanted (Fixture *f, MzResult *result)
{
  double got = psnr (mz_result_get_picture (result, 0), mz_result_get_picture (f->wanted, 0));

  g_test_message ("%.1f dB from the processor's", got);
  g_assert_cmpfloat (got, >=, LEAST_PSNR);
}

static void
assert_same (MzResult *a, int i, MzResult *b, int k)
{
  const MzPicture *p = mz_result_get_picture (a, i), *q = mz_result_get_picture (b, k);
  gsize n = (gsize) p->width * (gsize) p->height * 3;

  g_assert_cmpmem (p->rgb, n, q->rgb, n);
}

/* ---- Tests ---- */

/* On the card, and the same bytes on the next run. Nothing stays there after it. */
static void
test_network (Fixture *f, gconstpointer place)
{
  g_autoptr (GPtrArray) notes = new_notes ();
  g_autoptr (MzResult) first = NULL, second = NULL;

  open_card (f);
  first = generate (f->model, f->request, notes);
  g_assert_cmpuint (notes->len, ==, 1);
  assert_note (notes, 0, "Step 1 ", "bfloat16");
  assert_like_wanted (f, first);
  g_assert_null (f->engine->wider);
  second = generate (f->model, f->request, NULL);
  assert_same (first, 0, second, 0);
}

static void
test_decoder (Fixture *f, gconstpointer place)
{
  g_autoptr (GPtrArray) notes = new_notes ();
  g_autoptr (MzResult) result = NULL;

  open_card (f);
  result = generate (f->model, f->request, notes);
  g_assert_cmpuint (notes->len, ==, 1);
  assert_note (notes, 0, "autoencoder", "bfloat16");
  assert_like_wanted (f, result);
}

/* Both pictures of a request, drawn together, and one by one. */
static void
test_two (Fixture *f, gconstpointer place)
{
  g_autoptr (MzResult) one_by_one = NULL, together = NULL;

  open_card (f);
  f->request->count = 2;
  one_by_one = generate (f->model, f->request, NULL);
  assert_like_wanted (f, one_by_one);
  f->request->at_once = 2;
  together = generate (f->model, f->request, NULL);
  for (int i = 0; i < 2; i++)
    g_assert_cmpfloat (psnr (mz_result_get_picture (one_by_one, i), mz_result_get_picture (together, i)), >=,
                       LEAST_PSNR);
}

static void
test_turing (Fixture *f, gconstpointer place)
{
  g_autoptr (GPtrArray) notes = new_notes ();
  g_autoptr (MzResult) result = NULL;

  g_setenv ("MZ_EMULATED_GENERATION", "75", TRUE);
  open_card (f);
  result = generate (f->model, f->request, notes);
  g_assert_cmpuint (notes->len, ==, 1);
  assert_note (notes, 0, "Step 1 ", "processor");
  assert_like_wanted (f, result);
}

/* The card has what the request needs, and no more. */
static void
test_no_room (Fixture *f, gconstpointer place)
{
  g_autoptr (GPtrArray) notes = new_notes ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (MzResult) result = NULL;
  MzMemoryEstimate estimate;

  open_card (f);
  g_assert_true (mz_model_estimate_memory (f->model, f->request, &estimate, &error));
  text = g_strdup_printf ("%" G_GUINT64_FORMAT, estimate.peak_bytes + RESERVE_BYTES);
  g_setenv ("MZ_EMULATED_MEMORY_BYTES", text, TRUE);
  result = generate (f->model, f->request, notes);
  g_assert_cmpuint (notes->len, ==, 1);
  assert_note (notes, 0, "Step 1 ", "processor");
  assert_like_wanted (f, result);
}

typedef struct
{
  guint64 needed_bytes;  /* of the card for both forms of the network, as fallback.c counts it */
  guint64 later_limit;   /* of the card from the first picture's decoding on; 0: as before */
  int n_without, n_with; /* pictures after whose first step the one in halves was not in memory, and was */
} Seen;

static void
look_cb (gpointer user, const MzStep *step)
{
  const MzRun *run = step->private_data;
  const MzModel *model = run->model;
  const MzDevice *device = model->engine->device;
  Seen *seen = user;

  if (step->phase == MZ_PHASE_DECODE && seen->later_limit > 0)
    mz_engine_set_card_limit (model->engine, seen->later_limit);
  if (step->phase != MZ_PHASE_SAMPLE)
    return;
  if (step->step == 0 && step->picture == 0)
    seen->needed_bytes
        = device->taken_bytes + device->scratch_bytes + device->preparing_bytes + COPIES_BYTES
          + MAX (mz_model_parts_bytes (model, MZ_PART_TEXT), mz_model_parts_bytes (model, MZ_PART_UNET))
          + run->plan.block_bytes[MZ_PHASE_TEXT] + run->plan.block_bytes[MZ_PHASE_SAMPLE];
  if (step->step == 1)
    *(model->unet == NULL ? &seen->n_without : &seen->n_with) += 1;
}

static MzResult *
look (Fixture *f, Seen *seen)
{
  const MzCallbacks callbacks = { .progress = look_cb, .user = seen };
  g_autoptr (GError) error = NULL;
  MzResult *result = mz_generate (f->model, f->request, &callbacks, NULL, &error);

  g_assert_no_error (error);
  return result;
}

/* With a little less than it takes, the network in halves is let go of when the other is read, and read again
 * for the next picture. With less than both from then on, the other goes, and the processor takes its place.
 */
static void
test_turns (Fixture *f, gconstpointer place)
{
  Seen roomy = { 0 }, tight = { 0 }, less = { 0 };
  g_autoptr (MzResult) wanted = NULL, first = NULL, second = NULL;

  open_card (f);
  f->request->count = 2;
  wanted = look (f, &roomy);
  g_assert_cmpint (roomy.n_without, ==, 0);
  mz_engine_set_card_limit (f->engine, roomy.needed_bytes - 1);
  first = look (f, &tight);
  g_assert_cmpint (tight.n_without, ==, 1);
  g_assert_cmpint (tight.n_with, ==, 1);
  less.later_limit = roomy.needed_bytes - 3 * COPIES_BYTES;
  second = look (f, &less);
  g_assert_cmpint (less.n_without, ==, 1);
  g_assert_cmpint (less.n_with, ==, 1);
  for (int i = 0; i < 2; i++)
    assert_same (wanted, i, first, i);
  assert_same (wanted, 0, second, 0);
  g_assert_cmpfloat (psnr (mz_result_get_picture (wanted, 1), mz_result_get_picture (second, 1)), >=,
                     LEAST_PSNR);
  g_assert_cmpfloat (psnr (mz_result_get_picture (wanted, 1), mz_result_get_picture (second, 1)), <, 99);
}

static void
snapshot_cb (gpointer user, const MzStep *step)
{
  MzSnapshot **kept = user;

  if (step->phase != MZ_PHASE_SAMPLE || step->step != 1)
    return;
  g_clear_pointer (kept, mz_snapshot_unref);
  *kept = mz_step_take_snapshot (step, NULL);
}

/* The snapshot of the second picture, through bytes. */
static void
test_resume (Fixture *f, gconstpointer place)
{
  MzSnapshot *kept = NULL;
  const MzCallbacks callbacks = { .progress = snapshot_cb, .user = &kept };
  g_autoptr (MzResult) whole = NULL, rest = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  open_card (f);
  f->request->count = 2;
  whole = mz_generate (f->model, f->request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (kept);
  bytes = mz_snapshot_to_bytes (kept);
  mz_snapshot_unref (kept);
  f->request->start = mz_snapshot_new_from_bytes (bytes, &error);
  g_assert_no_error (error);
  f->request->start_kind = MZ_START_RESUME;
  rest = generate (f->model, f->request, NULL);
  assert_same (whole, 1, rest, 0);
}

/* Under this limit, does the network go to bfloat16? */
static gboolean
is_wider (Fixture *f, guint64 limit)
{
  g_autoptr (GPtrArray) notes = new_notes ();
  g_autoptr (MzResult) result = NULL;

  mz_engine_set_card_limit (f->engine, limit);
  result = generate (f->model, f->request, notes);
  g_assert_cmpuint (notes->len, >=, 1);
  return strstr (notes->pdata[0], "bfloat16") != NULL;
}

/* Both networks overflow, on a card that holds either of them in bfloat16, but not both: the decoded picture
 * is the same behind the network and by itself, which a picture that was interrupted after its last step
 * shows. */
static void
test_history (Fixture *f, gconstpointer place)
{
  g_autofree char *vae = g_build_filename (f->folder, VAE, NULL);
  MzSnapshot *kept = NULL;
  const MzCallbacks callbacks = { .progress = snapshot_cb, .user = &kept };
  g_autoptr (MzResult) whole = NULL, decoded = NULL;
  g_autoptr (GError) error = NULL;
  Seen seen = { 0 };
  guint64 enough, too_little;

  write_scaled (vae, vae, &vae_place);
  open_card (f);
  f->request->steps = 1;
  mz_result_unref (look (f, &seen));
  enough = seen.needed_bytes;
  too_little = enough - 4 * COPIES_BYTES;
  g_assert_true (is_wider (f, enough));
  while (enough - too_little > NEAR_BYTES)
    {
      guint64 half = (enough + too_little) / 2;

      *(is_wider (f, half) ? &enough : &too_little) = half;
    }
  mz_engine_set_card_limit (f->engine, enough);
  whole = mz_generate (f->model, f->request, &callbacks, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (kept);
  f->request->start = kept;
  f->request->start_kind = MZ_START_RESUME;
  decoded = generate (f->model, f->request, NULL);
  assert_same (whole, 0, decoded, 0);
}

#define ADD(name, place, function) g_test_add (name, Fixture, &place, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/card-overflow/network", unet_place, test_network);
  ADD ("/card-overflow/decoder", vae_place, test_decoder);
  ADD ("/card-overflow/two", unet_place, test_two);
  ADD ("/card-overflow/turing", unet_place, test_turing);
  ADD ("/card-overflow/no-room", unet_place, test_no_room);
  ADD ("/card-overflow/turns", unet_place, test_turns);
  ADD ("/card-overflow/resume", unet_place, test_resume);
  ADD ("/card-overflow/history", unet_place, test_history);
  return g_test_run ();
}
