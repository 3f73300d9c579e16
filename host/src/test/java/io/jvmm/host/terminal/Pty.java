package io.jvmm.host.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.NativeLong;
import io.jvmm.host.Fd;
import io.jvmm.host.file.OpenFile;
import io.jvmm.host.internal.LibC;
import java.nio.charset.StandardCharsets;

/** A pseudo terminal: the master is the user's side, the slave the program's. */
public final class Pty implements AutoCloseable {
  private static final int O_RDWR_NOCTTY = 2 | 0x100; // fcntl.h
  private static final int NAME_MAX = 64;

  private final Fd master;
  private final OpenFile slave;

  private Pty(Fd master, OpenFile slave) {
    this.master = master;
    this.slave = slave;
  }

  /** Opens a new one. */
  public static Pty open() {
    Fd master = new Fd(LibC.CALL.posix_openpt(O_RDWR_NOCTTY), "pty master");
    byte[] name = new byte[NAME_MAX];
    assertEquals(0, LibC.CALL.grantpt(master.number()));
    assertEquals(0, LibC.CALL.unlockpt(master.number()));
    assertEquals(0, LibC.CALL.ptsname_r(master.number(), name, new NativeLong(NAME_MAX)));
    int length = 0;
    while (name[length] != 0) {
      length++;
    }
    String path = new String(name, 0, length, StandardCharsets.US_ASCII);
    return new Pty(master, OpenFile.forWriting(path));
  }

  /** The user's side. */
  public Fd master() {
    return master;
  }

  /** The program's side. */
  public Fd slave() {
    return slave.fd();
  }

  @Override
  public void close() {
    slave.close();
    master.close();
  }
}
