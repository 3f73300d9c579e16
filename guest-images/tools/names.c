/*
 * Makes, asks about, lists and removes so many files in a folder of its own, and tells how long each took: what a file
 * system, or the server behind it, needs for names and attributes. `names` alone tells how it is called.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LISTINGS 10 /* one is too short to be measured */

enum phase { CREATE, STAT, LIST, UNLINK, PHASES };

static const char *const phase_names[PHASES] = {"create", "stat", "list", "unlink"};

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "names: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static const char *name(long i) {
  static char text[32];
  snprintf(text, sizeof text, "file-%06ld", i);
  return text;
}

static void create(long i) {
  int fd = open(name(i), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0 || close(fd)) fail("create");
}

static void ask(long i) {
  struct stat status;
  if (stat(name(i), &status)) fail("stat");
}

static void list(long count) {
  long seen = 0;
  DIR *folder = opendir(".");
  if (!folder) fail("opendir");
  for (struct dirent *entry; (errno = 0, entry = readdir(folder));) seen += entry->d_name[0] != '.';
  if (errno) fail("readdir");
  closedir(folder);
  if (seen != count) {
    fprintf(stderr, "names: %ld files are listed of %ld\n", seen, count);
    exit(1);
  }
}

/* One operation is a file made, asked about, removed, or an entry listed. */
static long run(enum phase phase, long count) {
  switch (phase) {
    case CREATE: for (long i = 0; i < count; i++) create(i); return count;
    case STAT: for (long i = 0; i < count; i++) ask(i); return count;
    case LIST: for (int i = 0; i < LISTINGS; i++) list(count); return LISTINGS * count;
    default: for (long i = 0; i < count; i++) if (unlink(name(i))) fail("unlink"); return count;
  }
}

static void round_of_all(long count, int tell) {
  for (enum phase phase = CREATE; phase < PHASES; phase++) {
    uint64_t start = nanoseconds();
    long operations = run(phase, count);
    uint64_t took = nanoseconds() - start;
    if (tell) printf("%s %ld %llu\n", phase_names[phase], operations, (unsigned long long)took);
  }
}

int main(int argc, char **argv) {
  long count = argc >= 3 ? strtol(argv[2], NULL, 10) : 0, warm = argc >= 4 ? strtol(argv[3], NULL, 10) : 0;
  if (argc > 4 || count < 1 || count > 999999 || warm < 0) {
    fputs(
        "usage: names DIR COUNT [SECONDS]   makes DIR/names and in it COUNT files, asks about each (stat), lists them\n"
        "                                   ten times, removes them; a line for each: what, operations, nanoseconds.\n"
        "                                   SECONDS: does the same with a tenth of the files for so long before\n",
        stderr);
    return 2;
  }
  if (chdir(argv[1]) || mkdir("names", 0755) || chdir("names")) fail(argv[1]);
  uint64_t end = nanoseconds() + (uint64_t)warm * 1000000000;
  while (nanoseconds() < end) round_of_all(count < 10 ? 1 : count / 10, 0);
  round_of_all(count, 1);
  if (chdir("..") || rmdir("names")) fail("rmdir");
  return 0;
}
