package io.jvmm.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.host.SyscallException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineAssemblerTest {
  private final List<String> lines = new ArrayList<>();
  private final LineAssembler assembler =
      new LineAssembler(
          new ConsoleListener() {
            @Override
            public void line(String text) {
              lines.add(text);
            }

            @Override
            public void quit() {}

            @Override
            public void outputFailed(SyscallException cause) {}
          });

  private void add(String text) {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      assembler.add(b);
    }
  }

  @Test
  void linesComeWithoutTheirEnds() {
    add("[    0.000000] Linux version\r\n\r\nlogin: ");
    assertEquals(List.of("[    0.000000] Linux version", ""), lines);
    assembler.finish();
    assembler.finish();
    assertEquals("login: ", lines.getLast());
    assertEquals(3, lines.size());
  }

  @Test
  void anEndlessLineIsCut() {
    add("x".repeat(3 * LineAssembler.LINE_MAX));
    assertEquals(List.of(), lines);
    add("\nnext\n");
    assertEquals(List.of("x".repeat(LineAssembler.LINE_MAX), "next"), lines);
  }
}
