/* Locks of ranges and of files, between processes. */
#include "check.h"
#include <signal.h>
#include <sys/file.h>
#include <time.h>

static int set(int fd, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, F_SETLK, &lock);
}

/* The kind of lock that is in the way of one for writing. */
static struct flock in_the_way(int fd, off_t start, off_t length) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  if (fcntl(fd, F_GETLK, &lock) != 0) lock.l_type = -1;
  return lock;
}

/* The other process does what it is asked, one letter at a time, and answers with errno or 0. */
static int ask_pipe[2], answer_pipe[2];
static pid_t peer;

static char peer_does(int fd, int *second, char what) {
  int result = 0;
  errno = 0;
  switch (what) {
    case 'w': result = set(fd, F_WRLCK, 10, 10); break;
    case 'r': result = set(fd, F_RDLCK, 10, 10); break;
    case 'u': result = set(fd, F_UNLCK, 10, 10); break;
    case 'm': result = set(fd, F_UNLCK, 13, 2); break; /* the middle */
    case 'W': result = set(fd, F_WRLCK, 0, 0); break;
    case 'e': result = set(fd, F_WRLCK, 100, 0); break; /* to all ends */
    case 'o': *second = open("file", O_RDWR); result = *second; break;
    case 'c': result = close(*second); break;
    case 's': result = set(*second, F_WRLCK, 15, 1); break;
    case 'd': result = set(*second, F_UNLCK, 10, 10); break;
    case 'f': result = flock(fd, LOCK_EX | LOCK_NB); break;
    case 'g': result = flock(fd, LOCK_SH | LOCK_NB); break;
    case 'h': result = flock(fd, LOCK_UN); break;
    case 'b': { /* waits */
      struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};
      result = fcntl(fd, F_SETLKW, &lock);
      break;
    }
    default: exit(0);
  }
  return result < 0 ? errno : 0;
}

static void start_peer(void) {
  need("pipes", pipe(ask_pipe) | pipe(answer_pipe));
  peer = need("fork", fork());
  if (peer == 0) {
    int second = -1, fd = need("open", open("file", O_RDWR));
    char what;
    close(ask_pipe[1]);
    while (read(ask_pipe[0], &what, 1) == 1) {
      what = peer_does(fd, &second, what);
      need("answer", write(answer_pipe[1], &what, 1));
    }
    exit(0);
  }
}

static void tell_peer(char what) {
  need("ask", write(ask_pipe[1], &what, 1));
}

static int heard(void) {
  char error;
  return need("answer", read(answer_pipe[0], &error, 1)) == 1 ? (unsigned char)error : -1;
}

static int peer_is(char what) {
  tell_peer(what);
  return heard();
}

static void stop_peer(void) {
  tell_peer('x');
  need("wait", waitpid(peer, NULL, 0));
  close(ask_pipe[0]);
  close(ask_pipe[1]);
  close(answer_pipe[0]);
  close(answer_pipe[1]);
}

static void ranges(int fd) {
  equal("another process locks a range", 0, peer_is('w'));
  fails("which is refused here", EAGAIN, set(fd, F_WRLCK, 15, 1));
  fails("for reading too", EAGAIN, set(fd, F_RDLCK, 19, 10));
  works("before it is free", set(fd, F_WRLCK, 0, 10));
  works("behind it too", set(fd, F_WRLCK, 20, 10));
  struct flock lock = in_the_way(fd, 0, 0);
  equal("F_GETLK tells what kind", F_WRLCK, lock.l_type);
  equal("where it begins", 10, lock.l_start);
  equal("how long it is", 10, lock.l_len);
  equal("and whose it is", peer, lock.l_pid);
  equal("of a free range it tells so", F_UNLCK, in_the_way(fd, 30, 5).l_type);
  equal("the other one cannot have ours", EAGAIN, peer_is('W'));
  equal("it unlocks the middle", 0, peer_is('m'));
  works("which is free then", set(fd, F_WRLCK, 13, 2));
  fails("what is left of it is not", EAGAIN, set(fd, F_WRLCK, 12, 1));
  fails("nor what is right of it", EAGAIN, set(fd, F_WRLCK, 15, 1));
  equal("it has it again", EAGAIN, peer_is('w'));
  works("when we have unlocked", set(fd, F_UNLCK, 0, 0));
  equal("it has", 0, peer_is('w'));
  equal("it goes down to reading", 0, peer_is('r'));
  works("which we do beside it", set(fd, F_RDLCK, 10, 10));
  fails("but not write", EAGAIN, set(fd, F_WRLCK, 10, 10));
  equal("nor does it", EAGAIN, peer_is('w'));
  works("we unlock", set(fd, F_UNLCK, 10, 10));
  equal("and it goes up to writing", 0, peer_is('w'));
  equal("it unlocks", 0, peer_is('u'));
  works("we have it", set(fd, F_WRLCK, 10, 10));
  tell_peer('b');
  nanosleep(&(struct timespec){0, 50000000}, NULL);
  works("the other one waits for it", set(fd, F_UNLCK, 10, 10));
  equal("and gets it", 0, heard());
  equal("it locks to all ends", 0, peer_is('e'));
  fails("which is far", EAGAIN, set(fd, F_WRLCK, 1L << 40, 1));
}

static void ends(int fd) {
  equal("it opens the file again", 0, peer_is('o'));
  equal("its locks are no matter for itself by another descriptor", 0, peer_is('s'));
  equal("it unlocks by the other descriptor", 0, peer_is('d'));
  works("which frees what it had by the first", set(fd, F_WRLCK, 10, 5));
  works("all of it", set(fd, F_UNLCK, 0, 0));
  equal("it locks once more", 0, peer_is('w'));
  equal("it closes the other descriptor", 0, peer_is('c'));
  works("which frees all that it had", set(fd, F_WRLCK, 0, 0));
  works("we unlock all", set(fd, F_UNLCK, 0, 0));
  equal("it locks for its end", 0, peer_is('W'));
  fails("we are refused", EAGAIN, set(fd, F_WRLCK, 0, 0));
  stop_peer();
  works("and not when it has ended", set(fd, F_WRLCK, 0, 0));
  pid_t child = need("fork", fork());
  if (child == 0) {
    close(fd); /* an inherited descriptor: not its parent's locks */
    exit(0);
  }
  need("wait", waitpid(child, NULL, 0));
  start_peer();
  equal("a child that closes takes no lock away", EAGAIN, peer_is('w'));
  works("we unlock again", set(fd, F_UNLCK, 0, 0));
  equal("it takes it", 0, peer_is('w'));
  need("kill", kill(peer, SIGKILL));
  stop_peer();
  works("what was killed has none", set(fd, F_WRLCK, 0, 0));
  works("close", close(fd));
}

void locks(void) {
  make("file", "");
  start_peer();
  int fd = need("open", open("file", O_RDWR));
  ranges(fd);
  ends(fd);
  fd = need("open", open("file", O_RDONLY));
  fails("a lock for writing needs a descriptor for writing", EBADF, set(fd, F_WRLCK, 0, 1));
  works("one for reading does not", set(fd, F_RDLCK, 0, 1));
  fails("a range before the beginning", EINVAL, set(fd, F_RDLCK, -5, 1));
  close(fd);
}

void flocks(void) {
  make("file", "");
  start_peer();
  int fd = need("open", open("file", O_RDWR));
  works("flock", flock(fd, LOCK_EX | LOCK_NB));
  equal("is refused to another process", EAGAIN, peer_is('f'));
  equal("also when it would share", EAGAIN, peer_is('g'));
  works("we share", flock(fd, LOCK_SH | LOCK_NB));
  equal("and so does it", 0, peer_is('g'));
  fails("none is alone then", EAGAIN, flock(fd, LOCK_EX | LOCK_NB));
  equal("it unlocks", 0, peer_is('h'));
  works("we are alone", flock(fd, LOCK_EX | LOCK_NB));
  int own = need("open", open("file", O_RDWR));
  fails("another descriptor of ours is refused", EAGAIN, flock(own, LOCK_EX | LOCK_NB));
  close(own);
  works("close", close(fd));
  equal("which unlocks", 0, peer_is('f'));
  fd = need("open", open("file", O_RDWR));
  fails("it has it", EAGAIN, flock(fd, LOCK_SH | LOCK_NB));
  stop_peer();
  works("until its end", flock(fd, LOCK_SH | LOCK_NB));
  close(fd);
}

/*
 * For tests of two guests: `hold` takes the lock, tells so and keeps it until it is killed; `wait` does, as soon as it is
 * free; `try` tells whether it could.
 */
int lock_command(const char *command, const char *path) {
  int fd = open(path, O_RDWR | O_CREAT, 0666);
  struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};
  int wait = strcmp(command, "wait") == 0;
  if (fd < 0 || fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock) != 0) {
    printf("lock refused: %s\n", strerrorname_np(errno));
    if (fd < 0) return 1;
    lock = in_the_way(fd, 0, 0);
    printf("in the way: %s, from %d, %d bytes\n", lock.l_type == F_WRLCK ? "writing" : "another", (int)lock.l_start, (int)lock.l_len);
    return 1;
  }
  printf("lock taken\n");
  fflush(stdout);
  if (strcmp(command, "try") != 0) pause();
  return 0;
}
