package io.jvmm.host.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.host.socket.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChildProcessTest {
  private static final int HANG_MILLIS = 60_000;

  private final CallState state = CallState.current();
  private final Arena arena = Arena.ofConfined();
  private final Socket[] pair = Socket.pair("test");

  @AfterEach
  void close() {
    pair[0].close();
    pair[1].close();
    arena.close();
  }

  private ChildProcess shell(String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(List.of(arguments));
    return ChildProcess.start(command, pair[1].fd());
  }

  @Test
  void theProgramSpeaksOverWhatItInherits() {
    try (ChildProcess child = shell("read x <&3; echo \"$1 $x\" >&3", "got")) {
      pair[1].close();
      MemorySegment text = arena.allocateFrom("word\n");
      assertEquals(5, pair[0].trySend(state, text.address(), 5));
      assertEquals("got word\n", received());
      assertEquals("", received(), "an end where the program has ended");
      assertEquals(0, child.awaitExit());
    }
  }

  private String received() {
    MemorySegment buffer = arena.allocate(64);
    assertTrue(pair[0].awaitReadable(state, HANG_MILLIS));
    long n = pair[0].tryReceive(state, buffer.address(), 64);
    return new String(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  @Test
  void whatItPrintsAsErrorIsReadToItsEnd() {
    try (ChildProcess child = shell("echo one >&2; echo never; echo two >&2; exit 3")) {
      assertEquals("one\ntwo\n", child.readErrors(HANG_MILLIS));
      assertEquals(3, child.awaitExit());
      assertEquals(3, child.awaitExit(), "again");
    }
  }

  @Test
  void moreErrorsThanAnybodyReadsAreForgotten() {
    try (ChildProcess child = shell("head -c 1000000 /dev/zero >&2; exit 0")) {
      assertEquals(8192, child.readErrors(HANG_MILLIS).length());
      child.awaitExit();
    }
  }

  @Test
  void itHasNoOtherDescriptorOfOurs() {
    try (ChildProcess child = shell("exec ls /proc/self/fd >&2")) {
      // The last is the folder's that ls reads.
      assertEquals("0\n1\n2\n3\n4\n", child.readErrors(HANG_MILLIS));
      assertEquals(0, child.awaitExit());
    }
  }

  @Test
  void noSignalIsBlockedOrIgnoredAndItHasItsOwnSession() {
    // Builtins alone: while the shell starts a program, it blocks signals of its own accord.
    String script =
        """
        while read -r line; do
          case $line in SigBlk*|SigIgn*) echo "$line" >&2;; esac
        done < /proc/$$/status
        read -r pid name state parent group session rest < /proc/$$/stat
        echo $session >&2
        """;
    try (ChildProcess child = shell(script)) {
      String printed = child.readErrors(HANG_MILLIS);
      String zeroes = ":\t0000000000000000\n";
      assertEquals("SigBlk" + zeroes + "SigIgn" + zeroes + child.pid() + "\n", printed);
      assertEquals(0, child.awaitExit());
    }
  }

  @Test
  void whatItInheritsWaitsAsProgramsExpect() {
    try (ChildProcess child = shell("exec cat <&3 >&2")) {
      pair[1].close();
      MemorySegment text = arena.allocateFrom("late\n");
      assertEquals(5, pair[0].trySend(state, text.address(), 5));
      pair[0].close();
      assertEquals("late\n", child.readErrors(HANG_MILLIS));
      assertEquals(0, child.awaitExit());
    }
  }

  @Test
  void aProgramThatIsNotThereIsSaidAtOnce() {
    SyscallException refused =
        assertThrows(
            SyscallException.class,
            () -> ChildProcess.start(List.of("no-such-program-here"), pair[1].fd()));
    assertTrue(refused.is(Errno.ENOENT), refused::toString);
    assertEquals("no-such-program-here", refused.on());
  }

  @Test
  void oneThatDoesNotEndIsEnded() {
    ChildProcess child = shell("exec sleep 1000");
    int pid = child.pid();
    child.close();
    assertEquals(128 + 9, child.awaitExit());
    assertFalse(Files.exists(Path.of("/proc/" + pid)));
  }

  @Test
  void oneThatGoesOnWithItsErrorsOpenIsNotWaitedForLongerThanAsked() {
    try (ChildProcess child = shell("exec sleep 1000")) {
      SyscallException late = assertThrows(SyscallException.class, () -> child.readErrors(1));
      assertTrue(late.is(Errno.ETIMEDOUT), late::toString);
    }
  }
}
