package io.jvmm.devices.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GreetingTest {
  private static long port(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return Greeting.port(MemorySegment.ofArray(bytes), bytes.length);
  }

  @Test
  void aLineAsksForAPort() {
    assertEquals(52, port("CONNECT 52\n"));
    assertEquals(52, port("connect 52\n"));
    assertEquals(52, port("Connect 52\r\n"));
    assertEquals(0xffff_ffffL, port("CONNECT 4294967295\r\n"));
    assertEquals(0, port("CONNECT 0\n"));
    assertEquals(7, port("CONNECT 7\nwhat comes behind"));
  }

  @Test
  void aLineWithoutItsEndIsWaitedFor() {
    assertEquals(Greeting.MORE, port(""));
    assertEquals(Greeting.MORE, port("C"));
    assertEquals(Greeting.MORE, port("CONNECT 52"));
  }

  @Test
  void anythingElseIsWrongAsSoonAsItIsSeen() {
    assertEquals(Greeting.WRONG, port("GET / HTTP"));
    assertEquals(Greeting.WRONG, port("X"));
    assertEquals(Greeting.WRONG, port("\n"));
    assertEquals(Greeting.WRONG, port("CONNECT\n"));
    assertEquals(Greeting.WRONG, port("CONNECT \n"));
    assertEquals(Greeting.WRONG, port("CONNECT 1x\n"));
    assertEquals(Greeting.WRONG, port("CONNECT -1\n"));
    assertEquals(Greeting.WRONG, port("CONNECT 4294967296\n"));
    assertEquals(Greeting.WRONG, port("CONNECT 99999999999\n"));
    assertEquals(Greeting.WRONG, port("CONNECT 000000000000"), "longer than any line");
  }

  @Test
  void noiseIsNeverAPortThatNobodyHasWritten() {
    Random random = new Random(3);
    byte[] bytes = new byte[Greeting.MAX];
    for (int i = 0; i < 5000; i++) {
      random.nextBytes(bytes);
      int count = random.nextInt(bytes.length + 1);
      long port = Greeting.port(MemorySegment.ofArray(bytes), count);
      assertTrue(port < 0);
    }
  }
}
