package io.jvmm.host.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class IpLiteralTest {
  @Test
  void numbersAreReadAsTheJdkReadsThem() throws Exception {
    for (String text :
        new String[] {
          "192.0.2.1",
          "0.0.0.0",
          "255.255.255.255",
          "::",
          "::1",
          "1::",
          "2001:db8::8:800:200c:417a",
          "1:2:3:4:5:6:7:8",
          "FE80::aBcD",
          "::1.2.3.4",
          "64:ff9b::192.0.2.33"
        }) {
      assertArrayEquals(InetAddress.getByName(text).getAddress(), IpLiteral.parse(text), text);
    }
  }

  @Test
  void whatIsNoNumberIsAName() {
    for (String text :
        new String[] {
          "",
          "localhost",
          "1.2.3",
          "1.2.3.4.5",
          "1.2.3.256",
          "1.2.3.",
          "01234.1.1.1",
          "a.b.c.d",
          ":",
          ":::",
          "1:2:3:4:5:6:7",
          "1:2:3:4:5:6:7:8:9",
          "1::2::3",
          "12345::",
          "1:2:3:4:5:6:7:8::",
          "1:",
          "1:2:3:4:5:6:7:",
          "::g",
          "1.2.3.4::",
          "fe80::1%eth0",
          "1:2:3:4:5:6:7:1.2.3.4"
        }) {
      assertNull(IpLiteral.parse(text), text);
    }
  }
}
