package io.jvmm.vmm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {
  private static final String WAIT = "wait";

  @TempDir Path folder = Path.of("");

  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch mayGoOn = new CountDownLatch(1);

  private Path path() {
    return folder.resolve("s");
  }

  private ControlServer serve() {
    ControlServer server = ControlServer.listen(path().toString(), "test control", this::echo);
    server.start();
    return server;
  }

  /** Answers a line with itself; one of them when it may. */
  private String echo(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    if (text.equals(WAIT)) {
      waiting.countDown();
      try {
        mayGoOn.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return "<" + text + ">";
  }

  @Test
  void everyLineIsAnsweredInItsOrderHoweverItComes() throws IOException {
    try (ControlServer server = serve();
        TestClient client = new TestClient(path())) {
      client.send("a\nb\r\n\n  \nc");
      assertEquals("<a>", client.line());
      assertEquals("<b>", client.line());
      assertEquals("<  >", client.line());
      for (byte b : "d e\n".getBytes(StandardCharsets.UTF_8)) {
        client.send(new byte[] {b});
      }
      assertEquals("<cd e>", client.line());
      assertNotNull(server);
    }
  }

  @Test
  void aLineWithoutAnEndIsNotExecuted() throws IOException {
    try (ControlServer server = serve();
        TestClient client = new TestClient(path())) {
      client.send("a\nkill").finish();
      assertEquals("<a>", client.line());
      assertEquals(
          "{\"error\":{\"class\":\"BadRequest\",\"desc\":\"the line has no end\"}}", client.line());
      assertNull(client.line());
      assertNotNull(server);
    }
  }

  @Test
  void aLineWithoutALimitIsToldAndLetGo() throws IOException {
    try (ControlServer server = serve();
        TestClient client = new TestClient(path())) {
      client.send("x".repeat(LineBuffer.LINE_MAX + 1));
      assertTrue(String.valueOf(client.line()).contains("at most 4096 bytes"));
      assertNull(client.line());
      assertNotNull(server);
    }
  }

  @Test
  void aClientThatWaitsHoldsNobodyElseUp() throws Exception {
    try (ControlServer server = serve();
        TestClient slow = new TestClient(path());
        TestClient quick = new TestClient(path())) {
      slow.send(WAIT + "\n");
      waiting.await();
      assertEquals("<b>", quick.send("b\n").line());
      mayGoOn.countDown();
      assertEquals("<wait>", slow.line());
      assertNotNull(server);
    }
  }

  @Test
  void clientsBeyondTheLimitAreToldSo() throws Exception {
    List<TestClient> clients = new ArrayList<>();
    try (ControlServer server = serve()) {
      for (int i = 0; i < ControlServer.CLIENTS_MAX; i++) {
        TestClient client = new TestClient(path());
        clients.add(client);
        assertEquals("<" + i + ">", client.send(i + "\n").line());
      }
      try (TestClient extra = new TestClient(path())) {
        assertTrue(String.valueOf(extra.line()).contains("8 clients already"));
        assertNull(extra.line());
      }
      clients.getFirst().finish();
      assertNull(clients.getFirst().line());
      awaitAdmission();
      assertNotNull(server);
    } finally {
      for (TestClient client : clients) {
        client.close();
      }
    }
  }

  /** A place is free a moment after its client has read the end. */
  private void awaitAdmission() throws IOException {
    while (true) {
      try (TestClient client = new TestClient(path())) {
        if ("<x>".equals(client.send("x\n").line())) {
          return;
        }
      } catch (IOException refused) {
        // Sent after it was let go.
      }
    }
  }

  @Test
  void anAnswerOnItsWayArrivesWhenTheServerCloses() throws Exception {
    ControlServer server = serve();
    try (TestClient client = new TestClient(path())) {
      client.send(WAIT + "\n");
      waiting.await();
      Thread closer = new Thread(server::close);
      closer.start();
      mayGoOn.countDown();
      closer.join();
      assertEquals("<wait>", client.line());
      assertNull(client.line());
      assertFalse(Files.exists(path()));
    }
  }

  @Test
  void aClientThatReadsNothingDoesNotHoldTheEndUp() throws Exception {
    ControlServer server = serve();
    try (TestClient client = new TestClient(path())) {
      String line = "y".repeat(LineBuffer.LINE_MAX - 2) + "\n";
      Thread flood =
          new Thread(
              () -> {
                try {
                  while (true) {
                    client.send(line);
                  }
                } catch (IOException closed) {
                  // What ends it.
                }
              });
      flood.start();
      server.close();
      flood.join();
    }
  }

  /** A second at most for all; one by one they would take eight. */
  @Test
  @Timeout(6)
  void answersThatNeverComeAreWaitedForTogether() throws Exception {
    List<TestClient> clients = new ArrayList<>();
    try (ControlServer server = serve()) {
      for (int i = 0; i < ControlServer.CLIENTS_MAX; i++) {
        TestClient client = new TestClient(path());
        clients.add(client);
        assertEquals("<a>", client.send("a\n").line());
        client.send(WAIT + "\n");
      }
      waiting.await();
      assertNotNull(server);
    } finally {
      mayGoOn.countDown();
      for (TestClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void clientsThatAskNothingAreLetGoAtTheEnd() throws Exception {
    ControlServer server = serve();
    try (TestClient idle = new TestClient(path())) {
      assertEquals("<a>", idle.send("a\n").line());
      server.close();
      assertNull(idle.line());
    }
  }

  @Test
  void theSocketIsForItsOwnerAlone() throws Exception {
    try (ControlServer server = serve()) {
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
      assertNotNull(server);
    }
    assertFalse(Files.exists(path()));
  }

  @Test
  void aSocketThatSomebodyListensAtIsNotTaken() throws Exception {
    try (ControlServer server = serve();
        TestClient client = new TestClient(path())) {
      SyscallException e = assertThrows(SyscallException.class, this::serve);
      assertEquals(Errno.EADDRINUSE, e.errno());
      assertEquals("<a>", client.send("a\n").line());
      assertNotNull(server);
    }
  }

  @Test
  void aSocketThatIsLeftOverIsReplaced() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path()));
    }
    assertTrue(Files.exists(path()));
    try (ControlServer server = serve();
        TestClient client = new TestClient(path())) {
      assertEquals("<a>", client.send("a\n").line());
      assertNotNull(server);
    }
  }

  @Test
  void aFileThatIsNoSocketIsNotTouched() throws Exception {
    Files.writeString(path(), "precious");
    SyscallException e = assertThrows(SyscallException.class, this::serve);
    assertEquals(Errno.EEXIST, e.errno());
    assertEquals("precious", Files.readString(path()));
  }

  @Test
  void whatSomebodyElsePutThereMeanwhileStays() throws Exception {
    try (ControlServer server = serve()) {
      Files.delete(path());
      Files.writeString(path(), "another's");
      assertNotNull(server);
    }
    assertEquals("another's", Files.readString(path()));
  }

  @Test
  void aServerThatNeverStartedClosesToo() {
    ControlServer.listen(path().toString(), "test control", this::echo).close();
    assertFalse(Files.exists(path()));
  }

  @Test
  void bytesAtRandomAreSurvived() throws Exception {
    Random random = new Random(1);
    try (ControlServer server = serve()) {
      for (int round = 0; round < 200; round++) {
        byte[] bytes = new byte[random.nextInt(6000)];
        random.nextBytes(bytes);
        try (TestClient client = new TestClient(path())) {
          client.send(bytes);
        } catch (IOException letGo) {
          // A line without an end.
        }
      }
      awaitAdmission();
      assertNotNull(server);
    }
  }
}
