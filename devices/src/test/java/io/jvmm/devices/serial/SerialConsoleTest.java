package io.jvmm.devices.serial;

import static io.jvmm.devices.serial.SerialRegister.*;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.devices.io.IoLoop;
import io.jvmm.host.Errno;
import io.jvmm.host.Fd;
import io.jvmm.host.SyscallException;
import io.jvmm.host.file.InheritedStream;
import io.jvmm.host.file.OpenFile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest at the chip, real descriptors at the other end. */
@Timeout(60)
class SerialConsoleTest {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final Semaphore interrupts = new Semaphore(0);
  private final IoLoop loop =
      IoLoop.start("io-test", (what, cause) -> failures.add(what + ": " + cause));
  private final SerialLine line = SerialLine.open("test line");
  private final Serial serial = new Serial(line, state -> interrupts.release());
  private @Nullable SerialConsole console;

  private final ConsoleListener listener =
      new ConsoleListener() {
        @Override
        public void line(String text) {
          heard.add(text);
        }

        @Override
        public void quit() {
          heard.add("quit");
        }

        @Override
        public void outputFailed(SyscallException cause) {
          heard.add("failed: " + Errno.symbol(cause.errno()));
        }
      };

  @AfterEach
  void close() {
    if (console != null) {
      console.close(0);
    }
    loop.close();
    line.close();
    assertTrue(failures.isEmpty(), failures.toString());
  }

  private SerialConsole attach(@Nullable Fd input, @Nullable Fd output, boolean escapes) {
    SerialConsole attached =
        SerialConsole.attach(
            loop,
            line,
            input == null ? null : InheritedStream.reading(input.number(), "stdin"),
            output == null ? null : InheritedStream.writing(output.number(), "stdout"),
            escapes,
            listener);
    console = attached;
    return attached;
  }

  private int lineStatus() {
    return serial.read(LSR, 1);
  }

  /** As a polling driver: waits for THRE before each byte. */
  private void print(String text) {
    for (byte b : text.getBytes(ISO_8859_1)) {
      while (!hasRoom()) {
        Thread.onSpinWait();
      }
      serial.write(RBR_THR_DLL, 1, b);
    }
  }

  /**
   * Until the pipe is full and the ring too. The ring is looked at after the pipe: one that was
   * full before may be what has filled the pipe.
   */
  private void fill(Channel pipe) {
    boolean full = false;
    while (!full) {
      if (hasRoom()) {
        serial.write(RBR_THR_DLL, 1, 'x');
      } else {
        boolean pipeFull = !pipe.hasRoom();
        loop.invoke(() -> {});
        full = pipeFull && !hasRoom();
      }
    }
  }

  private boolean hasRoom() {
    return (lineStatus() & LSR_THRE) != 0;
  }

  /** As a polling driver. */
  private byte[] receive(int length) {
    serial.write(MCR, 1, MCR_RTS);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      while ((lineStatus() & LSR_DR) == 0) {
        Thread.onSpinWait();
      }
      bytes[i] = (byte) serial.read(RBR_THR_DLL, 1);
    }
    return bytes;
  }

  private static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static Thread inBackground(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  // Output.

  @Test
  void whatTheGuestPrintsReachesAPipe() {
    try (Channel pipe = Channel.pipe()) {
      attach(null, pipe.second(), false);
      print("Hello, world\r\n");
      assertEquals("Hello, world\r\n", new String(Channel.read(pipe.first(), 14), ISO_8859_1));
    }
  }

  @Test
  void linesAreHeardAlsoWithoutAStream() throws Exception {
    attach(null, null, false);
    print("[    0.000000] Linux version 6.1\r\nunfinished");
    assertEquals("[    0.000000] Linux version 6.1", heard.take());
    console().close();
    assertEquals("unfinished", heard.take());
  }

  private SerialConsole console() {
    if (console == null) {
      throw new AssertionError("nothing attached");
    }
    return console;
  }

  @Test
  void outputGoesOnWhereAFileEnds(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("log");
    try (OpenFile file = OpenFile.create(path.toString())) {
      Channel.write(file.fd(), "before\n".getBytes(ISO_8859_1));
      attach(null, file.fd(), false);
      print("guest\n");
      console().close();
      Channel.write(file.fd(), "after\n".getBytes(ISO_8859_1));
    }
    assertEquals("before\nguest\nafter\n", Files.readString(path));
  }

  @Test
  void aReaderWhoIsSlowMakesTheGuestWaitAndLosesNothing() throws Exception {
    byte[] text = noise(300_000); // more than the ring and a pipe hold
    try (Channel pipe = Channel.pipe()) {
      attach(null, pipe.second(), false);
      Thread guest = inBackground(() -> print(new String(text, ISO_8859_1)));
      byte[] start = Channel.read(pipe.first(), 1000);
      byte[] rest = Channel.read(pipe.first(), text.length - 1000);
      guest.join();
      byte[] all = new byte[text.length];
      System.arraycopy(start, 0, all, 0, start.length);
      System.arraycopy(rest, 0, all, start.length, rest.length);
      assertArrayEquals(text, all);
      assertEquals(0, line.droppedBytes());
    }
  }

  @Test
  void aGuestThatDoesNotWaitLosesItsOwnBytesAlone() {
    try (Channel pipe = Channel.pipe()) {
      attach(null, pipe.second(), false);
      int sent = 0;
      while (line.droppedBytes() == 0) { // nobody reads: pipe and ring fill
        serial.write(RBR_THR_DLL, 1, 'x');
        sent++;
      }
      int kept = sent - (int) line.droppedBytes();
      assertEquals(kept, Channel.read(pipe.first(), kept).length);
    }
  }

  @Test
  void aReaderWhoHasGoneIsNoneOfTheGuestsBusiness() throws Exception {
    try (Channel pipe = Channel.pipe()) {
      attach(null, pipe.second(), false);
      pipe.first().close();
      print("x".repeat(3 * SerialLine.OUTPUT_BYTES));
      assertEquals("failed: EPIPE", heard.take());
      print("\nstill here\n");
      while (!heard.take().equals("still here")) {
        // the long line before it
      }
      assertEquals(0, line.droppedBytes());
    }
  }

  @Test
  void aReaderWhoGoesWhileOutputWaitsForHimFreesTheGuest() throws Exception {
    try (Channel pipe = Channel.pipe()) {
      attach(null, pipe.second(), false);
      fill(pipe);
      pipe.second().close(); // the console has its own
      pipe.first().close();
      assertEquals("failed: EPIPE", heard.take());
      print("free");
    }
  }

  @Test
  void closeWritesWhatIsLeft() {
    try (Channel pipe = Channel.pipe()) {
      SerialConsole attached = attach(null, pipe.second(), false);
      print("the last words");
      attached.close();
      attached.close();
      pipe.second().close();
      assertEquals("the last words", new String(Channel.read(pipe.first(), 100), ISO_8859_1));
    }
  }

  @Test
  void closeDoesNotWaitForEverForAReader() {
    try (Channel pipe = Channel.pipe()) {
      SerialConsole attached = attach(null, pipe.second(), false);
      fill(pipe);
      attached.close(20);
    }
  }

  // Input.

  @Test
  void aPasteArrivesWhole() {
    byte[] paste = noise(200_000);
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, false);
      inBackground(() -> Channel.write(pipe.second(), paste));
      assertArrayEquals(paste, receive(paste.length));
    }
  }

  @Test
  void aPasteArrivesWholeAlsoByInterruptsAlone() throws Exception {
    byte[] paste = noise(100_000);
    byte[] got = new byte[paste.length];
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, false);
      serial.write(IIR_FCR, 1, FCR_ENABLE | 2 << FCR_TRIGGER_SHIFT);
      serial.write(IER_DLM, 1, IER_RDI | IER_RLSI);
      inBackground(() -> Channel.write(pipe.second(), paste));
      int count = 0;
      while (count < got.length) {
        interrupts.acquire(); // a driver that sleeps until the edge
        interrupts.drainPermits();
        while ((serial.read(IIR_FCR, 1) & IIR_NO_INT) == 0) {
          while (count < got.length && (lineStatus() & LSR_DR) != 0) {
            got[count++] = (byte) serial.read(RBR_THR_DLL, 1);
          }
          if (count == got.length) {
            break;
          }
        }
      }
      assertArrayEquals(paste, got);
    }
  }

  @Test
  void aDriverThatTakesOneByteAnInterruptIsNotStalled() throws Exception {
    byte[] paste = noise(3_000);
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, false);
      serial.write(IER_DLM, 1, IER_RDI);
      Channel.write(pipe.second(), paste);
      for (int i = 0; i < paste.length; ) {
        interrupts.acquire();
        if ((serial.read(IIR_FCR, 1) & IIR_NO_INT) == 0) {
          assertEquals(paste[i++], (byte) serial.read(RBR_THR_DLL, 1));
        }
      }
    }
  }

  @Test
  void aRegularFileIsReadToItsEnd(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("input");
    byte[] content = noise(50_000);
    Files.write(path, content);
    try (OpenFile file = OpenFile.forReading(path.toString())) {
      attach(file.fd(), null, false);
      assertArrayEquals(content, receive(content.length));
    }
  }

  @Test
  void afterTheEndOfInputTheGuestGoesOn() {
    try (Channel in = Channel.pipe();
        Channel out = Channel.pipe()) {
      attach(in.first(), out.second(), false);
      Channel.write(in.second(), "bye".getBytes(ISO_8859_1));
      in.second().close();
      assertEquals("bye", new String(receive(3), ISO_8859_1));
      print("alone");
      assertEquals("alone", new String(Channel.read(out.first(), 5), ISO_8859_1));
    }
  }

  @Test
  void socketsServeAsStandardInputAndOutput() {
    byte[] paste = noise(50_000);
    try (Channel sockets = Channel.sockets()) {
      attach(sockets.first(), sockets.first(), false);
      inBackground(() -> Channel.write(sockets.second(), paste));
      assertArrayEquals(paste, receive(paste.length));
      print("back");
      assertEquals("back", new String(Channel.read(sockets.second(), 4), ISO_8859_1));
    }
  }

  @Test
  void theShellsDescriptorsStayAsTheyWere() {
    try (Channel in = Channel.pipe();
        Channel out = Channel.pipe();
        Channel sockets = Channel.sockets()) {
      long before = Channel.statusFlags(in.first());
      long beforeOut = Channel.statusFlags(out.second());
      long beforeSocket = Channel.statusFlags(sockets.first());
      attach(in.first(), out.second(), false);
      InheritedStream.reading(sockets.first().number(), "socket").close();
      print("x");
      Channel.read(out.first(), 1);
      assertEquals(before, Channel.statusFlags(in.first()));
      assertEquals(beforeOut, Channel.statusFlags(out.second()));
      assertEquals(beforeSocket, Channel.statusFlags(sockets.first()));
    }
  }

  // The escape.

  @Test
  void theEscapeQuitsAndTheRestIsTheGuests() throws Exception {
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, true);
      Channel.write(pipe.second(), "a\001\001b\001kc\001x".getBytes(ISO_8859_1));
      assertEquals("quit", heard.take());
      assertEquals("a\001b\001kc", new String(receive(6), ISO_8859_1));
    }
  }

  @Test
  void theEscapeShowsHelp() {
    try (Channel in = Channel.pipe();
        Channel out = Channel.pipe()) {
      attach(in.first(), out.second(), true);
      Channel.write(in.second(), "\001h".getBytes(ISO_8859_1));
      int length = ConsoleEscape.HELP.length();
      assertEquals(ConsoleEscape.HELP, new String(Channel.read(out.first(), length), ISO_8859_1));
    }
  }

  @Test
  void withoutEscapesEveryByteIsTheGuests() {
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, false);
      Channel.write(pipe.second(), "\001x".getBytes(ISO_8859_1));
      assertEquals("\001x", new String(receive(2), ISO_8859_1));
    }
  }

  @Test
  void aPasteThatIsAllEscapesFits() {
    String keys = "\001k".repeat(SerialLine.INPUT_BYTES);
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, true);
      inBackground(() -> Channel.write(pipe.second(), keys.getBytes(ISO_8859_1)));
      assertEquals(keys, new String(receive(keys.length()), ISO_8859_1));
    }
  }

  @Test
  void theEscapeIsHeardThoughTheGuestReadsNothing() throws Exception {
    byte[] keys = printable(SerialLine.INPUT_BYTES + ConsoleInput.TYPED_AHEAD_BYTES);
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, true);
      inBackground(
          () -> {
            Channel.write(pipe.second(), keys);
            Channel.write(pipe.second(), "\001x".getBytes(ISO_8859_1));
          });
      assertEquals("quit", heard.take());
      assertArrayEquals(keys, receive(keys.length), "what was typed ahead comes, whole");
    }
  }

  @Test
  void whatIsTypedBeyondAllRoomIsDroppedWithABell() throws Exception {
    int room = SerialLine.INPUT_BYTES + ConsoleInput.TYPED_AHEAD_BYTES;
    byte[] keys = printable(3 * room);
    try (Channel in = Channel.pipe();
        Channel out = Channel.pipe()) {
      attach(in.first(), out.second(), true);
      inBackground(
          () -> {
            Channel.write(in.second(), keys);
            Channel.write(in.second(), "\001x".getBytes(ISO_8859_1));
          });
      assertEquals("quit", heard.take());
      assertEquals(7, Channel.read(out.first(), 1)[0]);
      assertArrayEquals(Arrays.copyOf(keys, room), receive(room));
      Channel.write(in.second(), "then it goes on".getBytes(ISO_8859_1));
      assertEquals("then it goes on", new String(receive(15), ISO_8859_1));
    }
  }

  @Test
  void whatWasTypedAheadArrivesAfterTheEndOfInput() {
    byte[] keys = printable(3 * SerialLine.INPUT_BYTES);
    try (Channel pipe = Channel.pipe()) {
      attach(pipe.first(), null, true);
      Channel.write(pipe.second(), keys);
      pipe.second().close();
      assertArrayEquals(keys, receive(keys.length));
    }
  }

  private static byte[] printable(int length) {
    byte[] bytes = noise(length);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (' ' + (bytes[i] & 0x3F));
    }
    return bytes;
  }

  @Test
  void nothingIsLeftOpen() {
    int before = openDescriptors();
    try (Channel in = Channel.pipe();
        Channel out = Channel.pipe()) {
      SerialConsole attached = attach(in.first(), out.second(), true);
      print("x");
      attached.close();
    }
    assertEquals(before, openDescriptors());
  }

  private static int openDescriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? -1 : names.length;
  }
}
