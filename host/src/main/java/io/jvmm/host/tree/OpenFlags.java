package io.jvmm.host.tree;

import io.jvmm.host.internal.Fcntl;

/** What {@code open(2)} takes ({@code asm-generic/fcntl.h}). */
public final class OpenFlags {
  public static final int O_ACCMODE = Fcntl.O_ACCMODE;
  public static final int O_RDONLY = Fcntl.O_RDONLY;
  public static final int O_WRONLY = Fcntl.O_WRONLY;
  public static final int O_RDWR = Fcntl.O_RDWR;
  public static final int O_CREAT = Fcntl.O_CREAT;
  public static final int O_EXCL = Fcntl.O_EXCL;
  public static final int O_NOCTTY = Fcntl.O_NOCTTY;
  public static final int O_TRUNC = Fcntl.O_TRUNC;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = Fcntl.O_NONBLOCK;
  public static final int O_DSYNC = 0x1000;
  public static final int O_DIRECT = Fcntl.O_DIRECT;
  public static final int O_LARGEFILE = 0x8000;
  public static final int O_DIRECTORY = 0x10000;
  public static final int O_NOFOLLOW = 0x20000;
  public static final int O_NOATIME = 0x40000;
  public static final int O_SYNC = 0x101000;

  private OpenFlags() {}
}
