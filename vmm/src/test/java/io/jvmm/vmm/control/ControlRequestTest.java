package io.jvmm.vmm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.control.ControlException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlRequestTest {
  private static ControlRequest parse(String line) {
    return ControlRequest.parse(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aCommandAloneIsARequest() {
    ControlRequest request = parse("{\"execute\": \"status\"}");
    assertEquals("status", request.command());
    assertNull(request.id());
    request.arguments().end("status");
  }

  @Test
  void argumentsAreTakenOutByName() {
    ControlArguments arguments =
        parse("{\"arguments\": {\"disk\": \"a\", \"iops\": 500, \"on\": true}, \"execute\": \"x\"}")
            .arguments();
    assertEquals(500, arguments.number("iops"));
    assertNull(arguments.optionalNumber("iops"));
    assertEquals("true", arguments.text("on"));
    ControlException left = assertThrows(ControlException.class, () -> arguments.end("x"));
    assertEquals("x takes no argument disk", left.getMessage());
    assertEquals("a", arguments.text("disk"));
    arguments.end("x");
    assertThrows(ControlException.class, () -> arguments.text("disk"));
    assertThrows(ControlException.class, () -> arguments.number("disk"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "1.5",
        "1e3",
        "9223372036854775808",
        "\"many\"",
        "true",
        "\"\"",
        "\"K\"",
        "\"1KB\"",
        "\"8388608T\""
      })
  void aNumberIsWholeAndNotNegative(String value) {
    ControlArguments arguments =
        parse("{\"execute\": \"x\", \"arguments\": {\"n\": " + value + "}}").arguments();
    ControlException e = assertThrows(ControlException.class, () -> arguments.number("n"));
    assertEquals(Kind.BAD_ARGUMENT, e.kind());
  }

  @Test
  void aNumberMayHaveAUnit() {
    ControlArguments arguments =
        parse("{\"execute\":\"x\",\"arguments\":{\"k\":\"3K\",\"t\":\"2T\",\"z\":\"0\"}}")
            .arguments();
    assertEquals(3072, arguments.number("k"));
    assertEquals(2L << 40, arguments.number("t"));
    assertEquals(0, arguments.number("z"));
  }

  @Test
  void anIdIsRepeatedAsItWasWritten() {
    assertEquals("7.50", parse("{\"execute\": \"x\", \"id\": 7.50}").id());
    assertEquals("\"a\\\"b\"", parse("{\"execute\": \"x\", \"id\": \"a\\\"b\"}").id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status",
        "[]",
        "{}",
        "{\"execute\": 1}",
        "{\"execute\": \"a\", \"execute\": \"b\"}",
        "{\"execute\": \"a\"} {\"execute\": \"b\"}",
        "{\"execute\": \"a\", \"argument\": {}}",
        "{\"execute\": \"a\", \"arguments\": []}",
        "{\"execute\": \"a\", \"arguments\": {\"x\": null}}",
        "{\"execute\": \"a\", \"arguments\": {\"x\": {}}}",
        "{\"execute\": \"a\", \"arguments\": {\"x\": 1, \"x\": 2}}",
        "{\"execute\": \"a\", \"id\": {}}",
        "{\"execute\": \"a\", \"id\": 1, \"id\": 2}",
        "{\"execute\": \"a\"",
        "\u0000"
      })
  void whatIsNoRequestIsRefused(String line) {
    ControlException e = assertThrows(ControlException.class, () -> parse(line));
    assertEquals(Kind.BAD_REQUEST, e.kind());
  }

  @Test
  void argumentsAreFew() {
    StringBuilder many = new StringBuilder("{\"execute\": \"a\", \"arguments\": {\"x\": 1");
    for (int i = 0; i < 100; i++) {
      many.append(", \"x").append(i).append("\": 1");
    }
    assertThrows(ControlException.class, () -> parse(many + "}}"));
  }

  /** Random changes to a good line are a request or refused, never anything else. */
  @Test
  void damagedLinesAreReadOrRefused() {
    String good = "{\"execute\": \"disk-resize\", \"arguments\": {\"disk\": \"a\"}, \"id\": 12}";
    String letters = "{}[]\",:\\u0123456789-.ten \u0000é";
    Random random = new Random(3);
    int refused = 0;
    for (int round = 0; round < 5000; round++) {
      StringBuilder line = new StringBuilder(good);
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        char letter = letters.charAt(random.nextInt(letters.length()));
        int at = random.nextInt(line.length());
        switch (random.nextInt(3)) {
          case 0 -> line.deleteCharAt(at);
          case 1 -> line.insert(at, letter);
          default -> line.setCharAt(at, letter);
        }
      }
      try {
        parse(line.toString());
      } catch (ControlException e) {
        refused++;
      }
    }
    assertTrue(refused > 2500, "refused: " + refused);
  }

  @Test
  void randomBytesAreRefused() {
    Random random = new Random(4);
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      assertThrows(ControlException.class, () -> ControlRequest.parse(bytes));
    }
  }
}
