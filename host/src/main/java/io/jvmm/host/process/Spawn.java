package io.jvmm.host.process;

import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.internal.Fcntl;
import io.jvmm.host.internal.LibcFunction;
import io.jvmm.host.raw.AddressSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * {@code posix_spawn(3)}: libc has the child's side in C, where a process of many threads needs it
 * to be.
 */
final class Spawn {
  static final int FILE_ACTIONS_SIZE = 80; // spawn.h
  static final int ATTRIBUTES_SIZE = 336;
  static final int SETSIGDEF = 0x04;
  static final int SETSIGMASK = 0x08;
  static final int SETSID = 0x80;
  static final int SIGSET_SIZE = 128; // bits/types/__sigset_t.h

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final String CLOSE_FROM = "posix_spawn_file_actions_addclosefrom_np";

  private Spawn() {}

  /** Starts a program; its process. */
  static int start(List<String> command, Fd inherited, Fd errors) {
    // Above all that they become there: no dup2 overwrites one that is still to come.
    try (Fd last = above(inherited);
        Fd lastErrors = above(errors);
        Arena arena = Arena.ofConfined()) {
      Fcntl.setFlags(last, 0); // the program waits in its calls
      MemorySegment actions = arena.allocate(FILE_ACTIONS_SIZE, Long.BYTES);
      MemorySegment attributes = arena.allocate(ATTRIBUTES_SIZE, Long.BYTES);
      check("posix_spawn_file_actions_init", actions.address(), 0, 0);
      try {
        check("posix_spawnattr_init", attributes.address(), 0, 0);
        setDescriptors(arena, actions.address(), last.number(), lastErrors.number());
        setSignals(arena, attributes.address());
        return spawn(arena, command, actions.address(), attributes.address());
      } finally {
        check("posix_spawn_file_actions_destroy", actions.address(), 0, 0);
      }
    }
  }

  private static Fd above(Fd fd) {
    return Fcntl.copyFrom(ChildProcess.INHERITED + 1, fd.number(), fd.role());
  }

  private static void setDescriptors(Arena arena, long actions, int inherited, int errors) {
    long nothing = arena.allocateFrom("/dev/null").address();
    LibcFunction open = LibcFunction.find("posix_spawn_file_actions_addopen");
    check(open.call(actions, STDIN, nothing, Fcntl.O_RDONLY, 0, 0), "open /dev/null");
    check(open.call(actions, STDOUT, nothing, Fcntl.O_WRONLY, 0, 0), "open /dev/null");
    check("posix_spawn_file_actions_adddup2", actions, errors, STDERR);
    check("posix_spawn_file_actions_adddup2", actions, inherited, ChildProcess.INHERITED);
    if (LibcFunction.exists(CLOSE_FROM)) { // since glibc 2.34; all of ours close on exec anyway
      check(CLOSE_FROM, actions, ChildProcess.INHERITED + 1, 0);
    }
  }

  private static void setSignals(Arena arena, long attributes) {
    MemorySegment signals = arena.allocate(SIGSET_SIZE, Long.BYTES);
    check("posix_spawnattr_setsigmask", attributes, signals.address(), 0);
    signals.fill((byte) -1);
    check("posix_spawnattr_setsigdefault", attributes, signals.address(), 0);
    check("posix_spawnattr_setflags", attributes, SETSIGDEF | SETSIGMASK | SETSID, 0);
  }

  private static int spawn(Arena arena, List<String> command, long actions, long attributes) {
    MemorySegment arguments = arena.allocate(ValueLayout.JAVA_LONG, command.size() + 1L);
    for (int i = 0; i < command.size(); i++) {
      long argument = arena.allocateFrom(command.get(i)).address();
      arguments.setAtIndex(ValueLayout.JAVA_LONG, i, argument);
    }
    MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
    // The environment is ours as it is: PATH, and what the program's libraries may need.
    long environment =
        AddressSpace.ALL.get(ValueLayout.JAVA_LONG, LibcFunction.variable("environ"));
    int errno =
        LibcFunction.find("posix_spawnp")
            .call(
                pid.address(),
                arguments.getAtIndex(ValueLayout.JAVA_LONG, 0),
                actions,
                attributes,
                arguments.address(),
                environment);
    if (errno != 0) {
      throw new SyscallException("posix_spawn", command.getFirst(), errno);
    }
    return pid.get(ValueLayout.JAVA_INT, 0);
  }

  private static void check(String function, long a, long b, long c) {
    check(LibcFunction.find(function).call(a, b, c), function);
  }

  /** These functions answer an error number, where they do not answer 0. */
  private static void check(int errno, String function) {
    if (errno != 0) {
      throw new SyscallException(function, "a program to start", errno);
    }
  }
}
