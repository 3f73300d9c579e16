/* Times, permissions, owners, sizes: what a file says of itself and when that changes. */
#include "check.h"
#include <sys/statvfs.h>
#include <time.h>

static int is_time(struct timespec got, time_t seconds, long nanos) {
  return got.tv_sec == seconds && got.tv_nsec == nanos;
}

static int is_later(struct timespec a, struct timespec b) {
  return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* The clock of a host and its guest may differ a little, and that of files has ticks. */
static int is_now(struct timespec got) {
  time_t now = time(NULL);
  return got.tv_sec >= now - 60 && got.tv_sec <= now + 60;
}

static void tick(void) {
  nanosleep(&(struct timespec){0, 20000000}, NULL);
}

static void set_times(void) {
  make("file", "x");
  struct timespec fine[2] = {{500000, 123456789}, {600000, 987654321}};
  works("utimensat with nanoseconds", utimensat(AT_FDCWD, "file", fine, 0));
  struct stat is = status_of("file");
  holds("sets atime's seconds", is.st_atim.tv_sec == 500000);
  equal("and nanoseconds", 123456789, is.st_atim.tv_nsec);
  holds("sets mtime's seconds", is.st_mtim.tv_sec == 600000);
  equal("and nanoseconds too", 987654321, is.st_mtim.tv_nsec);
  struct timespec given[2] = {{1000000, 0}, {2000000, 0}};
  works("utimensat", utimensat(AT_FDCWD, "file", given, 0));
  is = status_of("file");
  holds("sets atime", is_time(is.st_atim, 1000000, 0));
  holds("and mtime", is_time(is.st_mtim, 2000000, 0));
  holds("ctime is now", is_now(is.st_ctim));
  struct timespec omit[2] = {{0, UTIME_OMIT}, {3000000, 0}};
  works("UTIME_OMIT of atime", utimensat(AT_FDCWD, "file", omit, 0));
  is = status_of("file");
  holds("leaves it", is_time(is.st_atim, 1000000, 0));
  holds("and sets mtime", is_time(is.st_mtim, 3000000, 0));
  struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  works("UTIME_NOW of atime", utimensat(AT_FDCWD, "file", now, 0));
  is = status_of("file");
  holds("sets it to now", is_now(is.st_atim));
  holds("and leaves mtime", is_time(is.st_mtim, 3000000, 0));
  works("no times at all", utimensat(AT_FDCWD, "file", NULL, 0));
  is = status_of("file");
  holds("are now, both", is_now(is.st_atim) && is_now(is.st_mtim));
  struct timespec neither[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  works("UTIME_OMIT of both", utimensat(AT_FDCWD, "file", neither, 0));
  struct timespec wrong[2] = {{0, 1000000000}, {0, 0}};
  fails("a second of nanoseconds", EINVAL, utimensat(AT_FDCWD, "file", wrong, 0));
  fails("of a missing file", ENOENT, utimensat(AT_FDCWD, "missing", given, 0));
  struct timespec late[2] = {{1L << 32, 0}, {(1L << 33) - 1, 0}};
  works("times behind the year 2038", utimensat(AT_FDCWD, "file", late, 0));
  is = status_of("file");
  holds("are kept", is_time(is.st_atim, 1L << 32, 0) && is_time(is.st_mtim, (1L << 33) - 1, 0));
  need("symlink", symlink("file", "link"));
  works("of a symbolic link itself", utimensat(AT_FDCWD, "link", given, AT_SYMLINK_NOFOLLOW));
  holds("are the link's", is_time(status_of("link").st_mtim, 2000000, 0));
  holds("and not the file's", is_time(status_of("file").st_mtim, (1L << 33) - 1, 0));
}

static void times_change(void) {
  struct timespec old[2] = {{1000, 0}, {2000, 0}};
  char text[4];
  make("file", "text");
  need("utimensat", utimensat(AT_FDCWD, "file", old, 0));
  struct stat before = status_of("file");
  tick();
  int fd = need("open", open("file", O_RDWR));
  equal("read", 4, read(fd, text, 4));
  close(fd);
  struct stat is = status_of("file");
  holds("read changes atime", is_later(is.st_atim, before.st_atim));
  holds("read leaves mtime", is_time(is.st_mtim, 2000, 0));
  tick();
  fd = need("open", open("file", O_RDWR));
  equal("write", 1, write(fd, "T", 1));
  close(fd);
  before = is;
  is = status_of("file");
  holds("write changes mtime", is_now(is.st_mtim));
  holds("write changes ctime", is_later(is.st_ctim, before.st_ctim));
  tick();
  need("chmod", chmod("file", 0600));
  before = is;
  is = status_of("file");
  holds("chmod changes ctime", is_later(is.st_ctim, before.st_ctim));
  holds("chmod leaves mtime", !is_later(is.st_mtim, before.st_mtim));
  tick();
  need("link", link("file", "second"));
  before = is;
  is = status_of("file");
  holds("link changes ctime", is_later(is.st_ctim, before.st_ctim));
  tick();
  need("truncate", truncate("file", 2));
  before = is;
  is = status_of("file");
  holds("truncate changes mtime and ctime", is_later(is.st_mtim, before.st_mtim) && is_later(is.st_ctim, before.st_ctim));
  need("utimensat", utimensat(AT_FDCWD, ".", old, 0));
  struct stat folder = status_of(".");
  make("new", "x");
  holds("a new entry changes the folder's mtime", is_later(status_of(".").st_mtim, folder.st_mtim));
  need("utimensat", utimensat(AT_FDCWD, ".", old, 0));
  need("unlink", unlink("new"));
  holds("a removed one too", is_later(status_of(".").st_mtim, folder.st_mtim));
  need("utimensat", utimensat(AT_FDCWD, ".", old, 0));
  need("rename", rename("second", "third"));
  holds("and a renamed one", is_later(status_of(".").st_mtim, folder.st_mtim));
  struct statx born;
  works("statx", statx(AT_FDCWD, "file", 0, STATX_ALL, &born));
}

static void modes(void) {
  make("file", "x");
  works("chmod", chmod("file", 07777));
  equal("sets all twelve bits", 07777, permissions_of("file"));
  works("chmod to nothing", chmod("file", 0));
  equal("leaves none", 0, permissions_of("file"));
  same("root reads it all the same", "x", text_of("file"));
  fails("of a missing file", ENOENT, chmod("missing", 0600));
  works("chown", chown("file", USER, GROUP));
  struct stat is = status_of("file");
  holds("sets both", is.st_uid == USER && is.st_gid == GROUP);
  works("chown of the group alone", chown("file", -1, 3000));
  is = status_of("file");
  holds("leaves the owner", is.st_uid == USER && is.st_gid == 3000);
  umask(027);
  close(need("open", open("masked", O_CREAT | O_EXCL | O_WRONLY, 0777)));
  need("mkdir", mkdir("folder", 0777));
  need("mkfifo", mkfifo("fifo", 0777));
  equal("umask takes bits of a file", 0750, permissions_of("masked"));
  equal("of a folder", 0750, permissions_of("folder"));
  equal("and of a FIFO", 0750, permissions_of("fifo"));
  umask(0);
  need("mkdir", mkdir("all", 01777));
  equal("none taken, a sticky folder", 01777, permissions_of("all"));
  umask(022);
}

static void space(void) {
  struct statvfs system;
  works("statvfs", statvfs(".", &system));
  equal("names are 255 bytes at most", 255, system.f_namemax);
  holds("there are blocks", system.f_blocks > 0 && system.f_bfree <= system.f_blocks && system.f_bavail <= system.f_bfree);
  holds("of some size", system.f_bsize >= 512 && system.f_frsize >= 512);
}

void attributes(void) {
  void (*const parts[])(void) = {set_times, times_change, modes, space};
  const char *const names[] = {"times", "changes", "modes", "space"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    need("a folder", mkdir(names[i], 0755) | chdir(names[i]));
    parts[i]();
    need("the way back", chdir(".."));
  }
}

/* Files with holes. */
void sparse(void) {
  char block[4096];
  int fd = need("open", open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
  works("ftruncate to 1 GiB", ftruncate(fd, 1 << 30));
  struct stat is = status_of("file");
  equal("is told", 1 << 30, is.st_size);
  equal("and takes no space", 0, is.st_blocks);
  memset(block, 'b', sizeof block);
  equal("a block in the middle", 4096, pwrite(fd, block, 4096, 1 << 29));
  works("fsync", fsync(fd));
  is = status_of("file");
  holds("takes as much as it is, about", is.st_blocks >= 8 && is.st_blocks <= 256);
  holds("blocks have a size", is.st_blksize >= 512);
  memset(block, 'x', sizeof block);
  equal("a hole is read", 4096, pread(fd, block, 4096, 1 << 20));
  int zeroes = 0;
  for (int i = 0; i < 4096; i++) zeroes += block[i] == 0;
  equal("as zeroes", 4096, zeroes);
  equal("around the block too", 4096, pread(fd, block, 4096, (1 << 29) - 2048));
  holds("where it begins", block[2047] == 0 && block[2048] == 'b');
  off_t data = lseek(fd, 0, SEEK_DATA), hole = lseek(fd, 0, SEEK_HOLE);
  holds("SEEK_DATA finds it or nothing", data == 1 << 29 || data == 0);
  holds("SEEK_HOLE too", hole == 0 || hole == 1 << 30);
  fails("SEEK_DATA behind the end", ENXIO, lseek(fd, 1 << 30, SEEK_DATA));
  if (mode & SHARED_BY_9P) fails("fallocate, which 9p has no message for", EOPNOTSUPP, fallocate(fd, 0, 0, 4096));
  else works("fallocate", fallocate(fd, 0, 0, 4096));
  works("a cut", ftruncate(fd, 1 << 20));
  works("is on the disk", fsync(fd));
  equal("and gives the space back", mode & SHARED_BY_9P ? 0 : 8, status_of("file").st_blocks);
  close(fd);
}
