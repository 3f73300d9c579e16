package io.jvmm.vmm.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * A pull reader for JSON (RFC 8259), strict: the caller asks for what it expects, and anything else
 * is an error with its place. Small enough to read a configuration before the first guest
 * instruction, strict and bounded enough for what strangers send.
 *
 * <p>Threads: belongs to one thread.
 */
public final class JsonReader {
  /** Nobody configures a machine with more; hostile files are bounded by it. */
  public static final int BYTES_MAX = 1 << 20;

  /** Brackets and braces that may be open at once. */
  public static final int DEPTH_MAX = 16;

  /** What comes next. */
  public enum Kind {
    /** {@link #beginObject}. */
    OBJECT,
    /** {@link #beginArray}. */
    ARRAY,
    /** {@link #string}. */
    STRING,
    /** {@link #number}. */
    NUMBER,
    /** {@link #bool}. */
    BOOLEAN,
    /** {@link #nul}. */
    NULL
  }

  /** Stands for "nothing more"; no grammar has this character, so in a text it is an error too. */
  private static final char END = '\uFFFF';

  private final String file;
  private final String text;
  private int at;
  private int depth;

  /** Whether a value stands before {@link #at} in the innermost object or array. */
  private boolean afterValue;

  private JsonReader(String file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Reads from bytes, which have to be UTF-8.
   *
   * @param file its name, for errors
   * @throws JsonException where they are not, or are too many
   */
  public static JsonReader of(String file, byte[] bytes) {
    if (bytes.length > BYTES_MAX) {
      throw new JsonException(file + ": larger than " + BYTES_MAX + " bytes");
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return new JsonReader(file, text);
    } catch (CharacterCodingException e) {
      throw new JsonException(file + ": not UTF-8");
    }
  }

  /** Where the next token begins: {@code vm.json:3:10}. */
  public String place() {
    skipSpace();
    return placeOf(at);
  }

  private String placeOf(int index) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < index; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return file + ":" + line + ":" + (index - lineStart + 1);
  }

  /** An error at the next token. */
  public JsonException error(String what) {
    return new JsonException(place() + ": " + what);
  }

  private JsonException errorAt(int index, String what) {
    return new JsonException(placeOf(index) + ": " + what);
  }

  /** What kind of value comes next. */
  public Kind peek() {
    return switch (next()) {
      case '{' -> Kind.OBJECT;
      case '[' -> Kind.ARRAY;
      case '"' -> Kind.STRING;
      case 't', 'f' -> Kind.BOOLEAN;
      case 'n' -> Kind.NULL;
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> Kind.NUMBER;
      case END -> throw error("the text ends where a value is expected");
      default -> throw error("a value is expected");
    };
  }

  /** Enters an object. */
  public void beginObject() {
    open('{', "an object");
  }

  /** Enters an array. */
  public void beginArray() {
    open('[', "a list");
  }

  private void open(char bracket, String what) {
    if (next() != bracket) {
      throw error(what + " is expected");
    }
    if (depth == DEPTH_MAX) {
      throw error("nested more than " + DEPTH_MAX + " deep");
    }
    at++;
    depth++;
    afterValue = false;
  }

  /**
   * The next member's name, or the object's end.
   *
   * @return false at the end, which is then passed
   */
  public boolean hasNextMember() {
    return hasNext('}');
  }

  /** Whether the array has another element; its end is passed. */
  public boolean hasNextElement() {
    return hasNext(']');
  }

  private boolean hasNext(char end) {
    char c = next();
    if (c == end) {
      at++;
      depth--;
      afterValue = true;
      return false;
    }
    if (afterValue) {
      if (c != ',') {
        throw error("',' or '" + end + "' is expected");
      }
      at++;
      afterValue = false;
      if (next() == end) {
        throw error("a value is expected after ','");
      }
    }
    return true;
  }

  /** A member's name and its colon. */
  public String name() {
    if (next() != '"') {
      throw error("a name in quotes is expected");
    }
    String name = readString();
    if (next() != ':') {
      throw error("':' is expected");
    }
    at++;
    return name;
  }

  /** A string. */
  public String string() {
    if (next() != '"') {
      throw error("a string is expected");
    }
    String value = readString();
    afterValue = true;
    return value;
  }

  /** True or false. */
  public boolean bool() {
    boolean value = next() == 't';
    word(value ? "true" : "false", "true or false is expected");
    return value;
  }

  /** Null. */
  public void nul() {
    word("null", "null is expected");
  }

  private void word(String word, String expected) {
    skipSpace();
    if (!text.startsWith(word, at)) {
      throw error(expected);
    }
    at += word.length();
    afterValue = true;
  }

  /** A number, as it is written. */
  public String number() {
    skipSpace();
    int start = at;
    if (peekChar() == '-') {
      at++;
    }
    if (peekChar() == '0') {
      at++;
    } else {
      digits(start);
    }
    if (peekChar() == '.') {
      at++;
      digits(start);
    }
    if (peekChar() == 'e' || peekChar() == 'E') {
      at++;
      if (peekChar() == '+' || peekChar() == '-') {
        at++;
      }
      digits(start);
    }
    if (isDigit(peekChar())) {
      throw errorAt(start, "a number does not begin with 0");
    }
    afterValue = true;
    return text.substring(start, at);
  }

  private void digits(int start) {
    if (!isDigit(peekChar())) {
      throw errorAt(start, "a number is expected");
    }
    while (isDigit(peekChar())) {
      at++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Any value, as it is written. */
  public String raw() {
    skipSpace();
    int start = at;
    skip();
    return text.substring(start, at);
  }

  private void skip() {
    switch (peek()) {
      case OBJECT -> {
        beginObject();
        while (hasNextMember()) {
          name();
          skip();
        }
      }
      case ARRAY -> {
        beginArray();
        while (hasNextElement()) {
          skip();
        }
      }
      case STRING -> string();
      case NUMBER -> number();
      case BOOLEAN -> bool();
      case NULL -> nul();
    }
  }

  /** Makes sure that nothing follows. */
  public void end() {
    skipSpace();
    if (at < text.length()) {
      throw error("nothing is expected after the value");
    }
  }

  private String readString() {
    int start = at;
    at++;
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = peekChar();
      if (c == '"') {
        at++;
        return value.toString();
      }
      if (at >= text.length()) {
        throw errorAt(start, "the string does not end");
      }
      if (c < ' ') {
        throw errorAt(at, "a control character has to be written as \\u" + hex4(c));
      }
      at++;
      value.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() {
    int start = at - 1;
    char c = peekChar();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode(start);
      default -> throw errorAt(start, "no such escape");
    };
  }

  private char unicode(int start) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(peekChar(), 16);
      if (digit < 0 || peekChar() > 'f') {
        throw errorAt(start, "four hexadecimal digits are expected after \\u");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  private static String hex4(char c) {
    String digits = Integer.toHexString(c);
    return "0".repeat(4 - digits.length()) + digits;
  }

  private char next() {
    skipSpace();
    return peekChar();
  }

  private char peekChar() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return;
      }
      at++;
    }
  }
}
