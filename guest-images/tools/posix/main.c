/*
 * Checks that a folder behaves as POSIX and Linux say a file system does: one line of TAP for each check, exit status 1
 * where one failed. To be run by root. `posix` alone tells how.
 */
#include "check.h"
#include <grp.h>
#include <stdarg.h>
#include <sys/mman.h>

enum mode mode = LOCAL;
static const char *subject = "";

static struct tally {
  int count, failed, known;
} *tally; /* for all processes */

static void tell(int is_so, const char *what, const char *format, ...) {
  char full[256], detail[256] = "";
  const char *why = NULL;
  snprintf(full, sizeof full, "%s: %s", subject, what);
  for (const struct known *k = known; k->what; k++) {
    if ((k->modes & mode) && strcmp(k->what, full) == 0) why = k->why;
  }
  if (!is_so) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
  }
  int number = __atomic_add_fetch(&tally->count, 1, __ATOMIC_SEQ_CST);
  if (why && !is_so) {
    __atomic_add_fetch(&tally->known, 1, __ATOMIC_SEQ_CST);
    printf("not ok %d - %s%s # known: %s\n", number, full, detail, why);
  } else if (why) { /* the table is old */
    __atomic_add_fetch(&tally->failed, 1, __ATOMIC_SEQ_CST);
    printf("not ok %d - %s: it holds, though it is known not to (%s)\n", number, full, why);
  } else {
    if (!is_so) __atomic_add_fetch(&tally->failed, 1, __ATOMIC_SEQ_CST);
    printf("%s %d - %s%s\n", is_so ? "ok" : "not ok", number, full, detail);
  }
  fflush(stdout);
}

void equal(const char *what, long long expected, long long got) {
  tell(expected == got, what, ": expected %lld, got %lld", expected, got);
}

void same(const char *what, const char *expected, const char *got) {
  tell(strcmp(expected, got) == 0, what, ": expected '%.60s', got '%.60s'", expected, got);
}

void holds(const char *what, int is_so) {
  tell(is_so, what, ": expected that it is so, it is not");
}

void works(const char *what, long result) {
  int error = errno;
  tell(result >= 0, what, ": expected success, got %s (%s)", strerrorname_np(error), strerror(error));
}

void fails(const char *what, int expected_errno, long result) {
  int error = result < 0 ? errno : 0;
  tell(error == expected_errno, what, ": expected %s, got %s", strerrorname_np(expected_errno),
       error ? strerrorname_np(error) : "success");
}

long need(const char *what, long result) {
  if (result < 0) {
    int error = errno;
    tell(0, what, ": the checks need it, got %s (%s)", strerrorname_np(error), strerror(error));
    exit(1);
  }
  return result;
}

pid_t start(void (*run)(void)) {
  pid_t child = need("fork", fork());
  if (child == 0) {
    run();
    exit(0);
  }
  return child;
}

int finish(pid_t child) {
  int status = 0;
  need("wait for a process", waitpid(child, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void as_user(uid_t uid, gid_t gid, void (*run)(void)) {
  pid_t child = need("fork", fork());
  if (child == 0) {
    need("become a user", setgroups(0, NULL) | setgid(gid) | setuid(uid));
    run();
    exit(0);
  }
  int status = finish(child);
  if (status != 0) tell(0, "a user's checks", ": their process ended with status %d", status);
}

void make(const char *path, const char *text) {
  int fd = need(path, open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  size_t length = strlen(text);
  if (need(path, write(fd, text, length)) != (ssize_t)length) tell(0, path, ": a short write");
  need(path, close(fd));
}

const char *text_at(int fd, off_t offset, size_t length) {
  static char text[64];
  ssize_t n = pread(fd, text, length < sizeof text ? length : sizeof text - 1, offset);
  if (n < 0) return strerrorname_np(errno);
  text[n] = 0;
  return text;
}

const char *text_of(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return strerrorname_np(errno);
  const char *text = text_at(fd, 0, 63);
  close(fd);
  return text;
}

struct stat status_of(const char *path) {
  struct stat status;
  memset(&status, 0, sizeof status);
  if (lstat(path, &status) != 0) memset(&status, 0xff, sizeof status); /* no check expects that */
  return status;
}

mode_t permissions_of(const char *path) {
  return status_of(path).st_mode & 07777;
}

/* In a process and a folder of its own, so that none hurts the next. */
static void run(const struct subject *s, const char *directory) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s-%d", directory, s->name, (int)getpid());
  subject = s->name;
  pid_t child = fork();
  if (child == 0) {
    umask(022);
    need("a folder for the subject", mkdir(path, 0777));
    need("a folder for the subject", chmod(path, 0777));
    need("a folder for the subject", chdir(path));
    s->run();
    exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) tell(0, "comes to its end", ": wait status %#x", status);
}

static int is_wanted(const char *name, char **wanted) {
  if (!*wanted) return 1;
  for (; *wanted; wanted++) {
    if (strcmp(*wanted, name) == 0) return 1;
  }
  return 0;
}

static int usage(void) {
  fputs("usage: posix [-m local|none|mmap] DIR [SUBJECT...]\n"
        "       posix hold|wait|try FILE   (a record lock of bytes 10 to 19)\n\n"
        "  -m  how DIR is mounted: as it is, or by 9p with this cache; what Linux' client cannot do is then known\n"
        "\nSubjects:", stderr);
  for (const struct subject *s = subjects; s->name; s++) fprintf(stderr, " %s", s->name);
  fputs("\n", stderr);
  return 2;
}

int lock_command(const char *command, const char *path);

int main(int count, char **words) {
  int option;
  if (count == 3 && strstr("hold wait try", words[1])) return lock_command(words[1], words[2]);
  while ((option = getopt(count, words, "+m:")) != -1) {
    if (option != 'm') return usage();
    else if (strcmp(optarg, "none") == 0) mode = UNCACHED;
    else if (strcmp(optarg, "mmap") == 0) mode = MMAP;
    else if (strcmp(optarg, "local") != 0) return usage();
  }
  if (optind >= count) return usage();
  const char *directory = words[optind];
  tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (tally == MAP_FAILED) return 2;
  int ran = 0;
  for (const struct subject *s = subjects; s->name; s++) {
    if (!is_wanted(s->name, words + optind + 1)) continue;
    run(s, directory);
    ran++;
  }
  if (ran == 0) return usage();
  printf("1..%d\n# posix: %d checks, %d failed, %d known to\n", tally->count, tally->count, tally->failed, tally->known);
  return tally->failed != 0;
}
