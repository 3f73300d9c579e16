package io.jvmm.host.internal;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;

/** The C library as JNA calls it: the second caller, who shares nothing with ours. */
public interface LibC extends Library {
  /** Loaded once. */
  LibC CALL = Native.load("c", LibC.class);

  int getpid();

  int gettid();

  int mkfifo(String path, int mode);

  int pipe(int[] ends);

  int socketpair(int domain, int type, int protocol, int[] ends);

  NativeLong read(int fd, byte[] buffer, NativeLong length);

  NativeLong write(int fd, byte[] buffer, NativeLong length);

  NativeLong pread(int fd, byte[] buffer, NativeLong length, long offset);

  int close(int fd);

  int fcntl(int fd, int command, int argument);

  int tcgetattr(int fd, byte[] termios);

  int grantpt(int fd);

  int unlockpt(int fd);

  int posix_openpt(int flags);

  int ptsname_r(int fd, byte[] buffer, NativeLong length);

  int pthread_sigmask(int how, byte[] set, byte[] old);
}
