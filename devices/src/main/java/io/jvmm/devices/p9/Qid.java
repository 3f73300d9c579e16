package io.jvmm.devices.p9;

import io.jvmm.host.tree.FileStatus;

/**
 * What a server says of a file's identity: two files with the same path are one.
 *
 * @param type directory, symbolic link or other
 * @param version another one when the file was changed
 * @param path unique in the share
 */
record Qid(int type, int version, long path) {
  /** Of what a status says. */
  static Qid of(FileStatus status, QidPaths paths) {
    long changed =
        status.modificationSeconds() * 1_000_000_000L + status.modificationNanos() + status.size();
    return new Qid(
        type(status.kind()),
        (int) (changed ^ changed >>> Integer.SIZE),
        paths.of(status.device(), status.inode()));
  }

  /** Of a kind in {@link FileStatus#S_IFMT}. */
  static int type(int kind) {
    return switch (kind) {
      case FileStatus.S_IFDIR -> P9.QTDIR;
      case FileStatus.S_IFLNK -> P9.QTSYMLINK;
      default -> P9.QTFILE;
    };
  }
}
