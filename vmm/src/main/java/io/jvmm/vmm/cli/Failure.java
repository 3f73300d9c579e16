package io.jvmm.vmm.cli;

import io.jvmm.boot.BootException;
import io.jvmm.devices.block.DiskException;
import io.jvmm.devices.net.NetException;
import io.jvmm.devices.pmem.PmemException;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.KvmUnavailableException;
import io.jvmm.vmm.MachineConfigException;
import io.jvmm.vmm.json.JsonException;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** Turns what was thrown into one line for the user and an exit status. */
final class Failure {
  /** Set to 1 in the environment, it shows where an error came from. */
  static final String DEBUG_VARIABLE = "JVMM_DEBUG";

  private Failure() {}

  /**
   * Says what went wrong.
   *
   * @return the exit status
   */
  static int report(Throwable failure, PrintStream err) {
    int status = status(failure);
    err.println("jvmm: " + line(failure, status));
    trace(failure, err);
    return status;
  }

  /** Shows where an error came from, to who asked for it. */
  static void trace(@Nullable Throwable failure, PrintStream err) {
    if (failure != null && "1".equals(System.getenv(DEBUG_VARIABLE))) {
      failure.printStackTrace(err);
    }
  }

  /** The exit status for a failure. */
  static int status(Throwable failure) {
    SyscallException refused = refusal(failure);
    if (refused != null && isShortage(refused.errno())) {
      return ExitStatus.HOST_CANNOT;
    }
    if (failure instanceof UsageException
        || failure instanceof MachineConfigException
        || failure instanceof BootException
        || failure instanceof DiskException
        || failure instanceof PmemException
        || failure instanceof NetException
        || failure instanceof JsonException) {
      return ExitStatus.BAD_INPUT;
    }
    if (failure instanceof KvmUnavailableException) {
      return ExitStatus.HOST_CANNOT;
    }
    if (refused != null) {
      if (refused.call().startsWith("ioctl(KVM_")) {
        return ExitStatus.HOST_CANNOT;
      }
      return isAboutFile(refused) ? ExitStatus.BAD_INPUT : ExitStatus.INTERNAL_ERROR;
    }
    return isThreadRefused(failure) ? ExitStatus.HOST_CANNOT : ExitStatus.INTERNAL_ERROR;
  }

  private static @Nullable SyscallException refusal(Throwable failure) {
    if (failure instanceof SyscallException e) {
      return e;
    }
    return failure.getCause() instanceof SyscallException e ? e : null;
  }

  private static boolean isShortage(int errno) {
    return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM;
  }

  /** The JVM says so when the host lets it have no more threads. */
  private static boolean isThreadRefused(Throwable failure) {
    return failure instanceof OutOfMemoryError
        && String.valueOf(failure.getMessage()).contains("native thread");
  }

  private static boolean isAboutFile(SyscallException e) {
    return e.call().startsWith("open");
  }

  private static String line(Throwable failure, int status) {
    if (failure instanceof SyscallException e) {
      return refused(e);
    }
    if (isThreadRefused(failure)) {
      return "this host gives no more threads (ulimit -u, or the pids limit of the cgroup)";
    }
    String message = failure.getMessage();
    if (status != ExitStatus.INTERNAL_ERROR && message != null) {
      return message;
    }
    return "internal error: "
        + failure
        + " ("
        + DEBUG_VARIABLE
        + "=1 shows where; please report it)";
  }

  private static String refused(SyscallException e) {
    String advice =
        switch (e.errno()) {
          case Errno.EMFILE -> "too many open files in this process (raise ulimit -n)";
          case Errno.ENFILE -> "too many open files on this host";
          case Errno.ENOMEM -> "the host has no memory for it";
          case Errno.ENOENT -> "no such file";
          case Errno.EACCES, Errno.EPERM -> "permission denied";
          case Errno.EISDIR -> "it is a directory";
          case Errno.ENXIO -> "there is nothing behind it (a FIFO needs its reader first)";
          case Errno.ENOTDIR -> "a part of the path is no directory";
          case Errno.EROFS -> "its file system is read-only (add ,ro to use a disk so)";
          case Errno.ELOOP -> "too many symbolic links";
          case Errno.ENAMETOOLONG -> "the path is too long";
          default -> "";
        };
    if (isAboutFile(e) && !advice.isEmpty()) {
      return "cannot open " + e.on() + ": " + advice;
    }
    String what = String.valueOf(e.getMessage());
    return advice.isEmpty() ? what : what + ": " + advice;
  }
}
