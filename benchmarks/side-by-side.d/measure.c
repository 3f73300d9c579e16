/*
 * measure [--marker TEXT] [--end TEXT] [--limit SECONDS] -- COMMAND...
 *
 * Runs COMMAND and looks at it from outside, the same way for every peer: the time from just before it is started to
 * the first byte on its stdout, to a text on it, and to its end. --end names a text after which it is killed, for
 * monitors that a guest cannot end. Prints one line, times in microseconds (-1: never came):
 *
 *   STARTED FIRST_BYTE MARKER END STATUS
 *
 * STARTED is CLOCK_MONOTONIC, which kernel traces can use too. In C because a shell costs more than what is measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what) {
  fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
  exit(2);
}

int main(int argc, char **argv) {
  const char *marker = 0, *end = 0;
  long limit = 300;
  int i = 1;
  for (; i + 1 < argc && strcmp(argv[i], "--"); i += 2) {
    if (!strcmp(argv[i], "--marker")) marker = argv[i + 1];
    else if (!strcmp(argv[i], "--end")) end = argv[i + 1];
    else if (!strcmp(argv[i], "--limit")) limit = atol(argv[i + 1]);
    else break;
  }
  if (i + 1 >= argc || strcmp(argv[i], "--")) {
    fprintf(stderr, "usage: measure [--marker TEXT] [--end TEXT] [--limit SECONDS] -- COMMAND...\n");
    return 2;
  }

  int out[2];
  if (pipe2(out, O_CLOEXEC)) fail("pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  extern char **environ;
  pid_t child;
  long started = now();
  errno = posix_spawnp(&child, argv[i + 1], &files, 0, argv + i + 1, environ);
  if (errno) fail(argv[i + 1]);
  close(out[1]);

  static char text[BUFFER + 1];
  size_t length = 0;
  long first = -1, marked = -1, ended = -1;
  int killed = 0;
  for (;;) {
    long left = started + limit * 1000000 - now();
    struct pollfd readable = {.fd = out[0], .events = POLLIN};
    if (left <= 0 || (poll(&readable, 1, (int)(left / 1000) + 1) == 0)) {
      kill(child, SIGKILL);
      killed = SIGKILL;
      break;
    }
    if (length == BUFFER) length = 0; /* more than any quiet boot prints */
    ssize_t got = read(out[0], text + length, BUFFER - length);
    if (got <= 0) break;
    long at = now();
    if (first < 0) first = at;
    length += (size_t)got;
    text[length] = 0;
    if (marker && marked < 0 && memmem(text, length, marker, strlen(marker))) marked = at;
    if (end && memmem(text, length, end, strlen(end))) {
      ended = at;
      kill(child, SIGKILL);
      break;
    }
  }
  int status;
  waitpid(child, &status, 0);
  if (ended < 0 && !killed) ended = now();
  int code = killed ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : end ? 0 : 128 + WTERMSIG(status);
  printf("%ld %ld %ld %ld %d\n", started, first < 0 ? -1 : first - started, marked < 0 ? -1 : marked - started,
         ended < 0 ? -1 : ended - started, code);
  if (code) fwrite(text, 1, length, stderr);
  return 0;
}
