/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd.h - the commands of nwsim. argv[0] is "nwsim COMMAND"; each returns the exit status (enum nws_exit, nwsim(1)) after one
 * line on standard error for what is wrong. --help, --usage and --version exit.
 */
#ifndef NWS_CMD_H
#define NWS_CMD_H

/* Runs one bare-metal guest, of the list or a file, or several of the list. */
int nws_cmd_run(int argc, char **argv);
/* Boots Linux: a kernel and an initial RAM file system, or a CD-ROM image. */
int nws_cmd_linux(int argc, char **argv);
/* Shows the guests of the list. */
int nws_cmd_list(int argc, char **argv);
/* Shows the parameters of the model. */
int nws_cmd_params(int argc, char **argv);
/* Shows the records of a trace, or what they add up to. */
int nws_cmd_trace(int argc, char **argv);
/* Shows which kinds of notify exit traces contain. */
int nws_cmd_coverage(int argc, char **argv);
/* Shows what a saved run is. */
int nws_cmd_snapshot(int argc, char **argv);

#endif
