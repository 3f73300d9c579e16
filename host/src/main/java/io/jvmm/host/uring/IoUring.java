package io.jvmm.host.uring;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.Mapping;
import io.jvmm.host.Syscall;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.SyscallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A ring: one system call begins many operations, and their ends are read from memory ({@code
 * io_uring(7)}). Its descriptor is ready to be read ({@link io.jvmm.host.epoll.Epoll#EPOLLIN}) when
 * operations have ended; a wait for that may be interrupted by EINTR, and is to go on.
 *
 * <p>The kernel does what it can at once, in {@link #enter}: what is in the page cache. The rest is
 * done by threads of the kernel's own, or by the device.
 *
 * <p>Threads: one submits and reaps, the first that calls {@link #enable}. Any may make it, and
 * register files before that.
 */
public final class IoUring implements AutoCloseable {
  /**
   * Without these a completion could be lost, or memory given back too soon: Linux 5.5 has them.
   */
  private static final int NEEDED =
      UringAbi.IORING_FEAT_SINGLE_MMAP
          | UringAbi.IORING_FEAT_NODROP
          | UringAbi.IORING_FEAT_SUBMIT_STABLE;

  /** Linux 5.10. Nobody submits before {@link #enable}, whose thread is then the ring's. */
  private static final int BASIC =
      UringAbi.IORING_SETUP_CLAMP | UringAbi.IORING_SETUP_CQSIZE | UringAbi.IORING_SETUP_R_DISABLED;

  /**
   * Linux 6.0. What ends while the thread runs is finished in its next system call, with no
   * interrupt for it; a thread that sleeps in one is woken by EINTR. (IORING_SETUP_DEFER_TASKRUN
   * would finish more at a time, but does not make the descriptor ready, so that nobody who waits
   * for others too could wait for it.)
   */
  private static final int COOPERATIVE =
      UringAbi.IORING_SETUP_SINGLE_ISSUER | UringAbi.IORING_SETUP_COOP_TASKRUN;

  // Closed in the reverse order: the kernel waits for what is pending when the descriptor goes.
  private final Fd fd;
  private final Mapping rings;
  private final Mapping entries;
  private final SubmissionQueue submission;
  private final CompletionQueue completion;

  private IoUring(Fd fd, Mapping rings, Mapping entries, MemorySegment params) {
    this.fd = fd;
    this.rings = rings;
    this.entries = entries;
    this.submission =
        new SubmissionQueue(
            rings.segment(),
            entries.segment(),
            params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_SQ_ENTRIES),
            params.asSlice(UringAbi.PARAMS_SQ_OFF));
    this.completion =
        new CompletionQueue(
            rings.segment(),
            params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_CQ_ENTRIES),
            params.asSlice(UringAbi.PARAMS_CQ_OFF));
  }

  /**
   * Makes a ring that is not enabled.
   *
   * @param submissions how many operations one {@link #enter} can begin
   * @param completions how many operations can be pending; more would be told late, not lost
   * @throws SyscallException ENOSYS for a kernel without io_uring, or with one that is too old;
   *     EPERM where it is forbidden; ENOMEM where no more memory may be locked
   */
  public static IoUring create(String role, int submissions, int completions) {
    MemorySegment params = CallState.current().scratch().asSlice(0, UringAbi.PARAMS_SIZE);
    long n = setup(params, submissions, completions, BASIC | COOPERATIVE);
    if (n == -Errno.EINVAL) {
      n = setup(params, submissions, completions, BASIC);
    }
    if (n == -Errno.EINVAL) {
      n = -Errno.ENOSYS; // it has some io_uring
    }
    Fd fd = new Fd((int) Syscall.check(n, "io_uring_setup", role), role);
    Mapping rings = null;
    Mapping entries = null;
    try {
      if ((params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_FEATURES) & NEEDED) != NEEDED) {
        throw new SyscallException("io_uring_setup", role, Errno.ENOSYS);
      }
      long ringsSize = ringsSize(params);
      long entriesSize =
          (long) params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_SQ_ENTRIES) * UringAbi.SQE_SIZE;
      rings = Mapping.shared(role, fd, UringAbi.IORING_OFF_SQ_RING, ringsSize);
      entries = Mapping.shared(role, fd, UringAbi.IORING_OFF_SQES, entriesSize);
      return new IoUring(fd, rings, entries, params);
    } catch (RuntimeException e) {
      if (entries != null) {
        entries.close();
      }
      if (rings != null) {
        rings.close();
      }
      fd.close();
      throw e;
    }
  }

  private static long setup(MemorySegment params, int submissions, int completions, int flags) {
    params.fill((byte) 0);
    params.set(ValueLayout.JAVA_INT, UringAbi.PARAMS_CQ_ENTRIES, completions);
    params.set(ValueLayout.JAVA_INT, UringAbi.PARAMS_FLAGS, flags);
    return Syscall.call(
        CallState.current(), SyscallNumber.IO_URING_SETUP, submissions, params.address(), 0);
  }

  /** Both rings are in one mapping: up to the end of the one that ends later. */
  private static long ringsSize(MemorySegment params) {
    long array =
        Integer.toUnsignedLong(
            params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_SQ_OFF + UringAbi.SQ_OFF_ARRAY));
    long cqes =
        Integer.toUnsignedLong(
            params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_CQ_OFF + UringAbi.CQ_OFF_CQES));
    long submissions = params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_SQ_ENTRIES);
    long completions = params.get(ValueLayout.JAVA_INT, UringAbi.PARAMS_CQ_ENTRIES);
    return Math.max(array + submissions * Integer.BYTES, cqes + completions * UringAbi.CQE_SIZE);
  }

  /**
   * Makes a table of {@code count} registered files, all of them empty: an operation on one spares
   * the kernel looking the descriptor up.
   */
  public void registerFiles(int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = arena.allocate((long) count * Integer.BYTES, Integer.BYTES);
      none.fill((byte) 0xff); // -1 is an empty place
      register("IORING_REGISTER_FILES", UringAbi.IORING_REGISTER_FILES, none.address(), count);
    }
  }

  /**
   * Puts a file into the table, or takes one out. The kernel keeps a file of its own: the
   * descriptor may be closed.
   *
   * @param file null to empty the place
   */
  public void setFile(int index, @Nullable Fd file) {
    MemorySegment update =
        CallState.current().scratch().asSlice(0, UringAbi.FILES_UPDATE_SIZE + Integer.BYTES);
    update.fill((byte) 0);
    update.set(ValueLayout.JAVA_INT, 0, index);
    update.set(
        ValueLayout.JAVA_LONG,
        UringAbi.FILES_UPDATE_FDS,
        update.address() + UringAbi.FILES_UPDATE_SIZE);
    update.set(ValueLayout.JAVA_INT, UringAbi.FILES_UPDATE_SIZE, file == null ? -1 : file.number());
    register(
        "IORING_REGISTER_FILES_UPDATE", UringAbi.IORING_REGISTER_FILES_UPDATE, update.address(), 1);
  }

  /** Takes all files out of the table and the table away; the kernel has let go of them then. */
  public void unregisterFiles() {
    register("IORING_UNREGISTER_FILES", UringAbi.IORING_UNREGISTER_FILES, 0, 0);
  }

  private void register(String name, int opcode, long argument, int count) {
    long result =
        Syscall.call(
            CallState.current(),
            SyscallNumber.IO_URING_REGISTER,
            fd.number(),
            opcode,
            argument,
            count);
    Syscall.check(result, "io_uring_register(" + name + ")", fd.role());
  }

  /** Makes it the calling thread's, which may submit from now on. */
  public void enable() {
    register("IORING_REGISTER_ENABLE_RINGS", UringAbi.IORING_REGISTER_ENABLE_RINGS, 0, 0);
  }

  /** Ready to be read when operations have ended; it stays this object's. */
  public Fd fd() {
    return fd;
  }

  /** Where operations are put. */
  public SubmissionQueue submission() {
    return submission;
  }

  /** Where their ends are. */
  public CompletionQueue completion() {
    return completion;
  }

  /** Hot: whether {@link #enter} has something to do. */
  public boolean needsEnter() {
    return submission.unsubmitted() > 0 || submission.hasOverflown();
  }

  /**
   * Hot: begins what was put into the submission queue. Does not wait for anything.
   *
   * @return 0 where everything was begun; more where some of it was: the rest is still there; or
   *     {@code -errno}: EAGAIN or EBUSY where the host has no memory for it now, EINTR
   */
  public int enter(CallState state) {
    int count = submission.publish();
    long n =
        Syscall.call(
            state,
            SyscallNumber.IO_URING_ENTER,
            fd.number(),
            count,
            0,
            UringAbi.IORING_ENTER_GETEVENTS,
            0,
            0);
    if (n < 0) {
      return (int) n;
    }
    submission.taken((int) n);
    return submission.unsubmitted();
  }

  /** When nothing is pending. */
  @Override
  public void close() {
    entries.close();
    rings.close();
    fd.close();
  }
}
