/* Rename, links, names and folders. */
#include "check.h"
#include <sys/syscall.h>

static int folder(const char *path) {
  return need(path, mkdir(path, 0755));
}

void renames(void) {
  make("a", "a");
  make("b", "b");
  ino_t inode = status_of("a").st_ino;
  works("file over file", rename("a", "b"));
  same("it has taken the place", "a", text_of("b"));
  equal("it is the same file", inode, status_of("b").st_ino);
  fails("its old name is gone", ENOENT, access("a", F_OK));
  folder("full");
  make("full/file", "x");
  folder("empty");
  folder("dir");
  make("dir/inside", "inside");
  works("folder over empty folder", rename("dir", "empty"));
  same("what was in it came with it", "inside", text_of("empty/inside"));
  fails("folder over full folder", ENOTEMPTY, rename("empty", "full"));
  fails("file over folder", EISDIR, rename("b", "full"));
  fails("folder over file", ENOTDIR, rename("full", "b"));
  folder("full/deep");
  fails("folder into itself", EINVAL, rename("full", "full/deep/below"));
  fails("folder over one that it is in", ENOTEMPTY, rename("full/deep", "full"));
  fails("what is not there", ENOENT, rename("missing", "b"));
  fails("to a missing folder", ENOENT, rename("b", "missing/b"));
  fails("below a file", ENOTDIR, rename("full", "b/below"));
  works("onto itself", rename("b", "b"));
  same("which changes nothing", "a", text_of("b"));
  need("link", link("b", "c"));
  works("onto another link of the same file", rename("b", "c"));
  works("after which both are there", access("b", F_OK) | access("c", F_OK));
  works("to another folder", rename("b", "full/deep/b"));
  same("it is there", "a", text_of("full/deep/b"));
  need("symlink", symlink("full", "link"));
  works("a link to a folder moves itself", rename("link", "moved"));
  holds("and is a link", S_ISLNK(status_of("moved").st_mode));
  works("file over link", rename("c", "moved"));
  holds("replaces the link", S_ISREG(status_of("moved").st_mode));
  fails("'.'", EBUSY, rename("full/.", "other"));
  nlink_t links = status_of(".").st_nlink;
  works("a folder goes up", rename("full/deep", "deep"));
  equal("and is counted there", links + 1, status_of(".").st_nlink);
  equal("and no more where it was", 2, status_of("full").st_nlink);
  equal("its parent is another", status_of(".").st_ino, status_of("deep/..").st_ino);
  make("new", "new");
  make("old", "old");
  fails("no replacing where that is asked for", EEXIST, renameat2(AT_FDCWD, "new", AT_FDCWD, "old", RENAME_NOREPLACE));
  works("no replacing to a new name", renameat2(AT_FDCWD, "new", AT_FDCWD, "newer", RENAME_NOREPLACE));
  works("an exchange", renameat2(AT_FDCWD, "old", AT_FDCWD, "deep", RENAME_EXCHANGE));
}

void links(void) {
  make("file", "text");
  works("link", link("file", "second"));
  struct stat first = status_of("file"), second = status_of("second");
  equal("both are one file", first.st_ino, second.st_ino);
  equal("which has two links", 2, first.st_nlink);
  equal("and the second says so", 2, second.st_nlink);
  fails("onto an existing name", EEXIST, link("file", "second"));
  fails("of what is missing", ENOENT, link("missing", "third"));
  folder("sub");
  fails("of a folder", EPERM, link("sub", "third"));
  int fd = need("open", open("second", O_RDWR | O_TRUNC));
  equal("write by the second name", 3, write(fd, "new", 3));
  same("read by the first", "new", text_of("file"));
  works("chmod by the second name", chmod("second", 0600));
  equal("is seen by the first", 0600, permissions_of("file"));
  works("unlink the first", unlink("file"));
  equal("one link is left", 1, status_of("second").st_nlink);
  same("with the bytes", "new", text_of("second"));
  close(fd);
  need("symlink", symlink("second", "symlink"));
  works("link of a symbolic link", link("symlink", "sub/other"));
  equal("is the link itself", status_of("symlink").st_ino, status_of("sub/other").st_ino);
  works("link of what a symbolic link leads to", linkat(AT_FDCWD, "symlink", AT_FDCWD, "sub/file", AT_SYMLINK_FOLLOW));
  equal("is the file", status_of("second").st_ino, status_of("sub/file").st_ino);
}

void symlinks(void) {
  char target[4001], got[5000];
  memset(target, 'x', 4000);
  for (int i = 100; i < 4000; i += 100) target[i] = '/';
  target[4000] = 0;
  works("a target of 4000 bytes", symlink(target, "long"));
  ssize_t n = readlink("long", got, sizeof got);
  equal("is read in full", 4000, n);
  got[n < 0 ? 0 : n] = 0;
  holds("as it was", strcmp(got, target) == 0);
  equal("its length is the link's size", 4000, status_of("long").st_size);
  equal("readlink into little room", 10, readlink("long", got, 10));
  works("a dangling one", symlink("nowhere", "dangling"));
  fails("which cannot be opened", ENOENT, open("dangling", O_RDONLY));
  works("but has a status", lstat("dangling", &(struct stat){0}));
  holds("that says what it is", S_ISLNK(status_of("dangling").st_mode));
  fails("stat follows it", ENOENT, stat("dangling", &(struct stat){0}));
  fails("on an existing name", EEXIST, symlink("x", "dangling"));
  fails("without a target", ENOENT, symlink("", "empty"));
  need("symlink", symlink("loop", "loop"));
  fails("to itself", ELOOP, open("loop", O_RDONLY));
  fails("readlink of a folder", EINVAL, readlink(".", got, sizeof got));
  works("any bytes", symlink("\xff\n\x01 \xc3\xa9", "bytes"));
  n = readlink("bytes", got, sizeof got);
  got[n < 0 ? 0 : n] = 0;
  same("come back", "\xff\n\x01 \xc3\xa9", got);
  folder("sub");
  make("sub/file", "text");
  need("symlink", symlink("sub", "way"));
  same("through a link to a folder", "text", text_of("way/file"));
  fails("O_NOFOLLOW and O_DIRECTORY", ENOTDIR, open("way", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  works("chown of the link itself", lchown("dangling", USER, GROUP));
  equal("changes its owner", USER, status_of("dangling").st_uid);
  works("unlink", unlink("way"));
  same("leaves what it led to", "text", text_of("sub/file"));
}

void names(void) {
  char name[260];
  memset(name, 'n', 256);
  name[255] = 0;
  int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
  works("255 bytes", fd);
  close(fd);
  works("are found", access(name, F_OK));
  name[255] = 'n';
  name[256] = 0;
  fails("256 bytes", ENAMETOOLONG, open(name, O_CREAT | O_EXCL | O_WRONLY, 0644));
  fails("256 bytes of a folder", ENAMETOOLONG, mkdir(name, 0755));
  fails("256 bytes that are looked for", ENAMETOOLONG, access(name, F_OK));
  make("file", "x");
  fails("256 bytes of a new name", ENAMETOOLONG, rename("file", name));
  folder("odd");
  int made = 0, found = 0, listed = 0;
  for (int byte = 1; byte < 256; byte++) {
    snprintf(name, sizeof name, "odd/-%c-", byte);
    if (byte == '/') continue;
    fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
    made += fd >= 0;
    if (fd >= 0) close(fd);
    found += access(name, F_OK) == 0;
  }
  equal("each byte in a name is made", 254, made);
  equal("and found", 254, found);
  DIR *list = opendir("odd");
  char seen[256] = {0};
  for (struct dirent *entry; list && (entry = readdir(list));) {
    if (strlen(entry->d_name) != 3) continue;
    unsigned char byte = entry->d_name[1];
    listed += !seen[byte]++ && byte != '/';
  }
  if (list) closedir(list);
  equal("and listed, once", 254, listed);
  make("\xc3\xa9\xe2\x82\xac", "utf-8");
  same("UTF-8", "utf-8", text_of("\xc3\xa9\xe2\x82\xac"));
  make("...", "dots");
  same("three dots", "dots", text_of("..."));
  make("Case", "upper");
  fails("case matters", ENOENT, access("case", F_OK));
}

void folders(void) {
  folder("sub");
  equal("a new one has two links", 2, status_of("sub").st_nlink);
  folder("sub/below");
  equal("and three with one in it", 3, status_of("sub").st_nlink);
  fails("rmdir of a full one", ENOTEMPTY, rmdir("sub"));
  fails("rmdir of '.'", EINVAL, rmdir("sub/."));
  fails("rmdir of '..'", ENOTEMPTY, rmdir("sub/below/.."));
  fails("unlink of one", EISDIR, unlink("sub"));
  make("file", "x");
  fails("rmdir of a file", ENOTDIR, rmdir("file"));
  fails("rmdir of a missing one", ENOENT, rmdir("missing"));
  fails("mkdir of an existing name", EEXIST, mkdir("sub", 0755));
  fails("mkdir over a file", EEXIST, mkdir("file", 0755));
  fails("mkdir below a missing one", ENOENT, mkdir("missing/sub", 0755));
  fails("mkdir below a file", ENOTDIR, mkdir("file/sub", 0755));
  fails("unlink of a missing file", ENOENT, unlink("missing"));
  works("rmdir", rmdir("sub/below"));
  equal("the link is given back", 2, status_of("sub").st_nlink);
  need("symlink", symlink("sub", "link"));
  fails("rmdir of a link to one", ENOTDIR, rmdir("link"));
  works("rmdir of an empty one", rmdir("sub"));
  fails("it is gone", ENOENT, access("sub", F_OK));
  fails("a slash behind a file", ENOTDIR, open("file/", O_RDONLY));
}
