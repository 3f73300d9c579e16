package io.jvmm.boot.elf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes small ELF kernels for tests: the header, the program headers right behind it, and content
 * where a test puts it. Written from the System V ABI, not from the code under test.
 */
public final class TestElf {
  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;

  private record Segment(int type, long offset, long gpa, long fileSize, long memorySize) {}

  private final List<Segment> segments = new ArrayList<>();
  private final byte[] content;
  private long entry = 0x10_0000;

  /** A file of so many bytes. */
  public TestElf(int size) {
    content = new byte[size];
  }

  /** One page of code at 1 MiB, its entry point at its beginning: the smallest good kernel. */
  public static TestElf minimal() {
    return new TestElf(0x2000).load(0x1000, 0x10_0000, 0x1000, 0x1000);
  }

  /** Sets e_entry. */
  public TestElf entry(long address) {
    entry = address;
    return this;
  }

  /** Adds a PT_LOAD. */
  public TestElf load(long offset, long gpa, long fileSize, long memorySize) {
    segments.add(new Segment(1, offset, gpa, fileSize, memorySize));
    return this;
  }

  /** Adds a PT_NOTE over bytes of the file. */
  public TestElf notes(long offset, byte[] notes) {
    segments.add(new Segment(4, offset, 0, notes.length, notes.length));
    return put((int) offset, notes);
  }

  /** Adds a PT_NOTE that claims a size. */
  public TestElf notes(long offset, long size) {
    segments.add(new Segment(4, offset, 0, size, size));
    return this;
  }

  /** Puts bytes at a place of the file. */
  public TestElf put(int offset, byte... bytes) {
    System.arraycopy(bytes, 0, content, offset, bytes.length);
    return this;
  }

  /** Fills a part of the file. */
  public TestElf fill(int from, int to, int value) {
    for (int i = from; i < to; i++) {
      content[i] = (byte) value;
    }
    return this;
  }

  /** One note, padded as the ABI says. */
  public static byte[] note(String owner, int type, byte[] value) {
    int ownerSize = owner.length() + 1;
    ByteBuffer out =
        ByteBuffer.allocate(12 + padded(ownerSize) + padded(value.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(ownerSize).putInt(value.length).putInt(type);
    for (int i = 0; i < owner.length(); i++) {
      out.put((byte) owner.charAt(i));
    }
    out.put(12 + padded(ownerSize), value);
    return out.array();
  }

  private static int padded(int size) {
    return (size + 3) / 4 * 4;
  }

  /** Eight bytes, little-endian. */
  public static byte[] le64(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** The file's bytes. */
  public byte[] bytes() {
    ByteBuffer out = ByteBuffer.wrap(content.clone()).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
    out.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1);
    out.putLong(24, entry).putLong(32, HEADER_SIZE);
    out.putShort(52, (short) HEADER_SIZE).putShort(54, (short) PROGRAM_HEADER_SIZE);
    out.putShort(56, (short) segments.size());
    int at = HEADER_SIZE;
    for (Segment segment : segments) {
      out.putInt(at, segment.type).putLong(at + 8, segment.offset).putLong(at + 24, segment.gpa);
      out.putLong(at + 32, segment.fileSize).putLong(at + 40, segment.memorySize);
      at += PROGRAM_HEADER_SIZE;
    }
    return out.array();
  }

  /** Writes the file. */
  public String write(Path directory) {
    return write(directory, bytes());
  }

  /** Writes bytes to a file of the directory, in place of what was there. */
  public static String write(Path directory, byte[] bytes) {
    try {
      Path file = directory.resolve("kernel");
      Files.deleteIfExists(file); // ext4 flushes a file that is cut and written again
      Files.write(file, bytes);
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
