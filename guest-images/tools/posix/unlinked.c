/* Files that have lost their name while they are open. */
#include "check.h"

static void stays_usable(int fd, const char *before) {
  struct stat is;
  same("it is read", before, text_at(fd, 0, 63));
  equal("it is written", 5, pwrite(fd, "after", 5, 3));
  same("what was written is read", "oldafter", text_at(fd, 0, 63));
  works("fstat", fstat(fd, &is));
  equal("it has no link", 0, is.st_nlink);
  equal("its size is what was written", 8, is.st_size);
  works("ftruncate", ftruncate(fd, 4));
  works("fstat after it", fstat(fd, &is));
  equal("it is cut", 4, is.st_size);
  works("fchmod", fchmod(fd, 0640));
  works("fstat after that", fstat(fd, &is));
  equal("it has the permissions", 0640, is.st_mode & 07777);
  works("fchown", fchown(fd, USER, GROUP));
  works("fstat after that too", fstat(fd, &is));
  equal("it has the owner", USER, is.st_uid);
  struct timespec times[2] = {{1000, 1}, {2000, 2}};
  works("futimens", futimens(fd, times));
  works("fsync", fsync(fd));
  equal("it grows", 1, pwrite(fd, "x", 1, 100000));
  same("and has zeroes between", "", text_at(fd, 50000, 10));
}

void unlinked(void) {
  make("file", "old");
  int fd = need("open", open("file", O_RDWR));
  works("unlink", unlink("file"));
  fails("the name is gone", ENOENT, open("file", O_RDONLY));
  stays_usable(fd, "old");
  make("file", "another");
  same("a new file of the name is another one", "olda", text_at(fd, 0, 4));
  works("close", close(fd));
  same("which is not harmed", "another", text_of("file"));
}

void replaced(void) {
  make("file", "old");
  make("new", "new");
  int fd = need("open", open("file", O_RDWR));
  int moved = need("open", open("new", O_RDWR));
  works("rename over it", rename("new", "file"));
  same("the name has the new file", "new", text_of("file"));
  stays_usable(fd, "old");
  works("close", close(fd));
  equal("the moved one is written under its new name", 3, pwrite(moved, "NEW", 3, 0));
  same("and read", "NEW", text_of("file"));
  works("its permissions are set by its descriptor", fchmod(moved, 0600));
  equal("and seen by its name", 0600, permissions_of("file"));
  works("close the moved one", close(moved));
}

static void write_as_user(void) {
  int fd = need("a user's open", open("mine", O_RDWR | O_CREAT | O_EXCL, 0600));
  need("a user's unlink", unlink("mine"));
  equal("a user writes what has no name", 4, write(fd, "mine", 4));
  same("and reads it", "mine", text_at(fd, 0, 4));
  works("a user's fchmod", fchmod(fd, 0400));
  equal("what was opened before is still written", 1, pwrite(fd, "M", 1, 0));
}

void removed_folder(void) {
  char path[PATH_MAX];
  struct stat is;
  need("mkdir", mkdir("sub", 0755));
  int fd = need("open", open("sub", O_RDONLY | O_DIRECTORY));
  need("chdir", chdir("sub"));
  works("rmdir of the working folder", rmdir("../sub"));
  fails("nothing can be made in it", ENOENT, open("file", O_CREAT | O_WRONLY, 0644));
  fails("no folder either", ENOENT, mkdir("folder", 0755));
  fails("getcwd", ENOENT, syscall(79 /* getcwd */, path, sizeof path));
  works("fstat of it", fstat(fd, &is));
  equal("it has no link", 0, is.st_nlink);
  DIR *list = fdopendir(fd);
  holds("it can be listed", list != NULL);
  int count = 0;
  while (list && readdir(list)) count++;
  equal("and has nothing", 0, count);
  works("the way up is left", chdir(".."));
  as_user(USER, USER, write_as_user);
}
