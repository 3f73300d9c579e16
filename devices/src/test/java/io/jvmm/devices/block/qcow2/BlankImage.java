package io.jvmm.devices.block.qcow2;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An empty image, byte by byte as the format is described: header, refcounts, L1 table. */
record BlankImage(int version, int clusterBits, int refcountOrder, long size) {
  private static final int HEADER_LENGTH = 104;

  /** With clusters of 64 KiB and refcounts of 16 bits. */
  static BlankImage of(long size) {
    return new BlankImage(3, 16, 4, size);
  }

  byte[] bytes() {
    return bytes(null, null);
  }

  byte[] bytes(@Nullable String backing, @Nullable String format) {
    int cluster = 1 << clusterBits;
    long perTable = (long) cluster * (cluster / 8);
    int l1Entries = (int) ((size + perTable - 1) / perTable);
    int l1Clusters = (l1Entries * 8 + cluster - 1) / cluster;
    ByteBuffer image = ByteBuffer.allocate((3 + l1Clusters) * cluster);
    image.putInt(0x514649fb).putInt(version);
    int nameAt = 200; // behind the one extension
    image.putLong(backing == null ? 0 : nameAt);
    image.putInt(backing == null ? 0 : backing.getBytes(UTF_8).length);
    image.putInt(clusterBits).putLong(size).putInt(0);
    image.putInt(l1Entries).putLong(3L * cluster);
    image.putLong(cluster).putInt(1);
    image.putInt(0).putLong(0);
    if (version == 3) {
      image.putLong(0).putLong(0).putLong(0);
      image.putInt(refcountOrder).putInt(HEADER_LENGTH);
    }
    if (format != null) {
      byte[] text = format.getBytes(UTF_8);
      image.putInt(0xe2792aca).putInt(text.length).put(Arrays.copyOf(text, 8));
    }
    if (backing != null) {
      image.put(nameAt, backing.getBytes(UTF_8));
    }
    image.putLong(cluster, 2L * cluster);
    for (int i = 0; i < 3 + l1Clusters; i++) {
      int bit = i << refcountOrder;
      int at = 2 * cluster + bit / 8;
      if (refcountOrder < 3) {
        image.put(at, (byte) (image.get(at) | 1 << (bit % 8)));
      } else {
        image.put(at + (1 << (refcountOrder - 3)) - 1, (byte) 1);
      }
    }
    return image.array();
  }

  void write(Path path) {
    write(path, null, null);
  }

  void write(Path path, @Nullable String backing, @Nullable String format) {
    try {
      Files.write(path, bytes(backing, format));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
