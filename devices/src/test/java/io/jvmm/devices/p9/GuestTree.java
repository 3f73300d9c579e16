package io.jvmm.devices.p9;

import static io.jvmm.devices.p9.P9Driver.ROOT;

import io.jvmm.host.Errno;
import io.jvmm.host.tree.OpenFlags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The calls of {@link HostTree} as a guest's kernel makes them: walks, and messages about what they
 * lead to. A path is walked to its folder, which must be there.
 */
final class GuestTree {
  private static final int FOLDER = 10;
  private static final int OTHER = 11;
  private static final int FIRST_OPEN = 100;

  private final P9Driver driver;
  private int opened = FIRST_OPEN;

  GuestTree(P9Driver driver) {
    this.driver = driver;
  }

  private static List<String> steps(String path) {
    return new ArrayList<>(Arrays.asList(path.split("/")));
  }

  /** 0 where it leads to the end; else the error, as a kernel tells of the step that failed. */
  private long walk(int newFid, List<String> steps) {
    int error = driver.walk(ROOT, newFid, steps.toArray(String[]::new));
    if (error != 0) {
      return -error;
    }
    int done = driver.reply().getShort();
    return done == steps.size() ? 0 : below(typeOf(done));
  }

  /** The same to the folder of a path, which a kernel asks nothing where it is none. */
  private long walkToFolder(int newFid, String path) {
    List<String> steps = steps(path);
    steps.removeLast();
    long walked = walk(newFid, steps);
    if (walked == 0 && !steps.isEmpty() && typeOf(steps.size()) != P9.QTDIR) {
      walked = below(typeOf(steps.size()));
      driver.clunk(newFid);
    }
    return walked;
  }

  /** Of the last qid in the reply to a walk of so many steps. */
  private int typeOf(int steps) {
    int at = P9.HEADER_SIZE + 2 + (steps - 1) * P9.QID_SIZE;
    return steps == 0 ? P9.QTDIR : driver.reply().get(at) & 0xff;
  }

  /** Links lead nowhere here. */
  private static long below(int type) {
    return type == P9.QTFILE ? -Errno.ENOTDIR : -Errno.ENOENT;
  }

  private static String name(String path) {
    return steps(path).getLast();
  }

  /** Walks to the folder of a path, and does something there. */
  private long inFolder(String path, LongSupplier task) {
    long walked = walkToFolder(FOLDER, path);
    if (walked < 0) {
      return walked;
    }
    long result = task.getAsLong();
    driver.clunk(FOLDER);
    return result;
  }

  private P9Driver about(int type, String path) {
    return driver.begin(type).u32(FOLDER).string(name(path));
  }

  long mkdir(String path, int mode) {
    return inFolder(path, () -> -about(P9.TMKDIR, path).u32(mode).u32(0).send());
  }

  long symlink(String target, String path) {
    return inFolder(path, () -> -about(P9.TSYMLINK, path).string(target).u32(0).send());
  }

  long link(String from, String to) {
    long walked = walk(OTHER, steps(from));
    if (walked < 0) {
      return walked;
    }
    long result =
        inFolder(to, () -> -driver.begin(P9.TLINK).u32(FOLDER).u32(OTHER).string(name(to)).send());
    driver.clunk(OTHER);
    return result;
  }

  long rename(String from, String to) {
    return inFolder(
        from,
        () -> {
          long walked = walkToFolder(OTHER, to);
          if (walked < 0) {
            return walked;
          }
          driver.begin(P9.TRENAMEAT).u32(FOLDER).string(name(from));
          long result = -driver.u32(OTHER).string(name(to)).send();
          driver.clunk(OTHER);
          return result;
        });
  }

  long unlink(String path, int flags) {
    return inFolder(path, () -> -about(P9.TUNLINKAT, path).u32(flags).send());
  }

  /** A fid. */
  long find(String path) {
    int fid = opened++;
    long walked = walk(fid, steps(path));
    return walked < 0 ? walked : fid;
  }

  /** Mode, links and size, or the error as text. */
  String status(long fid) {
    int error = driver.begin(P9.TGETATTR).u32((int) fid).u64(P9.GETATTR_BASIC).send();
    if (error != 0) {
      return "error " + error;
    }
    ByteBuffer reply = driver.reply();
    int mode = reply.getInt(P9.HEADER_SIZE + 8 + P9.QID_SIZE);
    long links = reply.getLong(P9.HEADER_SIZE + 8 + P9.QID_SIZE + 12);
    long size = reply.getLong(P9.HEADER_SIZE + 8 + P9.QID_SIZE + 28);
    return mode + " " + links + " " + size;
  }

  /** A fid. */
  long open(String path, int flags, int mode) {
    int fid = opened++;
    boolean creates = (flags & OpenFlags.O_CREAT) != 0;
    long walked = creates ? walkToFolder(fid, path) : walk(fid, steps(path));
    if (walked < 0) {
      return walked;
    }
    int error =
        creates
            ? driver
                .begin(P9.TLCREATE)
                .u32(fid)
                .string(name(path))
                .u32(flags)
                .u32(mode)
                .u32(0)
                .send()
            : driver.open(fid, flags);
    if (error != 0) {
      driver.clunk(fid);
      // A kernel asks itself whether a link is a directory.
      boolean directory = (flags & OpenFlags.O_DIRECTORY) != 0;
      return directory && error == Errno.ELOOP ? -Errno.ENOTDIR : -error;
    }
    return fid;
  }

  void close(long fid) {
    driver.clunk((int) fid);
  }

  long write(long fid, long offset, byte[] bytes) {
    driver.begin(P9.TWRITE).u32((int) fid).u64(offset).u32(bytes.length);
    int error = driver.raw(bytes).send();
    return error != 0 ? -error : driver.reply().getInt();
  }

  long truncate(long fid, long size) {
    driver.begin(P9.TSETATTR).u32((int) fid).u32(P9.SETATTR_SIZE).u32(0).u32(0).u32(0).u64(size);
    return -driver.u64(0).u64(0).u64(0).u64(0).send();
  }

  /** What can be read, or the error as text. */
  String read(long fid, long offset, int length) {
    int error = driver.begin(P9.TREAD).u32((int) fid).u64(offset).u32(length).send();
    return error != 0 ? "error " + error : rest(driver.reply());
  }

  private static String rest(ByteBuffer data) {
    byte[] bytes = new byte[data.getInt()];
    data.get(bytes);
    return Arrays.toString(bytes);
  }

  /** As Linux does it: a walk, the attribute's name and length, its value, a clunk. */
  long setAttribute(String path, String name, byte[] value, int flags) {
    long walked = walk(OTHER, steps(path));
    if (walked < 0) {
      return walked;
    }
    driver.begin(P9.TXATTRCREATE).u32(OTHER).string(name).u64(value.length).u32(flags);
    int error = driver.send();
    if (error == 0 && value.length > 0) {
      error = driver.begin(P9.TWRITE).u32(OTHER).u64(0).u32(value.length).raw(value).send();
    }
    int clunked = driver.clunk(OTHER);
    return -(error != 0 ? error : clunked);
  }

  /** Its value, or the error as text. */
  String attribute(String path, String name) {
    long walked = walk(OTHER, steps(path));
    if (walked < 0) {
      return "error " + -walked;
    }
    int error = driver.begin(P9.TXATTRWALK).u32(OTHER).u32(FOLDER).string(name).send();
    String value = error != 0 ? "error " + error : read(FOLDER, 0, 4096);
    driver.clunk(FOLDER);
    driver.clunk(OTHER);
    return value;
  }
}
