/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cmd.h - the commands of nwsim. argv[0] is "nwsim COMMAND"; each returns the exit status.
 */
#ifndef NWS_CMD_H
#define NWS_CMD_H

int nws_cmd_run(int argc, char **argv);
int nws_cmd_linux(int argc, char **argv);
int nws_cmd_list(int argc, char **argv);
int nws_cmd_params(int argc, char **argv);
int nws_cmd_trace(int argc, char **argv);
int nws_cmd_coverage(int argc, char **argv);
int nws_cmd_snapshot(int argc, char **argv);

#endif
