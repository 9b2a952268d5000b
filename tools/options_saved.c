/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * options_saved.c - what a saved run remembers of its command line, and how a restored one takes it from there.
 */
#include <stdlib.h>
#include <string.h>

#include "nws.h"
#include "options.h"
#include "options_saved.h"
#include "snapshot.h"

static void add_word(struct nws_options *o, char *word)
{
	o->word = nws_realloc(o->word, (o->n_words + 2) * sizeof(*o->word));
	o->word[o->n_words++] = word;
	o->word[o->n_words] = NULL;
}

void nws_options_remember(struct nws_options *o, const struct argp_option *table, int key, const char *arg)
{
	for (; table->name || table->doc; table++) {
		if (table->name && table->key == key) {
			add_word(o, arg ? nws_format("--%s=%s", table->name, arg) : nws_format("--%s", table->name));
			return;
		}
	}
}

void nws_options_remember_guest(struct nws_options *o, const char *name)
{
	add_word(o, nws_strdup(name));
}

void nws_options_forget(struct nws_options *o)
{
	for (unsigned i = 0; i < o->n_words; i++)
		free(o->word[i]);
	free(o->word);
	o->word = NULL;
	o->n_words = 0;
}

int nws_options_command(struct nws_options *o, int *argc, char ***argv)
{
	bool linux_command = o->linux_command;
	struct nws_options saved;
	int n, rc = nws_options_parse(o, *argc, *argv, true);
	char **words;

	if (rc || !o->restore)
		return rc;
	words = nws_snapshot_words(o->restore, &n);
	if (!words)
		return NWS_EXIT_USAGE;
	if (!n || strcmp(words[0], (*argv)[0]))
		return nws_usage("--restore %s: continue it with `%s'", o->restore, n ? words[0] : "nwsim run");
	nws_options_init(&saved, linux_command);
	rc = nws_options_parse_saved(&saved, n, words, o->restore);
	nws_options_free(&saved);
	if (rc)
		return rc;
	words = nws_realloc(words, ((size_t)n + (size_t)*argc) * sizeof(*words));
	memcpy(words + n, *argv + 1, (size_t)*argc * sizeof(*words)); /* with the NULL at the end */
	*argc += n - 1;
	*argv = words;
	nws_options_free(o);
	nws_options_init(o, linux_command);
	return nws_options_parse(o, *argc, *argv, true);
}
