/* Files in memory. */
#include "check.h"
#include <sys/mman.h>

static char *map(int fd, int protection, int flags, size_t length) {
  char *at = mmap(NULL, length, protection, flags, fd, 0);
  if (at == MAP_FAILED) works("mmap", -1);
  return at;
}

static void check_other(void) {
  same("another process reads it", "MAPPED", text_of("file"));
  int fd = need("open", open("file", O_RDONLY));
  char *at = map(fd, PROT_READ, MAP_SHARED, 8192);
  if (at != MAP_FAILED) holds("and has it in its memory", memcmp(at, "MAPPED", 6) == 0);
  close(fd);
}

static void shared(void) {
  int fd = need("open", open("file", O_RDWR));
  char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mode & UNCACHED) {
    fails("writable and shared, without a cache", EINVAL, at == MAP_FAILED ? -1 : 0);
    close(fd);
    return;
  }
  works("writable and shared", at == MAP_FAILED ? -1 : 0);
  if (at == MAP_FAILED) return;
  holds("what was written is there", memcmp(at, "mapped", 6) == 0);
  memcpy(at, "MAPPED", 6);
  works("msync", msync(at, 8192, MS_SYNC));
  same("what was stored is read", "MAPPED", text_of("file"));
  equal("the file is no longer for it", 6, status_of("file").st_size);
  if (finish(start(check_other)) != 0) holds("the other process ended well", 0);
  equal("write to the file", 3, pwrite(fd, "new", 3, 0));
  holds("shows in memory", memcmp(at, "newPED", 6) == 0);
  works("ftruncate", ftruncate(fd, 8192));
  memcpy(at + 5000, "far", 3);
  works("munmap", munmap(at, 8192));
  works("fsync", fsync(fd));
  same("a second page is written", "far", text_at(fd, 5000, 3));
  at = map(fd, PROT_READ | PROT_WRITE, MAP_SHARED, 8192);
  memcpy(at, "last", 4);
  works("close before munmap", close(fd));
  memcpy(at + 4, "stores", 6);
  works("munmap then", munmap(at, 8192));
  sync();
  same("both are there", "laststores", text_of("file"));
}

void mapped(void) {
  make("file", "mapped");
  int fd = need("open", open("file", O_RDONLY));
  char *at = map(fd, PROT_READ, MAP_PRIVATE, 4096);
  holds("private memory has the file", at != MAP_FAILED && memcmp(at, "mapped", 7) == 0);
  munmap(at, 4096);
  at = map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, 4096);
  if (at != MAP_FAILED) memcpy(at, "XXXX", 4);
  munmap(at, 4096);
  same("what is stored there is not the file's", "mapped", text_of("file"));
  at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  fails("writable and shared, of a file open for reading", EACCES, at == MAP_FAILED ? -1 : 0);
  works("unlinked", unlink("file"));
  at = map(fd, PROT_READ, MAP_PRIVATE, 4096);
  holds("it is in memory all the same", at != MAP_FAILED && memcmp(at, "mapped", 7) == 0);
  close(fd);
  make("file", "mapped");
  shared();
}
