package io.jvmm.vmm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineBufferTest {
  private final LineBuffer buffer = new LineBuffer();

  private List<String> lines(String bytes) {
    List<String> lines = new ArrayList<>();
    for (byte b : bytes.getBytes(StandardCharsets.UTF_8)) {
      byte[] line = buffer.add(b);
      if (line != null) {
        lines.add(new String(line, StandardCharsets.UTF_8));
      }
    }
    return lines;
  }

  @Test
  void linesEndWithANewlineWithOrWithoutACarriageReturn() {
    assertEquals(List.of("one", "two", "", "", "a\rb"), lines("one\ntwo\r\n\n\r\na\rb\nrest"));
    assertTrue(buffer.isInsideLine());
    assertEquals(List.of("rest"), lines("\n"));
    assertFalse(buffer.isInsideLine());
  }

  @Test
  void aLineMayBeAsLongAsTheLimitAndNoLonger() {
    String longest = "x".repeat(LineBuffer.LINE_MAX);
    assertEquals(List.of(longest, longest), lines(longest + "\n" + longest + "\n"));
    assertThrows(ControlException.class, () -> lines(longest + "y"));
  }
}
