package io.jvmm.vmm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.host.Errno;
import io.jvmm.host.SyscallException;
import io.jvmm.vmm.control.ControlClient.Answer;
import io.jvmm.vmm.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlClientTest {
  @TempDir Path folder = Path.of("");

  private static Answer read(String line) {
    return ControlClient.read(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsReturnedIsTakenAsItIs() {
    assertEquals(new Answer(false, "{\"a\": [1]}"), read("{\"return\": {\"a\": [1]}, \"id\": 3}"));
    assertEquals(
        new Answer(true, "no"), read("{\"error\": {\"class\": \"Refused\", \"desc\": \"no\"}}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "{\"QMP\": {}}", "{\"return\": ", "{\"error\": 1}"})
  void whatIsNoAnswerIsRefused(String line) {
    assertThrows(JsonException.class, () -> read(line));
  }

  @Test
  void aLongAnswerComesWhole() {
    String long_ = "z".repeat(300_000);
    Path path = folder.resolve("s");
    ControlServer server =
        ControlServer.listen(path.toString(), "test", line -> "{\"return\":\"" + long_ + "\"}");
    server.start();
    try (server;
        ControlClient client = ControlClient.connect(path.toString())) {
      assertEquals('"' + long_ + '"', client.ask("x").text());
      assertEquals(300_002, client.ask("y").text().length());
    }
  }

  @Test
  void aMachineThatIsGoneIsAnError() {
    Path path = folder.resolve("s");
    SyscallException none =
        assertThrows(SyscallException.class, () -> ControlClient.connect(path.toString()));
    assertEquals(Errno.ENOENT, none.errno());
    ControlServer server = ControlServer.listen(path.toString(), "test", line -> "{}");
    server.start();
    try (ControlClient client = ControlClient.connect(path.toString())) {
      server.close();
      SyscallException gone = assertThrows(SyscallException.class, () -> client.ask("x"));
      assertTrue(gone.is(Errno.ECONNRESET) || gone.is(Errno.EPIPE), gone::toString);
    }
  }
}
