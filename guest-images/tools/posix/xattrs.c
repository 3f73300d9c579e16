/* Extended attributes, and the ACLs that are kept in them. */
#include "check.h"
#include <sys/xattr.h>

static int is_listed(const char *path, const char *name) {
  char names[4096];
  ssize_t n = listxattr(path, names, sizeof names);
  for (ssize_t at = 0; at < n; at += strlen(names + at) + 1) {
    if (strcmp(names + at, name) == 0) return 1;
  }
  return 0;
}

static const char *value_of(const char *path, const char *name) {
  static char value[128];
  ssize_t n = getxattr(path, name, value, sizeof value - 1);
  if (n < 0) return strerrorname_np(errno);
  value[n] = 0;
  return value;
}

void xattrs(void) {
  char large[3000], got[3000];
  make("file", "x");
  fails("one that is not there", ENODATA, getxattr("file", "user.note", got, 10));
  works("set", setxattr("file", "user.note", "value", 5, 0));
  same("get", "value", value_of("file", "user.note"));
  holds("it is listed", is_listed("file", "user.note"));
  equal("its size is told", 5, getxattr("file", "user.note", NULL, 0));
  fails("into too little room", ERANGE, getxattr("file", "user.note", got, 2));
  fails("XATTR_CREATE of an existing one", EEXIST, setxattr("file", "user.note", "x", 1, XATTR_CREATE));
  works("XATTR_REPLACE of it", setxattr("file", "user.note", "other", 5, XATTR_REPLACE));
  same("replaces it", "other", value_of("file", "user.note"));
  fails("XATTR_REPLACE of a missing one", ENODATA, setxattr("file", "user.none", "x", 1, XATTR_REPLACE));
  works("XATTR_CREATE of a missing one", setxattr("file", "user.none", "made", 4, XATTR_CREATE));
  same("makes it", "made", value_of("file", "user.none"));
  works("set over another value", setxattr("file", "user.note", "shorter", 7, 0));
  same("has the new one", "shorter", value_of("file", "user.note"));
  works("an empty value", setxattr("file", "user.empty", "", 0, 0));
  equal("is one", 0, getxattr("file", "user.empty", got, 10));
  holds("and listed", is_listed("file", "user.empty"));
  works("remove", removexattr("file", "user.note"));
  fails("it is gone", ENODATA, getxattr("file", "user.note", got, 10));
  holds("and not listed", !is_listed("file", "user.note"));
  holds("the other one is", is_listed("file", "user.none"));
  fails("remove again", ENODATA, removexattr("file", "user.note"));
  for (size_t i = 0; i < sizeof large; i++) large[i] = i * 7;
  works("a value of 3000 bytes, any", setxattr("file", "user.large", large, sizeof large, 0));
  equal("comes back in full", sizeof large, getxattr("file", "user.large", got, sizeof got));
  holds("as it was", memcmp(large, got, sizeof large) == 0);
  works("remove it", removexattr("file", "user.large"));
  char *huge = calloc(1, 70000);
  fails("a value of more than 64 KiB", E2BIG, setxattr("file", "user.huge", huge, 70000, 0));
  free(huge);
  char name[300] = "user.";
  memset(name + 5, 'n', 250);
  works("a name of 255 bytes", setxattr("file", name, "long", 4, 0));
  same("is found", "long", value_of("file", name));
  name[255] = 'n';
  fails("a name of 256", ERANGE, setxattr("file", name, "x", 1, 0));
  fails("a kind that there is none of", EOPNOTSUPP, setxattr("file", "nothing.x", "x", 1, 0));
  fails("of a missing file", ENOENT, setxattr("missing", "user.x", "x", 1, 0));
  need("mkdir", mkdir("folder", 0755));
  works("of a folder", setxattr("folder", "user.note", "folder", 6, 0));
  same("is read", "folder", value_of("folder", "user.note"));
  need("symlink", symlink("file", "link"));
  same("through a symbolic link", "made", value_of("link", "user.none"));
  fails("of a symbolic link itself", EPERM, lsetxattr("link", "user.x", "x", 1, 0));
  int fd = need("open", open("file", O_RDWR));
  works("by a descriptor", fsetxattr(fd, "user.open", "open", 4, 0));
  same("is the file's", "open", value_of("file", "user.open"));
  need("unlink", unlink("file"));
  works("also where the name is gone", fsetxattr(fd, "user.open", "gone", 4, 0));
  equal("is read there", 4, fgetxattr(fd, "user.open", got, 10));
  close(fd);
  make("file", "x");
  works("trusted ones, by root", setxattr("file", "trusted.note", "root", 4, 0));
  same("are read", "root", value_of("file", "trusted.note"));
}

/* linux/posix_acl_xattr.h: version 2, then entries. */
struct entry {
  uint16_t tag, permissions;
  uint32_t id;
};
struct acl {
  uint32_t version;
  struct entry entries[5];
};
enum { USER_OWNER = 1, A_USER = 2, GROUP_OWNER = 4, MASK = 16, OTHERS = 32 };

static const struct acl for_user = {2, {{USER_OWNER, 6, -1}, {A_USER, 4, USER}, {GROUP_OWNER, 0, -1}, {MASK, 4, -1}, {OTHERS, 0, -1}}};

static void read_by_acl(void) {
  same("the user of an entry reads", "text", text_of("file"));
  fails("and does not write", EACCES, open("file", O_WRONLY));
}

static void read_by_none(void) {
  fails("another user does not read", EACCES, open("file", O_RDONLY));
}

static void read_new(void) {
  same("the user reads what was made in the folder", "new", text_of("folder/new"));
}

void acls(void) {
  struct acl got;
  make("file", "text");
  need("chmod", chmod("file", 0600));
  fails("none at first", ENODATA, getxattr("file", "system.posix_acl_access", &got, sizeof got));
  as_user(USER, USER, read_by_none);
  works("set", setxattr("file", "system.posix_acl_access", &for_user, sizeof for_user, 0));
  equal("get", sizeof for_user, getxattr("file", "system.posix_acl_access", &got, sizeof got));
  holds("as it was", memcmp(&got, &for_user, sizeof got) == 0);
  equal("the mask is the group's permissions", 0640, permissions_of("file"));
  as_user(USER, USER, read_by_acl);
  as_user(OTHER, OTHER, read_by_none);
  works("chmod", chmod("file", 0600));
  equal("sets the mask", sizeof got, getxattr("file", "system.posix_acl_access", &got, sizeof got));
  equal("to nothing", 0, got.entries[3].permissions);
  as_user(USER, USER, read_by_none);
  works("remove", removexattr("file", "system.posix_acl_access"));
  fails("it is gone", ENODATA, getxattr("file", "system.posix_acl_access", &got, sizeof got));
  equal("the permissions stay", 0600, permissions_of("file"));
  need("mkdir", mkdir("folder", 0755));
  works("a default one", setxattr("folder", "system.posix_acl_default", &for_user, sizeof for_user, 0));
  make("folder/new", "new");
  equal("goes to a new file", sizeof for_user, getxattr("folder/new", "system.posix_acl_access", &got, sizeof got));
  equal("with the permissions asked for", 0640, permissions_of("folder/new"));
  as_user(USER, USER, read_new);
  need("mkdir", mkdir("folder/sub", 0777));
  equal("and to a new folder as its default", sizeof for_user, getxattr("folder/sub", "system.posix_acl_default", &got, sizeof got));
  fails("of a file there is no default", EACCES, setxattr("file", "system.posix_acl_default", &for_user, sizeof for_user, 0));
  struct acl wrong = for_user;
  wrong.entries[0].tag = 77;
  fails("one without sense", EINVAL, setxattr("file", "system.posix_acl_access", &wrong, sizeof wrong, 0));
}
