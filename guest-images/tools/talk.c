/*
 * Talks over sockets: AF_VSOCK in a guest, Unix sockets on the host. One side serves and does what the first byte of a
 * connection says; the other side echoes, measures, or checks that sockets keep their promises. `talk` alone tells how.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

#define BLOCK 65536 /* a packet of vsock at most */
#define MANY 4096
#define WAIT_MILLIS 60000

static int type = SOCK_STREAM;
static const char *place; /* for messages */

static void fail(const char *what) {
  fprintf(stderr, "talk %s: %s: %s\n", place ? place : "", what, errno ? strerror(errno) : "no");
  exit(1);
}

static void require(int holds, const char *what) {
  if (!holds) fail(what);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* Random bytes that can be made again from their seed, and a digest. */
static uint64_t next(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

static void fill(uint64_t *seed, unsigned char *to, size_t n) {
  for (size_t i = 0; i < n; i++) to[i] = next(seed) >> 24;
}

static uint64_t digest(uint64_t sum, const unsigned char *from, size_t n) {
  for (size_t i = 0; i < n; i++) sum = (sum ^ from[i]) * 0x100000001b3ull;
  return sum;
}

#define EMPTY_DIGEST 0xcbf29ce484222325ull

/* ADDRESS: vsock:CID:PORT, unix:PATH, or hybrid:PATH:PORT, which is a Unix socket where CONNECT PORT comes first. */
static int address(const char *text, struct sockaddr_storage *to, socklen_t *length, unsigned *port) {
  memset(to, 0, sizeof *to);
  if (!strncmp(text, "vsock:", 6)) {
    struct sockaddr_vm *vm = (struct sockaddr_vm *)to;
    unsigned cid;
    if (sscanf(text + 6, "%u:%u", &cid, port) != 2) fail("vsock:CID:PORT");
    vm->svm_family = AF_VSOCK;
    vm->svm_cid = cid;
    vm->svm_port = *port;
    *length = sizeof *vm;
    return 0;
  }
  struct sockaddr_un *un = (struct sockaddr_un *)to;
  const char *path = strchr(text, ':');
  require(path != NULL, "an address");
  int hybrid = !strncmp(text, "hybrid:", 7);
  const char *end = hybrid ? strrchr(text, ':') : text + strlen(text);
  size_t n = end - ++path;
  require(n > 0 && n < sizeof un->sun_path, "a path of up to 107 bytes");
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, path, n);
  if (hybrid) *port = strtoul(end + 1, NULL, 10);
  *length = sizeof *un;
  return hybrid;
}

static int begin(const char *text, int *hybrid, unsigned *port) {
  struct sockaddr_storage to;
  socklen_t length;
  *hybrid = address(text, &to, &length, port);
  int fd = socket(to.ss_family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (to.ss_family == AF_VSOCK) { /* two seconds, Linux' own, are not much where a CPU is emulated */
    struct timeval patience = {.tv_sec = 60};
    require(setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience, sizeof patience) == 0, "patience");
  }
  int result;
  do {
    result = connect(fd, (struct sockaddr *)&to, length);
    if (result < 0 && errno == EAGAIN) usleep(1000); /* a Unix socket whose queue is full */
  } while (result < 0 && (errno == EAGAIN || errno == EINTR));
  if (result < 0) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
  }
  return fd;
}

/* -1 where nobody is there. */
static int try_dial(const char *text) {
  int hybrid;
  unsigned port;
  int fd = begin(text, &hybrid, &port);
  if (fd < 0 || !hybrid) return fd;
  char line[64];
  int n = snprintf(line, sizeof line, "CONNECT %u\n", port);
  if (write(fd, line, n) != n) goto refused;
  if (type == SOCK_SEQPACKET) {
    if (read(fd, line, sizeof line) < 4) goto refused;
    return fd;
  }
  for (n = 0; n < (int)sizeof line; n++) {
    if (read(fd, line + n, 1) != 1) goto refused;
    if (line[n] == '\n') break;
  }
  if (strncmp(line, "OK ", 3)) goto refused;
  return fd;
refused:
  close(fd);
  errno = ECONNRESET;
  return -1;
}

static int dial(const char *text) {
  int fd = try_dial(text);
  if (fd < 0) fail("connect");
  return fd;
}

static void put(int fd, const void *from, size_t n) {
  const char *at = from;
  while (n > 0) {
    ssize_t done = send(fd, at, n, MSG_NOSIGNAL);
    if (done <= 0) fail("send");
    at += done;
    n -= done;
  }
}

static void get(int fd, void *to, size_t n) {
  char *at = to;
  while (n > 0) {
    ssize_t done = recv(fd, at, n, 0);
    if (done == 0) errno = 0;
    if (done <= 0) fail("receive");
    at += done;
    n -= done;
  }
}

static int ask(const char *text, char what) {
  int fd = dial(text);
  put(fd, &what, 1);
  return fd;
}

/* ---- the side that serves ---- */

/*
 * First byte of a connection: E echo; C count to the end and answer with it; S the same without an answer in between, for
 * measurements; G generate until nobody wants more; R close with something unread; Q close at once; T sleep a second, then C.
 */
static void serve_alone(int fd, char what) {
  static unsigned char block[BLOCK];
  uint64_t seed = 1, count = 0;
  ssize_t n;
  switch (what) {
    case 'T': sleep(1); /* fall through */
    case 'S':
    case 'C':
      while ((n = recv(fd, block, sizeof block, 0)) > 0) count += n;
      send(fd, &count, sizeof count, MSG_NOSIGNAL);
      break;
    case 'G':
      do {
        fill(&seed, block, 4096);
      } while (send(fd, block, 4096, MSG_NOSIGNAL) == 4096);
      break;
    case 'B': /* as G, but as fast as can be */
      while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0) {
      }
      break;
    case 'R':
      recv(fd, block, 1, MSG_PEEK); /* there is something */
      break;
    default: break;
  }
  close(fd);
  _exit(0);
}

struct echo {
  int fd;
  int begun, ended;
  size_t from, to;
  unsigned char bytes[BLOCK];
};

static int epoll;

static void serve_end(struct echo *e) {
  epoll_ctl(epoll, EPOLL_CTL_DEL, e->fd, NULL); /* a child may have it open still */
  close(e->fd);
  free(e);
}

static void serve_ready(struct echo *e) {
  for (int turn = 0; turn < 4; turn++) {
    if (!e->begun) {
      char what;
      ssize_t n = recv(e->fd, &what, 1, 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return serve_end(e);
      if (what != 'E') {
        pid_t child = fork();
        if (child == 0) {
          fcntl(e->fd, F_SETFL, 0);
          serve_alone(e->fd, what);
        }
        return serve_end(e);
      }
      e->begun = 1;
    }
    if (e->from == e->to) {
      ssize_t n = recv(e->fd, e->bytes, sizeof e->bytes, 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return serve_end(e);
      e->from = 0;
      e->to = n;
    }
    ssize_t n = send(e->fd, e->bytes + e->from, e->to - e->from, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return serve_end(e);
    e->from += n;
  }
  /* More is there: edges do not tell again. */
  struct epoll_event again = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = e}};
  epoll_ctl(epoll, EPOLL_CTL_MOD, e->fd, &again);
}

static void serve(const char *text) {
  struct sockaddr_storage at;
  socklen_t length;
  unsigned port;
  address(text, &at, &length, &port);
  int listener = socket(at.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&at, length) || listen(listener, MANY)) fail("listen");
  signal(SIGCHLD, SIG_IGN);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  printf("serving %s\n", text);
  fflush(stdout);
  while (1) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr != NULL) {
        serve_ready(events[i].data.ptr);
        continue;
      }
      int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) continue;
      struct echo *e = calloc(1, sizeof *e);
      e->fd = fd;
      struct epoll_event own = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = e}};
      epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &own);
    }
  }
}

/* ---- the other side ---- */

/* COUNT connections at a time, BYTES through each and back, both ways at once. */
static int echo(const char *text, int count, long bytes) {
  struct one {
    uint64_t seed, sent, got;
    long out, in;
  } *all = calloc(count, sizeof *all);
  struct pollfd *polls = calloc(count, sizeof *polls);
  unsigned char *block = malloc(BLOCK);
  for (int i = 0; i < count; i++) {
    polls[i].fd = ask(text, 'E');
    polls[i].events = POLLIN | POLLOUT;
    fcntl(polls[i].fd, F_SETFL, O_NONBLOCK);
    all[i].seed = 88172645463325252ull + i;
    all[i].sent = all[i].got = EMPTY_DIGEST;
  }
  printf("%d connections\n", count);
  fflush(stdout);
  int open = count;
  uint64_t total = EMPTY_DIGEST;
  while (open > 0) {
    if (poll(polls, count, WAIT_MILLIS) <= 0) fail("nothing moves");
    for (int i = 0; i < count; i++) {
      struct one *one = &all[i];
      if (polls[i].fd < 0) continue;
      if (polls[i].revents & POLLOUT && one->out < bytes) {
        uint64_t seed = one->seed;
        size_t n = bytes - one->out < 4096 ? bytes - one->out : 4096;
        fill(&seed, block, n);
        ssize_t done = send(polls[i].fd, block, n, MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN) fail("send");
        if (done > 0) {
          fill(&one->seed, block, done);
          one->sent = digest(one->sent, block, done);
          one->out += done;
          if (one->out == bytes) polls[i].events = POLLIN;
        }
      }
      if (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t done = recv(polls[i].fd, block, BLOCK, 0);
        if (done == 0) errno = 0;
        if (done == 0 || (done < 0 && errno != EAGAIN)) fail("receive");
        if (done > 0) {
          one->got = digest(one->got, block, done);
          one->in += done;
        }
      }
      if (one->in == bytes) {
        errno = 0;
        require(one->sent == one->got, "digests of what was sent and what came back differ");
        total = digest(total, (unsigned char *)&one->got, sizeof one->got);
        close(polls[i].fd);
        polls[i].fd = -1;
        open--;
      }
    }
  }
  printf("echoed %d x %ld bytes, digests equal, %016llx\n", count, bytes, (unsigned long long)total);
  return 0;
}

/* COUNT connections, one after the other. */
static int churn(const char *text, int count) {
  for (int i = 0; i < count; i++) {
    int fd = ask(text, i % 2 ? 'Q' : 'E');
    char back;
    if (i % 2 == 0 && i % 3 == 0) {
      put(fd, "x", 1);
      get(fd, &back, 1);
    }
    close(fd);
  }
  printf("opened and closed %d\n", count);
  return 0;
}

static int throughput(const char *text, double seconds, int out) {
  unsigned char *block = calloc(1, BLOCK);
  int fd = ask(text, out ? 'S' : 'B');
  double start = now(), end = start;
  uint64_t bytes = 0, count = 0;
  while (end - start < seconds) {
    ssize_t n = out ? send(fd, block, BLOCK, MSG_NOSIGNAL) : recv(fd, block, BLOCK, 0);
    if (n <= 0) fail("it broke off");
    bytes += n;
    end = now();
  }
  if (out) {
    shutdown(fd, SHUT_WR);
    get(fd, &count, sizeof count);
    end = now();
    errno = 0;
    require(count == bytes, "not all has arrived");
  }
  close(fd);
  printf("%s %.0f bytes/s\n", out ? "out" : "in", bytes / (end - start));
  return 0;
}

static int by_value(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static int round_trips(const char *text, int count, int size) {
  double *times = calloc(count, sizeof *times);
  unsigned char block[4096] = {0};
  int fd = ask(text, 'E');
  if (size > (int)sizeof block) size = sizeof block;
  for (int i = -count / 10; i < count; i++) { /* a tenth more, before, to be warm */
    double start = now();
    put(fd, block, size);
    get(fd, block, size);
    if (i >= 0) times[i] = (now() - start) * 1e6;
  }
  qsort(times, count, sizeof *times, by_value);
  printf("round-trip p50 %.1f p99 %.1f us\n", times[count / 2], times[(long)count * 99 / 100]);
  close(fd);
  return 0;
}

/* ---- promises ---- */

static void expect_end(int fd, const char *what) {
  char byte;
  ssize_t n = recv(fd, &byte, 1, 0);
  if (n != 0) fail(what);
}

static void check_refusal(const char *nobody) {
  errno = 0;
  int fd = try_dial(nobody);
  require(fd < 0 && (errno == ECONNRESET || errno == ECONNREFUSED || errno == ENOENT), "nobody listens: connection reset");
}

static void check_reset(const char *text) {
  int fd = ask(text, 'R');
  put(fd, "unread", 6);
  char byte;
  /* A Unix socket says that it was reset; Linux' vsock says the end, and so does a guest that closes. */
  ssize_t n = recv(fd, &byte, 1, 0);
  require(n == 0 || (n < 0 && errno == ECONNRESET), "the peer has closed with something unread");
  close(fd);
}

static void check_peek(const char *text) {
  int fd = ask(text, 'E');
  char a[5] = "", b[5] = "";
  put(fd, "hello", 5);
  struct pollfd p = {fd, POLLIN, 0};
  ssize_t n;
  do {
    poll(&p, 1, WAIT_MILLIS);
    n = recv(fd, a, 5, MSG_PEEK);
  } while (n >= 0 && n < 5);
  get(fd, b, 5);
  require(!memcmp(a, "hello", 5) && !memcmp(b, "hello", 5), "what was peeked at is read again");
  close(fd);
}

static void check_shutdown(const char *text) {
  unsigned char block[1000];
  uint64_t count = 0;
  int fd = ask(text, 'C');
  for (int i = 0; i < 300; i++) put(fd, block, sizeof block);
  require(shutdown(fd, SHUT_WR) == 0, "shutdown of sending");
  get(fd, &count, sizeof count);
  errno = 0;
  require(count == 300 * sizeof block, "all before the shutdown has arrived");
  expect_end(fd, "the end after the answer");
  require(send(fd, block, 1, MSG_NOSIGNAL) < 0 && errno == EPIPE, "nothing is sent after the shutdown");
  close(fd);

  fd = ask(text, 'C');
  require(shutdown(fd, SHUT_RD) == 0, "shutdown of receiving");
  put(fd, block, sizeof block);
  expect_end(fd, "nothing is received after the shutdown");
  close(fd);

  fd = ask(text, 'Q');
  expect_end(fd, "the end of one that has closed");
  ssize_t n;
  for (int i = 0; (n = send(fd, block, 1, MSG_NOSIGNAL)) > 0 && i < 1000; i++) usleep(10000);
  require(n < 0 && (errno == EPIPE || errno == ECONNRESET), "one that has closed receives nothing");
  close(fd);
}

static void check_credit(const char *text, int guest) {
  unsigned char mine[7000], theirs[7000];
  uint64_t seed = 1, count;
  unsigned port;
  int fd;
  if (guest) { /* a small buffer, set before connecting, is what the peer has to respect */
    struct sockaddr_storage to;
    socklen_t length;
    address(text, &to, &length, &port);
    uint64_t size = 8192, back = 0;
    socklen_t back_size = sizeof back;
    fd = socket(AF_VSOCK, type, 0);
    require(setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_MIN_SIZE, &size, sizeof size) == 0, "minimum size");
    require(setsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &size, sizeof size) == 0, "buffer size");
    require(getsockopt(fd, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &back, &back_size) == 0 && back == size, "the size that was set");
    if (connect(fd, (struct sockaddr *)&to, length)) fail("connect");
    put(fd, "G", 1);
  } else {
    fd = ask(text, 'G');
  }
  for (int i = 0; i < 150; i++) { /* a MiB, in pieces of another size than it is sent in, the first ones slowly */
    if (i < 5) usleep(50000);
    size_t n = sizeof theirs;
    get(fd, theirs, n);
    fill(&seed, mine, n);
    errno = 0;
    require(!memcmp(mine, theirs, n), "what a peer with little room gets is what was sent");
  }
  close(fd);

  fd = ask(text, 'T'); /* sleeps before it reads: so much and no more is taken meanwhile */
  fcntl(fd, F_SETFL, O_NONBLOCK);
  uint64_t sent = 0;
  ssize_t n;
  while ((n = send(fd, mine, sizeof mine, MSG_NOSIGNAL)) > 0) sent += n;
  require(n < 0 && errno == EAGAIN, "a peer that does not read makes the sender wait");
  errno = 0;
  require(sent < 16 << 20, "what is sent to one that does not read is bounded");
  fcntl(fd, F_SETFL, 0);
  put(fd, mine, sizeof mine);
  shutdown(fd, SHUT_WR);
  get(fd, &count, sizeof count);
  errno = 0;
  require(count == sent + sizeof mine, "all arrives when it is read");
  close(fd);
}

static void check_messages(const char *text) {
  static const int sizes[] = {1, 100, 4096, 4097, 10000, 60000};
  static unsigned char out[60000], in[60000];
  uint64_t seed = 99;
  int fd = ask(text, 'E');
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    fill(&seed, out, sizes[i]);
    require(send(fd, out, sizes[i], MSG_NOSIGNAL | (i % 2 ? MSG_EOR : 0)) == sizes[i], "a message is sent whole");
    ssize_t n = recv(fd, in, sizeof in, 0);
    if (n >= 0) errno = 0;
    require(n == sizes[i] && !memcmp(in, out, n), "a message comes back whole and alone");
  }
  for (int i = 0; i < 20; i++) require(send(fd, out, 10 + i, MSG_NOSIGNAL) == 10 + i, "many messages");
  for (int i = 0; i < 20; i++) {
    ssize_t n = recv(fd, in, i == 7 ? 4 : sizeof in, 0); /* one is cut: its rest is gone */
    if (n >= 0) errno = 0;
    require(n == (i == 7 ? 4 : 10 + i), "each keeps its bounds");
  }
  close(fd);
}

static int check(const char *text, const char *nobody) {
  int guest = !strncmp(text, "vsock:", 6);
  check_refusal(nobody);
  puts("ok refusal");
  if (type == SOCK_SEQPACKET) {
    check_messages(text);
    puts("ok messages");
    return 0;
  }
  check_reset(text);
  puts("ok reset");
  check_peek(text);
  puts("ok peek");
  check_shutdown(text);
  puts("ok shutdown");
  check_credit(text, guest);
  puts("ok credit");
  return 0;
}

static int usage(void) {
  fputs(
      "usage: talk [-s] serve ADDRESS             serves for ever\n"
      "       talk [-s] check ADDRESS NOBODY      asserts what sockets promise; at NOBODY nobody listens\n"
      "       talk echo ADDRESS COUNT BYTES       so many connections at a time, digests compared\n"
      "       talk churn ADDRESS COUNT            so many one after the other\n"
      "       talk out|in ADDRESS SECONDS         bytes a second\n"
      "       talk ping ADDRESS COUNT BYTES       round trips: p50, p99\n"
      "       talk hold ADDRESS                   says 'held', and then how the connection ended\n"
      "ADDRESS: vsock:CID:PORT, unix:PATH, hybrid:PATH:PORT (CONNECT PORT comes first). -s: SOCK_SEQPACKET.\n",
      stderr);
  return 2;
}

static int hold(const char *text) {
  int fd = ask(text, 'E');
  char byte = 'x';
  put(fd, &byte, 1);
  get(fd, &byte, 1);
  puts("held");
  fflush(stdout);
  ssize_t n = recv(fd, &byte, 1, 0);
  printf("ended %s\n", n == 0 ? "in order" : n < 0 && errno == ECONNRESET ? "by reset" : "somehow");
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (argc > 1 && !strcmp(argv[1], "-s")) {
    type = SOCK_SEQPACKET;
    argv++;
    argc--;
  }
  if (argc < 3) return usage();
  const char *what = argv[1], *text = place = argv[2];
  if (!strcmp(what, "serve")) serve(text);
  if (!strcmp(what, "hold")) return hold(text);
  if (argc < 4) return usage();
  if (!strcmp(what, "check")) return check(text, argv[3]);
  if (!strcmp(what, "churn")) return churn(text, atoi(argv[3]));
  if (!strcmp(what, "out") || !strcmp(what, "in")) return throughput(text, atof(argv[3]), what[0] == 'o');
  if (argc < 5) return usage();
  if (!strcmp(what, "echo")) return echo(text, atoi(argv[3]), atol(argv[4]));
  if (!strcmp(what, "ping")) return round_trips(text, atoi(argv[3]), atoi(argv[4]));
  return usage();
}
