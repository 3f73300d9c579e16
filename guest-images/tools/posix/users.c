/* What users that are not root may, and whose their files are; setuid, setgid, sticky. */
#include "check.h"
#include <sys/xattr.h>

static void denied(void) {
  fails("a file that is not theirs to read", EACCES, open("private", O_RDONLY));
  fails("one that is not theirs to write", EACCES, open("readable", O_WRONLY));
  same("one that they may read", "readable", text_of("readable"));
  fails("an entry where they may not write", EACCES, open("closed/new", O_CREAT | O_WRONLY, 0644));
  fails("a folder there", EACCES, mkdir("closed/new", 0755));
  fails("a symbolic link there", EACCES, symlink("x", "closed/new"));
  fails("a removal there", EACCES, unlink("closed/file"));
  fails("a new name there", EACCES, rename("closed/file", "closed/other"));
  fails("something below where they may not go", EACCES, open("secret/file", O_RDONLY));
  fails("a listing of it", EACCES, open("secret", O_RDONLY | O_DIRECTORY));
  fails("chmod of what is not theirs", EPERM, chmod("readable", 0777));
  fails("chown of it", EPERM, chown("readable", USER, -1));
  fails("times of it", EPERM, utimensat(AT_FDCWD, "readable", (struct timespec[2]){{1, 1}, {1, 1}}, 0));
  fails("now as its times", EACCES, utimensat(AT_FDCWD, "readable", NULL, 0));
  fails("truncate of it", EACCES, truncate("readable", 0));
  fails("an attribute of it", EACCES, setxattr("readable", "user.x", "x", 1, 0));
  fails("access says so", EACCES, access("private", R_OK));
  works("and where they may", access("readable", R_OK));
  fails("running what is no program", EACCES, execl("readable", "readable", (char *)NULL));
}

static void own(void) {
  int fd = open("open/mine", O_CREAT | O_EXCL | O_RDWR, 0600);
  works("a file of their own", fd);
  struct stat is = status_of("open/mine");
  holds("is theirs", is.st_uid == USER && is.st_gid == GROUP);
  equal("is written", 4, write(fd, "text", 4));
  close(fd);
  works("a folder", mkdir("open/folder", 0700));
  equal("is theirs too", USER, status_of("open/folder").st_uid);
  works("a symbolic link", symlink("mine", "open/link"));
  equal("is theirs as well", USER, status_of("open/link").st_uid);
  works("a FIFO", mkfifo("open/fifo", 0600));
  equal("and that is", USER, status_of("open/fifo").st_uid);
  works("chmod of their file", chmod("open/mine", 0640));
  works("chown to whom it belongs", chown("open/mine", USER, GROUP));
  fails("chown to another", EPERM, chown("open/mine", OTHER, -1));
  fails("to a group they are not in", EPERM, chown("open/mine", -1, 3000));
  works("times of their file", utimensat(AT_FDCWD, "open/mine", (struct timespec[2]){{1, 1}, {1, 1}}, 0));
  works("permissions for nobody", chmod("open/mine", 0));
  fails("which are theirs too", EACCES, open("open/mine", O_RDONLY));
  works("and given back", chmod("open/mine", 0600));
  fd = open("open/read-only", O_CREAT | O_EXCL | O_RDWR, 0400);
  works("made read-only and open for writing", fd);
  equal("written", 4, write(fd, "text", 4));
  close(fd);
  fails("not opened so again", EACCES, open("open/read-only", O_WRONLY));
  same("but read", "text", text_of("open/read-only"));
}

static void in_sticky(void) {
  fails("another's file in a sticky folder is not removed", EPERM, unlink("sticky/theirs"));
  fails("nor renamed", EPERM, rename("sticky/theirs", "sticky/mine"));
  make("sticky/new", "x");
  works("one's own is", unlink("sticky/new"));
}

void users(void) {
  make("private", "private");
  make("readable", "readable");
  need("chmod", chmod("private", 0600) | chmod("readable", 0644));
  need("mkdir", mkdir("closed", 0755) | mkdir("secret", 0700) | mkdir("open", 0777) | mkdir("sticky", 0777));
  need("chmod", chmod("open", 0777) | chmod("sticky", 01777));
  make("closed/file", "x");
  make("secret/file", "x");
  make("sticky/theirs", "x");
  need("chown", chown("sticky/theirs", OTHER, OTHER));
  as_user(USER, GROUP, denied);
  as_user(USER, GROUP, own);
  as_user(USER, GROUP, in_sticky);
  works("root reads a user's", access("open/read-only", R_OK));
}

static void write_mine(void) {
  int fd = need("open", open("mine", O_WRONLY));
  need("write", write(fd, "x", 1));
  close(fd);
}

static void append_mine(void) {
  int fd = need("open", open("mine", O_RDWR | O_APPEND));
  need("write", write(fd, "x", 1));
  equal("while it is open", 0755, permissions_of("mine"));
  close(fd);
}

static void cut_mine(void) {
  need("truncate", truncate("mine", 0));
}

static void open_cut_mine(void) {
  close(need("open", open("mine", O_WRONLY | O_TRUNC)));
}

static void write_twice(void) {
  int fd = need("open", open("mine", O_WRONLY));
  need("write", write(fd, "x", 1));
  need("chmod", chmod("mine", 06755));
  need("write", write(fd, "x", 1));
  close(fd);
}

static void open_first(void) {
  int fd = need("open", open("mine", O_WRONLY));
  need("chmod", chmod("mine", 06755));
  need("write", write(fd, "x", 1));
  close(fd);
}

static void read_mine(void) {
  char byte;
  int fd = need("open", open("mine", O_RDONLY));
  need("read", read(fd, &byte, 1));
  close(fd);
}

static void give_mine(void) {
  need("chown", chown("mine", -1, GROUP));
}

static void again(mode_t permissions) {
  need("chown", chown("mine", USER, GROUP));
  need("chmod", chmod("mine", permissions));
}

void setid(void) {
  make("mine", "#!/bin/sh\n");
  again(06755);
  equal("root sets both bits", 06755, permissions_of("mine"));
  write_mine();
  equal("root's write leaves them", 06755, permissions_of("mine"));
  as_user(USER, GROUP, read_mine);
  equal("a user's read leaves them", 06755, permissions_of("mine"));
  as_user(USER, GROUP, write_mine);
  equal("a user's write clears them", 0755, permissions_of("mine"));
  again(06755);
  as_user(USER, GROUP, append_mine);
  again(02745);
  as_user(USER, GROUP, write_mine);
  equal("no execution by the group: setgid is another thing and stays", 02745, permissions_of("mine"));
  again(04755);
  as_user(USER, GROUP, cut_mine);
  equal("a user's truncate clears them", 0755, permissions_of("mine"));
  again(06755);
  as_user(USER, GROUP, open_cut_mine);
  equal("a user's O_TRUNC clears them", 0755, permissions_of("mine"));
  again(0755);
  as_user(USER, GROUP, open_first);
  equal("bits that were set behind the open are cleared", 0755, permissions_of("mine"));
  again(06755);
  as_user(USER, GROUP, write_twice);
  equal("bits that were set again are cleared again", 0755, permissions_of("mine"));
  again(06755);
  as_user(USER, GROUP, give_mine);
  equal("a user's chown clears them", 0755, permissions_of("mine"));
  again(06755);
  need("chown", chown("mine", OTHER, -1));
  equal("root's chown clears them", 0755, permissions_of("mine"));

  umask(0);
  need("mkdir", mkdir("group", 0777));
  need("chown", chown("group", USER, GROUP));
  need("chmod", chmod("group", 02777));
  close(need("open", open("group/file", O_CREAT | O_EXCL | O_WRONLY, 0666)));
  need("mkdir", mkdir("group/folder", 0770));
  need("symlink", symlink("x", "group/link"));
  need("mkfifo", mkfifo("group/fifo", 0600));
  equal("a setgid folder gives a file its group", GROUP, status_of("group/file").st_gid);
  equal("the file has no such bit", 0666, permissions_of("group/file"));
  equal("a folder gets the group", GROUP, status_of("group/folder").st_gid);
  equal("and the bit", 02770, permissions_of("group/folder"));
  equal("a symbolic link gets the group", GROUP, status_of("group/link").st_gid);
  equal("a FIFO does", GROUP, status_of("group/fifo").st_gid);
  make("outside", "x");
  need("rename", rename("outside", "group/inside"));
  equal("what is moved in keeps its own", 0, status_of("group/inside").st_gid);
  umask(022);
}
