package io.jvmm.vmm.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
  private static JsonReader reader(String text) {
    return JsonReader.of("f", text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads any value whole, and writes what it saw. */
  private static String readAll(String text) {
    JsonReader json = reader(text);
    StringBuilder seen = new StringBuilder();
    value(json, seen);
    json.end();
    return seen.toString();
  }

  private static void value(JsonReader json, StringBuilder seen) {
    switch (json.peek()) {
      case OBJECT -> {
        json.beginObject();
        seen.append('{');
        while (json.hasNextMember()) {
          seen.append(json.name()).append(':');
          value(json, seen);
          seen.append(';');
        }
        seen.append('}');
      }
      case ARRAY -> {
        json.beginArray();
        seen.append('[');
        while (json.hasNextElement()) {
          value(json, seen);
          seen.append(';');
        }
        seen.append(']');
      }
      case STRING -> seen.append(json.string());
      case NUMBER -> seen.append(json.number());
      case BOOLEAN -> seen.append(json.bool());
      case NULL -> {
        json.nul();
        seen.append("null");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                            | {}",
        "[]                            | []",
        " { \"a\" : 1 , \"b\":[true,false,null] }  | {a:1;b:[true;false;null;];}",
        "{\"a\":{\"b\":{\"c\":[]}}}    | {a:{b:{c:[];};};}",
        "[[],[[]]]                     | [[];[[];];]",
        "\"x\"                         | x",
        "-0.5e+10                      | -0.5e+10",
        "[0,-1,10,1.25,1E9,2e-3]       | [0;-1;10;1.25;1E9;2e-3;]",
        "\"\\\"\\\\\\/\\u0041\\u00e9\" | \"\\/Aé",
      })
  void everyFormOfTheGrammarIsRead(String text, String seen) {
    assertEquals(seen, readAll(text));
  }

  @Test
  void escapesOfControlCharactersAreRead() {
    assertEquals("\b\f\n\r\t\0\uD83D\uDE00", readAll("\"\\b\\f\\n\\r\\t\\u0000\\uD83D\\uDE00\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "}",
        "]",
        "{]",
        "[}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1}}",
        "{} {}",
        "[1],",
        "tru",
        "True",
        "nul",
        "nan",
        "01",
        "-",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "1.2.3",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u\"",
        "\"a\nb\"",
        "\"\t\"",
        "// c\n{}",
        "{}\uFFFF",
        "\uFFFF",
        "\uFEFF{}",
        "\"\\uＡＢＣＤ\"",
        "[1e5",
        "[\"a\",",
        "{\"a\":[}"
      })
  void whatIsNotJsonIsRefusedWithItsPlace(String text) {
    JsonException e = assertThrows(JsonException.class, () -> readAll(text));
    assertTrue(String.valueOf(e.getMessage()).matches("f:\\d+:\\d+: .+"), e::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":[1, {}],\"b\":null}", "[]", "\"x\\n\"", "-1.5e3", "true"})
  void aValueCanBeTakenAsItIsWritten(String value) {
    JsonReader json = reader("{\"v\": " + value + " , \"w\": 2}");
    json.beginObject();
    assertTrue(json.hasNextMember());
    assertEquals("v", json.name());
    assertEquals(value, json.raw());
    assertTrue(json.hasNextMember());
    assertEquals("w", json.name());
    assertEquals("2", json.raw());
    assertFalse(json.hasNextMember());
    json.end();
  }

  @Test
  void anErrorNamesLineAndColumn() {
    JsonException e =
        assertThrows(JsonException.class, () -> readAll("{\n  \"a\": 1,\n  \"b\" 2\n}"));
    assertEquals("f:3:7: ':' is expected", e.getMessage());
  }

  @Test
  void nestingIsBounded() {
    String deepest = "[".repeat(JsonReader.DEPTH_MAX) + "]".repeat(JsonReader.DEPTH_MAX);
    assertEquals(
        "[".repeat(JsonReader.DEPTH_MAX) + "];".repeat(JsonReader.DEPTH_MAX - 1) + "]",
        readAll(deepest));
    assertThrows(JsonException.class, () -> readAll("[" + deepest + "]"));
  }

  @Test
  void sizeIsBounded() {
    byte[] large = new byte[JsonReader.BYTES_MAX + 1];
    assertThrows(JsonException.class, () -> JsonReader.of("f", large));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x80, 0xC0, 0xFF, 0xED})
  void bytesThatAreNotUtf8AreRefused(int bad) {
    byte[] bytes = {'"', (byte) bad, '"'};
    JsonException e = assertThrows(JsonException.class, () -> JsonReader.of("f", bytes));
    assertEquals("f: not UTF-8", e.getMessage());
  }

  @Test
  void askingForAnotherKindIsAnError() {
    assertThrows(JsonException.class, () -> reader("1").string());
    assertThrows(JsonException.class, () -> reader("\"1\"").number());
    assertThrows(JsonException.class, () -> reader("null").bool());
    assertThrows(JsonException.class, () -> reader("[]").beginObject());
    assertFalse(reader("false").bool());
  }

  /** Random changes to a good text are read or refused, never anything else. */
  @Test
  void damagedTextsAreReadOrRefused() {
    String good = "{\"a\": [1, -2.5e3, true, null, \"x\\n\\u00e9\"], \"b\": {\"c\": \"\\\\\"}}";
    String letters = "{}[]\",:\\u0123456789eE+-.tfn \n\u0001é";
    Random random = new Random(42);
    int refused = 0;
    for (int round = 0; round < 5000; round++) {
      StringBuilder text = new StringBuilder(good);
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, letters.charAt(random.nextInt(letters.length())));
          default -> text.setCharAt(at, letters.charAt(random.nextInt(letters.length())));
        }
      }
      try {
        readAll(text.toString());
      } catch (JsonException e) {
        refused++;
        assertTrue(String.valueOf(e.getMessage()).startsWith("f:"), e::getMessage);
      }
    }
    assertTrue(refused > 2500 && refused < 5000, "refused: " + refused);
  }

  @Test
  void randomBytesAreReadOrRefused() {
    Random random = new Random(7);
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      try {
        StringBuilder seen = new StringBuilder();
        JsonReader json = JsonReader.of("f", bytes);
        value(json, seen);
        json.end();
      } catch (JsonException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("f:"), e::getMessage);
      }
    }
  }
}
