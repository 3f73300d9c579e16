/* Large folders: what is listed while entries come and go. */
#include "check.h"

enum { ENTRIES = 500 };
static int seen[ENTRIES];
static int dots, fresh, strange;

static void note(const struct dirent *entry) {
  int number;
  char end;
  if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) dots++;
  else if (sscanf(entry->d_name, "entry-%d%c", &number, &end) == 1 && number < ENTRIES) seen[number]++;
  else if (strncmp(entry->d_name, "fresh-", 6) == 0) fresh++;
  else strange++;
}

static void forget(void) {
  memset(seen, 0, sizeof seen);
  dots = fresh = strange = 0;
}

static int seen_once(int from, int step) {
  int count = 0;
  for (int i = from; i < ENTRIES; i += step) count += seen[i] == 1;
  return count;
}

static void touch(const char *kind, int number) {
  char name[64];
  snprintf(name, sizeof name, "%s-%d", kind, number);
  close(need(name, open(name, O_CREAT | O_EXCL | O_WRONLY, 0644)));
}

static void drop(const char *kind, int number) {
  char name[64];
  snprintf(name, sizeof name, "%s-%d", kind, number);
  need(name, unlink(name));
}

/* Each that stays, which are those of odd numbers, is there once, whatever happens to the others. */
static void changing(void) {
  forget();
  DIR *list = opendir(".");
  int read = 0, gone = 0, come = 0;
  for (struct dirent *entry; (entry = readdir(list)); read++) {
    note(entry);
    if (read % 2 == 0 && gone < ENTRIES) {
      drop("entry", gone);
      gone += 2;
    }
    if (read % 3 == 0 && come < 200) touch("fresh", come++);
  }
  closedir(list);
  for (; gone < ENTRIES; gone += 2) drop("entry", gone);
  equal("entries that stay are seen once", ENTRIES / 2, seen_once(1, 2));
  equal("nothing strange is seen", 0, strange);
  int twice = 0;
  for (int i = 0; i < ENTRIES; i++) twice += seen[i] > 1;
  equal("none is seen twice", 0, twice);
  for (int i = 0; i < come; i++) drop("fresh", i);
}

static void positions(void) {
  static long at[ENTRIES + 2];
  static char names[ENTRIES + 2][32];
  DIR *list = opendir(".");
  int count = 0;
  for (struct dirent *entry; count < ENTRIES + 2; count++) {
    at[count] = telldir(list);
    if (!(entry = readdir(list))) break;
    snprintf(names[count], sizeof names[count], "%.31s", entry->d_name);
  }
  int right = 0;
  for (int i = count - 1; i >= 0; i -= 7) {
    seekdir(list, at[i]);
    struct dirent *entry = readdir(list);
    right += entry && strcmp(entry->d_name, names[i]) == 0;
  }
  equal("seekdir finds each place again", (count + 6) / 7, right);
  drop("entry", 1);
  touch("fresh", 0);
  right = 0;
  for (int i = 0; i < count; i += 7) {
    if (strcmp(names[i], "entry-1") == 0) {
      right++;
      continue;
    }
    seekdir(list, at[i]);
    struct dirent *entry = readdir(list);
    right += entry && strcmp(entry->d_name, names[i]) == 0;
  }
  equal("also when one is gone and one has come", (count + 6) / 7, right);
  rewinddir(list);
  forget();
  for (struct dirent *entry; (entry = readdir(list));) note(entry);
  equal("rewinddir shows what has come", 1, fresh);
  equal("and not what is gone", 0, seen[1]);
  closedir(list);
  touch("entry", 1);
  drop("fresh", 0);
}

static void inodes(void) {
  DIR *list = opendir(".");
  int right = 0, kinds = 0;
  for (struct dirent *entry; (entry = readdir(list));) {
    if (strncmp(entry->d_name, "entry-", 6) != 0) continue;
    right += entry->d_ino == status_of(entry->d_name).st_ino;
    kinds += entry->d_type == DT_REG;
  }
  closedir(list);
  equal("inodes are those of stat", ENTRIES, right);
  equal("kinds are told", ENTRIES, kinds);
}

void listing(void) {
  char name[64];
  for (int i = 0; i < ENTRIES; i++) touch("entry", i);
  forget();
  DIR *list = opendir(".");
  for (struct dirent *entry; (entry = readdir(list));) note(entry);
  equal("all are listed once", ENTRIES, seen_once(0, 1));
  equal("'.' and '..' are listed", 2, dots);
  equal("and nothing else", 0, strange + fresh);
  closedir(list);
  inodes();
  positions();
  changing();
  forget();
  list = opendir(".");
  for (struct dirent *entry; (entry = readdir(list));) note(entry);
  equal("what is left is listed", ENTRIES / 2, seen_once(1, 2));
  /* Removing while listing, as rm does. */
  rewinddir(list);
  for (struct dirent *entry; (entry = readdir(list));) {
    if (entry->d_name[0] != '.') unlink(entry->d_name);
  }
  closedir(list);
  snprintf(name, sizeof name, "../%s", "listing-empty");
  list = opendir(".");
  forget();
  for (struct dirent *entry; (entry = readdir(list));) note(entry);
  closedir(list);
  equal("all are removed in one listing", 2, dots + seen_once(0, 1) + fresh + strange);
}
