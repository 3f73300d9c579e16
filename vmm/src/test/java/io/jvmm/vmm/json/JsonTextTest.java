package io.jvmm.vmm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonTextTest {
  @Test
  void membersAndElementsAreSeparated() {
    JsonText inner = new JsonText().beginArray().value(1).value("x").endArray();
    assertEquals(
        "{\"a\":{},\"b\":[1,\"x\"],\"c\":true,\"d\":1.50}",
        new JsonText()
            .beginObject()
            .name("a")
            .beginObject()
            .endObject()
            .name("b")
            .json(inner)
            .name("c")
            .value(true)
            .name("d")
            .number("1.50")
            .endObject()
            .toString());
  }

  @Test
  void controlCharactersAreEscaped() {
    assertEquals("\"a\\u000a\\u001f\\\\é\"", new JsonText().value("a\n\u001f\\é").toString());
  }
}
