/* What the flags of open promise, and reading and writing at any place. */
#include "check.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/vfs.h>

static void append(void) {
  make("file", "one");
  int first = need("open", open("file", O_WRONLY | O_APPEND));
  int second = need("open", open("file", O_RDWR | O_APPEND));
  equal("append", 3, write(first, "two", 3));
  equal("append by another descriptor", 5, write(second, "three", 5));
  equal("and by the first again", 4, write(first, "four", 4));
  same("all of it is there", "onetwothreefour", text_of("file"));
  need("lseek", lseek(second, 0, SEEK_SET));
  equal("the position does not matter", 1, write(second, "!", 1));
  same("it went to the end", "onetwothreefour!", text_of("file"));
  need("truncate", truncate("file", 3));
  equal("append after a cut", 1, write(first, ".", 1));
  same("it went to the new end", "one.", text_of("file"));
  equal("the flag is told", O_APPEND, fcntl(first, F_GETFL) & O_APPEND);
  close(first);
  close(second);
}

static void create(void) {
  int fd = open("new", O_CREAT | O_EXCL | O_RDWR, 0600);
  works("O_EXCL makes a file", fd);
  equal("with the permissions", 0600, permissions_of("new"));
  equal("which is empty", 0, status_of("new").st_size);
  equal("and is written", 4, write(fd, "text", 4));
  fails("O_EXCL on an existing one", EEXIST, open("new", O_CREAT | O_EXCL | O_RDWR, 0600));
  need("symlink", symlink("nowhere", "dangling"));
  fails("O_EXCL on a dangling link", EEXIST, open("dangling", O_CREAT | O_EXCL | O_RDWR, 0600));
  int again = open("new", O_CREAT | O_RDWR, 0777);
  works("O_CREAT on an existing one opens it", again);
  equal("its permissions stay", 0600, permissions_of("new"));
  same("and its bytes", "text", text_at(again, 0, 10));
  close(again);
  again = open("new", O_CREAT | O_TRUNC | O_WRONLY, 0777);
  works("O_CREAT and O_TRUNC", again);
  equal("cuts it", 0, status_of("new").st_size);
  close(again);
  same("the other descriptor sees the end", "", text_at(fd, 0, 10));
  close(fd);
  again = open("dangling", O_CREAT | O_WRONLY, 0640);
  works("O_CREAT through a dangling link", again);
  equal("makes its target", 0640, permissions_of("nowhere"));
  close(again);
  make("cut", "some text");
  fd = open("cut", O_TRUNC | O_RDWR);
  works("O_TRUNC", fd);
  equal("leaves nothing", 0, lseek(fd, 0, SEEK_END));
  close(fd);
  fd = open("no-permission", O_CREAT | O_EXCL | O_RDWR, 0);
  works("a file that nobody may open is made open", fd);
  equal("and written", 1, write(fd, "x", 1));
  close(fd);
}

static void refuse(void) {
  make("file", "text");
  need("mkdir", mkdir("sub", 0755));
  need("symlink", symlink("file", "link"));
  fails("a missing file", ENOENT, open("missing", O_RDONLY));
  fails("a file in a missing folder", ENOENT, open("missing/file", O_CREAT | O_WRONLY, 0644));
  fails("below a file", ENOTDIR, open("file/below", O_RDONLY));
  fails("O_DIRECTORY of a file", ENOTDIR, open("file", O_RDONLY | O_DIRECTORY));
  fails("a folder for writing", EISDIR, open("sub", O_WRONLY));
  fails("O_CREAT of a folder", EISDIR, open("sub", O_CREAT | O_RDWR, 0644));
  fails("O_NOFOLLOW of a link", ELOOP, open("link", O_RDONLY | O_NOFOLLOW));
  int fd = need("open", open("sub", O_RDONLY));
  char text[4];
  fails("read of a folder", EISDIR, read(fd, text, 4));
  close(fd);
  fd = need("open", open("file", O_RDONLY));
  fails("write of what is read", EBADF, write(fd, "x", 1));
  fails("ftruncate of what is read", EINVAL, ftruncate(fd, 0));
  close(fd);
  fd = need("open", open("file", O_WRONLY));
  fails("read of what is written", EBADF, read(fd, text, 4));
  close(fd);
  fails("truncate of a folder", EISDIR, truncate("sub", 0));
  fails("truncate to less than nothing", EINVAL, truncate("file", -1));
  fd = open(".", O_TMPFILE | O_RDWR, 0600);
  if (mode & SHARED_BY_9P) fails("O_TMPFILE, which 9p has no message for", EOPNOTSUPP, fd);
  else works("O_TMPFILE", fd);
}

static void positions(void) {
  char text[8];
  int fd = need("open", open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
  equal("pwrite", 3, pwrite(fd, "abc", 3, 0));
  equal("pread beyond the end", 0, pread(fd, text, 4, 3));
  equal("pread far beyond the end", 0, pread(fd, text, 4, 1LL << 40));
  equal("pread across the end", 1, pread(fd, text, 4, 2));
  equal("pwrite beyond the end", 1, pwrite(fd, "x", 1, 10000));
  equal("the file is as long", 10001, status_of("file").st_size);
  memset(text, 'q', sizeof text);
  equal("what is between is read", 4, pread(fd, text, 4, 5000));
  equal("as zeroes", 0, text[0] | text[1] | text[2] | text[3]);
  equal("the position is where it was", 0, lseek(fd, 0, SEEK_CUR));
  struct iovec parts[3] = {{text, 1}, {text + 2, 1}, {text + 4, 1}};
  equal("readv", 3, readv(fd, parts, 3));
  holds("into each part", text[0] == 'a' && text[2] == 'b' && text[4] == 'c');
  equal("writev", 3, pwritev(fd, parts, 3, 20000));
  same("from each part", "abc", text_at(fd, 20000, 10));
  fails("pread at less than nothing", EINVAL, pread(fd, text, 1, -1));
  fails("lseek to less than nothing", EINVAL, lseek(fd, -1, SEEK_SET));
  equal("a write of nothing", 0, pwrite(fd, text, 0, 50000));
  equal("makes it no longer", 20003, status_of("file").st_size);
  works("ftruncate to more", ftruncate(fd, 30000));
  equal("makes it longer", 30000, status_of("file").st_size);
  works("ftruncate to less", ftruncate(fd, 2));
  works("and to more again", ftruncate(fd, 4));
  equal("leaves no old bytes", 4, pread(fd, text, 8, 0));
  equal("but zeroes", 0, text[2] | text[3]);
  close(fd);
}

static void large(void) {
  int fd = need("open", open("large", O_RDWR | O_CREAT | O_EXCL, 0644));
  off_t far = (4LL << 30) + 12345;
  equal("a write above 4 GiB", 5, pwrite(fd, "above", 5, far));
  equal("the size is told", far + 5, status_of("large").st_size);
  same("it is read", "above", text_at(fd, far, 10));
  equal("and not 4 GiB below", 0, pwrite(fd, "", 0, 0) | text_at(fd, 12345, 5)[0]);
  works("ftruncate above 4 GiB", ftruncate(fd, (1LL << 40) + 1));
  equal("the size is told again", (1LL << 40) + 1, lseek(fd, 0, SEEK_END));
  fails("a write at the end of all offsets", EINVAL, pwrite(fd, "x", 1, LLONG_MAX));
  struct statfs system;
  need("statfs", fstatfs(fd, &system));
  if (system.f_type == 0xEF53) { /* ext4, whose files have 16 TiB at most; it is told through 9p */
    fails("a write where its file system's files end", EFBIG, pwrite(fd, "x", 1, 1LL << 50));
    fails("ftruncate to there", EFBIG, ftruncate(fd, 1LL << 50));
  }
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = {1000, 1000};
  need("setrlimit", setrlimit(RLIMIT_FSIZE, &limit));
  fails("a write behind the process's limit", EFBIG, pwrite(fd, "x", 1, 1000));
  equal("one across it is short", 2, pwrite(fd, "abcd", 4, 998));
  close(fd);
  unlink("large");
}

static void synced(void) {
  int flags[] = {O_SYNC, O_DSYNC, 0};
  const char *names[] = {"O_SYNC", "O_DSYNC", "neither"};
  for (int i = 0; i < 3; i++) {
    int fd = open(names[i], O_CREAT | O_RDWR | flags[i], 0644);
    works(names[i], fd);
    equal("a write with it", 4, write(fd, "text", 4));
    works("fsync", fsync(fd));
    works("fdatasync", fdatasync(fd));
    close(fd);
    same("is there", "text", text_of(names[i]));
  }
  int folder = need("open", open(".", O_RDONLY | O_DIRECTORY));
  works("fsync of a folder", fsync(folder));
  works("syncfs", syncfs(folder));
  close(folder);
}

void opens(void) {
  void (*const parts[])(void) = {append, create, refuse, positions, large, synced};
  const char *const names[] = {"append", "create", "refuse", "positions", "large", "synced"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    need("a folder", mkdir(names[i], 0755) | chdir(names[i]));
    if (finish(start(parts[i])) != 0) holds(names[i], 0);
    need("the way back", chdir(".."));
  }
}

void many(void) {
  enum { MANY = 2000 };
  static int fds[MANY];
  char name[16];
  struct rlimit limit = {MANY + 100, MANY + 100};
  need("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
  int opened = 0, right = 0, written = 0;
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "file-%d", i % 500);
    fds[i] = open(name, O_RDWR | O_CREAT, 0644);
    opened += fds[i] >= 0;
    if (i < 500) written += write(fds[i], name, strlen(name)) == (ssize_t)strlen(name);
  }
  equal("files open at a time", MANY, opened);
  equal("files written while all are open", 500, written);
  for (int i = 0; i < 500; i++) {
    snprintf(name, sizeof name, "file-%d", i);
    if (i % 2) unlink(name);
  }
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "file-%d", i % 500);
    right += strcmp(text_at(fds[i], 0, 63), name) == 0;
  }
  equal("files read while all are open, half of them unlinked", MANY, right);
  int closed = 0;
  for (int i = 0; i < MANY; i++) closed += close(fds[i]) == 0;
  equal("files closed", MANY, closed);
}
