/* FIFOs, sockets, devices: their names are on the share, what they do is the guest's own. */
#include "check.h"
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static void write_fifo(void) {
  int fd = need("open the FIFO", open("fifo", O_WRONLY));
  need("write", write(fd, "through", 7));
  close(fd);
}

static int socket_named(const char *name, struct sockaddr_un *address) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  strcpy(address->sun_path, name);
  return need("socket", socket(AF_UNIX, SOCK_STREAM, 0));
}

static void talk(void) {
  struct sockaddr_un address;
  int fd = socket_named("socket", &address);
  need("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
  need("write", write(fd, "hello", 5));
  close(fd);
}

static void sockets(void) {
  struct sockaddr_un address;
  char text[16] = "";
  int fd = socket_named("socket", &address);
  works("bind a socket", bind(fd, (struct sockaddr *)&address, sizeof address));
  holds("its name is one", S_ISSOCK(status_of("socket").st_mode));
  works("listen", listen(fd, 1));
  pid_t child = start(talk);
  int other = accept(fd, NULL, NULL);
  works("another process connects by the name", other);
  equal("and is heard", 5, read(other, text, sizeof text - 1));
  same("in its words", "hello", text);
  equal("it ends well", 0, finish(child));
  close(other);
  int second = socket_named("socket", &address);
  fails("the name is taken", EADDRINUSE, bind(second, (struct sockaddr *)&address, sizeof address));
  fails("it cannot be opened", ENXIO, open("socket", O_RDWR));
  close(fd);
  fails("nobody listens", ECONNREFUSED, connect(second, (struct sockaddr *)&address, sizeof address));
  works("unlink", unlink("socket"));
  close(second);
}

static void make_device_as_user(void) {
  fails("a device by a user", EPERM, mknod("user-device", S_IFCHR | 0600, makedev(1, 3)));
}

void special(void) {
  char text[16] = "";
  works("mkfifo", mkfifo("fifo", 0600));
  holds("is one", S_ISFIFO(status_of("fifo").st_mode));
  pid_t child = start(write_fifo);
  int fd = open("fifo", O_RDONLY);
  works("is opened when another process writes", fd);
  equal("what it wrote comes through", 7, read(fd, text, sizeof text - 1));
  same("as it was", "through", text);
  equal("and then the end", 0, read(fd, text, sizeof text));
  equal("the other process ends well", 0, finish(child));
  close(fd);
  fails("a FIFO that nobody reads", ENXIO, open("fifo", O_WRONLY | O_NONBLOCK));
  fails("on an existing name", EEXIST, mkfifo("fifo", 0600));
  works("rename", rename("fifo", "moved"));
  holds("it is still one", S_ISFIFO(status_of("moved").st_mode));
  works("mknod of a file", mknod("file", S_IFREG | 0640, 0));
  equal("makes one", 0640, permissions_of("file"));
  holds("a regular one", S_ISREG(status_of("file").st_mode));
  sockets();
  as_user(USER, USER, make_device_as_user);
  if (mode == LOCAL) works("a device", mknod("device", S_IFCHR | 0600, makedev(1, 3)));
  else fails("a device, which the server refuses", EPERM, mknod("device", S_IFCHR | 0600, makedev(1, 3)));
  if (mode != LOCAL) fails("a block device too", EPERM, mknod("disk", S_IFBLK | 0600, makedev(8, 0)));
  works("a whiteout of overlayfs", mknod("whiteout", S_IFCHR, makedev(0, 0)));
}
