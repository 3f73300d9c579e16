package io.jvmm.host.process;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.SyscallNumber;
import io.jvmm.host.socket.Socket;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A program that runs beside this process and inherits one descriptor of it, which is why it is not
 * {@link ProcessBuilder}'s: that passes none on, and costs a helper program and threads.
 *
 * <p>The program has no other descriptor of ours, no signal blocked or ignored, a session of its
 * own (so that Ctrl-C at our terminal is not its), {@code /dev/null} as input and output, and an
 * error output that is read here.
 *
 * <p>Threads: belongs to one thread.
 */
public final class ChildProcess implements AutoCloseable {
  /** The number that the inherited descriptor has in the program. */
  public static final int INHERITED = 3;

  /** Kept of what a program prints; the rest is read and forgotten. */
  private static final int ERRORS_MAX = 8192;

  private static final int SIGKILL = 9; // asm/signal.h
  private static final int SIGNALLED = 128;
  private static final int NOT_ENDED = -1;

  private final String program;
  private final int pid;
  private final Socket errors;
  private int status = NOT_ENDED;

  private ChildProcess(String program, int pid, Socket errors) {
    this.program = program;
    this.pid = pid;
    this.errors = errors;
  }

  /**
   * Starts a program, and waits no longer than until it has begun to run.
   *
   * @param command its name, looked for in PATH unless it has a slash in it, and arguments
   * @param inherited becomes descriptor {@value #INHERITED} there, and blocking, as programs expect
   *     of what they inherit; it stays the caller's here
   * @throws SyscallException ENOENT where there is no such program, EACCES where it may not be run
   */
  public static ChildProcess start(List<String> command, Fd inherited) {
    String program = command.getFirst();
    Socket[] pair = Socket.pair(program + "'s error output");
    try (Socket theirs = pair[1]) {
      int pid = Spawn.start(command, inherited, theirs.fd());
      return new ChildProcess(program, pid, pair[0]);
    } catch (RuntimeException | Error e) {
      pair[0].close();
      throw e;
    }
  }

  /** What the kernel knows it by. */
  public int pid() {
    return pid;
  }

  /**
   * Reads the error output until everybody has closed it: a program that ends, or one that goes
   * into the background.
   *
   * @param limitMillis how long nothing may come
   * @return what was printed, its first 8 KiB
   * @throws SyscallException ETIMEDOUT where the time was over before the end
   */
  public String readErrors(int limitMillis) {
    CallState state = CallState.current();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    MemorySegment buffer = state.scratch();
    while (true) {
      long n = errors.tryReceive(state, buffer.address(), CallState.PATH_MAX);
      if (n == -Errno.EAGAIN || n == -Errno.EINTR) {
        if (!errors.awaitReadable(state, limitMillis)) {
          throw new SyscallException("read", errors.fd().role(), Errno.ETIMEDOUT);
        }
        continue;
      }
      if (n <= 0) {
        return text.toString(StandardCharsets.UTF_8);
      }
      byte[] bytes = buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
      text.write(bytes, 0, Math.min(bytes.length, ERRORS_MAX - text.size()));
    }
  }

  /**
   * Waits for its end.
   *
   * @return its exit status, or 128 and the number of the signal that ended it
   * @throws SyscallException ECHILD where somebody else in this process has taken the status
   */
  public int awaitExit() {
    if (status != NOT_ENDED) {
      return status;
    }
    CallState state = CallState.current();
    MemorySegment word = state.scratch();
    long result;
    do {
      result = Syscall.call(state, SyscallNumber.WAIT4, pid, word.address(), 0, 0);
    } while (result == -Errno.EINTR);
    Syscall.check(result, "wait4", program);
    int raw = word.get(ValueLayout.JAVA_INT, 0);
    int signal = raw & 0x7f; // WTERMSIG, bits/waitstatus.h
    status = signal == 0 ? raw >> 8 & 0xff : SIGNALLED + signal;
    return status;
  }

  /** Ends it, where it has not ended by itself, and takes its status. */
  @Override
  public void close() {
    if (status == NOT_ENDED) {
      // Its number is nobody else's as long as nobody has waited for it.
      Syscall.call(CallState.current(), SyscallNumber.KILL, pid, SIGKILL, 0);
      try {
        awaitExit();
      } catch (SyscallException gone) {
        status = SIGNALLED;
      }
    }
    errors.close();
  }

  @Override
  public String toString() {
    return program + " (process " + pid + ")";
  }
}
