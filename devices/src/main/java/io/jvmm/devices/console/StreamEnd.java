package io.jvmm.devices.console;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.epoll.Epoll;
import io.jvmm.host.file.InheritedStream;
import io.jvmm.host.file.OpenFile;
import org.jspecify.annotations.Nullable;

/**
 * A file that the guest's words go to, or a descriptor that this process was given. Always
 * connected: after the end of its input there comes nothing more, and when its output fails, the
 * guest's words are lost.
 *
 * <p>Threads: as {@link HostEnd} says.
 */
public final class StreamEnd implements HostEnd {
  private static final int NO_FD = -1;

  private final @Nullable InheritedStream input;
  private final @Nullable InheritedStream output;
  private @Nullable Watch inputWatch;
  private @Nullable Watch outputWatch;
  private boolean inputEnded;
  private boolean outputFailed;

  private StreamEnd(@Nullable InheritedStream input, @Nullable InheritedStream output) {
    this.input = input;
    this.output = output;
  }

  /**
   * A file that was opened for writing; the guest reads nothing from it.
   *
   * @param file stays the caller's, and may be closed at once
   * @throws SyscallException naming the path
   */
  public static StreamEnd file(OpenFile file, String path) {
    return new StreamEnd(null, InheritedStream.writing(file.fd().number(), path));
  }

  /**
   * A descriptor that this process was given, for what it was opened for; it stays the caller's.
   *
   * @throws SyscallException EBADF where there is none
   */
  public static StreamEnd descriptor(int fd, String role) {
    return descriptors(
        InheritedStream.isReadable(fd, role) ? fd : NO_FD,
        InheritedStream.isWritable(fd, role) ? fd : NO_FD,
        role);
  }

  /**
   * Descriptors of this process, which stay the caller's.
   *
   * @param inputFd negative for none
   * @param outputFd negative for none
   */
  public static StreamEnd descriptors(int inputFd, int outputFd, String role) {
    InheritedStream input = inputFd <= NO_FD ? null : InheritedStream.reading(inputFd, role);
    try {
      return new StreamEnd(
          input, outputFd <= NO_FD ? null : InheritedStream.writing(outputFd, role));
    } catch (SyscallException e) {
      if (input != null) {
        input.close();
      }
      throw e;
    }
  }

  @Override
  public void attach(IoLoop loop, Listener listener) {
    if (input != null) {
      inputWatch =
          new Watch(
              loop,
              input.fd(),
              (state, events) -> {
                offIfOn(inputWatch);
                listener.readable(state);
              });
    }
    if (output != null) {
      outputWatch =
          new Watch(
              loop,
              output.fd(),
              (state, events) -> {
                offIfOn(outputWatch);
                listener.writable(state);
              });
    }
  }

  private static void offIfOn(@Nullable Watch watch) {
    if (watch != null) {
      watch.off();
    }
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public long tryRead(CallState state, long address, long length) {
    if (input == null || inputWatch == null || inputEnded) {
      return -Errno.EAGAIN;
    }
    long n;
    do {
      n = input.tryRead(state, address, length);
    } while (n == -Errno.EINTR);
    if (n > 0) {
      return n;
    }
    if (n == -Errno.EAGAIN) {
      try {
        inputWatch.set(Epoll.EPOLLIN);
        return n;
      } catch (SyscallException e) { // neither has data nor can be waited for
        inputEnded = true;
      }
    }
    inputEnded = true;
    return -Errno.EAGAIN;
  }

  @Override
  public long tryWrite(CallState state, long address, long length) {
    if (output == null || outputWatch == null || outputFailed) {
      return length;
    }
    long n;
    do {
      n = output.tryWrite(state, address, length);
    } while (n == -Errno.EINTR);
    if (n > 0) {
      return n;
    }
    if (n == -Errno.EAGAIN) {
      try {
        outputWatch.set(Epoll.EPOLLOUT);
        return n;
      } catch (SyscallException e) {
        outputFailed = true;
      }
    }
    outputFailed = true;
    return length;
  }

  @Override
  public void disconnect(CallState state) {
    // It never is.
  }

  @Override
  public void detach() {
    offIfOn(inputWatch);
    offIfOn(outputWatch);
  }

  @Override
  public void close() {
    if (input != null) {
      input.close();
    }
    if (output != null) {
      output.close();
    }
  }
}
