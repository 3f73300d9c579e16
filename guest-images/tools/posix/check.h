/* What the files of one subject each have to check with. A check prints one line of TAP. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Users of the checks that are not root. */
enum { USER = 1000, OTHER = 1001, GROUP = 2000 };

/* How the folder is mounted. */
enum mode { LOCAL = 1, UNCACHED = 2, MMAP = 4, SHARED_BY_9P = UNCACHED | MMAP };
extern enum mode mode;

struct subject {
  const char *name;
  void (*run)(void);
};
extern const struct subject subjects[];

/* A check whose outcome is known and cannot be another one: whose fault it is, and in which modes. */
struct known {
  int modes;
  const char *what; /* subject: what */
  const char *why;
};
extern const struct known known[];

/* One check; the text tells what is checked. */
void equal(const char *what, long long expected, long long got);
void same(const char *what, const char *expected, const char *got);
void holds(const char *what, int is_so);

/* These take a system call's result, and errno as it left it. */
void works(const char *what, long result);
void fails(const char *what, int expected_errno, long result);

/* Something that checks need and that is not itself checked: without it the subject ends. */
long need(const char *what, long result);

/* Runs checks, or something that leaves traces, as another user and group, in a process of its own. */
void as_user(uid_t uid, gid_t gid, void (*run)(void));

/* Starts a process; its result is its exit status. */
pid_t start(void (*run)(void));
int finish(pid_t child);

/* A file with this text. */
void make(const char *path, const char *text);
/* What a file has, up to 63 bytes: in place until the next call. */
const char *text_of(const char *path);
const char *text_at(int fd, off_t offset, size_t length);

mode_t permissions_of(const char *path);
struct stat status_of(const char *path);

#endif
