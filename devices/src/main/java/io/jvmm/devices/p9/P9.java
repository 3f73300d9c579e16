package io.jvmm.devices.p9;

/**
 * Names and numbers of 9P2000.L, as Linux has them ({@code net/9p/9p.h}). Integers are
 * little-endian, a string is a {@code u16} length and its bytes. A reply's type is its request's
 * and one more.
 */
final class P9 {
  static final int TLERROR = 6;
  static final int TSTATFS = 8;
  static final int TLOPEN = 12;
  static final int TLCREATE = 14;
  static final int TSYMLINK = 16;
  static final int TMKNOD = 18;
  static final int TRENAME = 20;
  static final int TREADLINK = 22;
  static final int TGETATTR = 24;
  static final int TSETATTR = 26;
  static final int TXATTRWALK = 30;
  static final int TXATTRCREATE = 32;
  static final int TREADDIR = 40;
  static final int TFSYNC = 50;
  static final int TLOCK = 52;
  static final int TGETLOCK = 54;
  static final int TLINK = 70;
  static final int TMKDIR = 72;
  static final int TRENAMEAT = 74;
  static final int TUNLINKAT = 76;
  static final int TVERSION = 100;
  static final int TAUTH = 102;
  static final int TATTACH = 104;
  static final int TFLUSH = 108;
  static final int TWALK = 110;
  static final int TREAD = 116;
  static final int TWRITE = 118;
  static final int TCLUNK = 120;
  static final int TREMOVE = 122;

  /** {@code size[4] type[1] tag[2]}. */
  static final int HEADER_SIZE = 7;

  /** {@code fid[4] offset[8] count[4]} behind the header; a write's data follows. */
  static final int IO_HEADER_SIZE = HEADER_SIZE + 16;

  /** {@code count[4]} behind the header; a read's data follows. */
  static final int DATA_HEADER_SIZE = HEADER_SIZE + 4;

  /** {@code Rlerror}: {@code ecode[4]} behind the header. */
  static final int ERROR_SIZE = HEADER_SIZE + 4;

  /** {@code type[1] version[4] path[8]}. */
  static final int QID_SIZE = 13;

  static final int QTDIR = 0x80;
  static final int QTSYMLINK = 0x02;
  static final int QTFILE = 0x00;

  static final int NOFID = -1;
  static final int WALK_MAX = 16;

  // Rgetattr: all that stat(2) has.
  static final long GETATTR_BASIC = 0x7ff;
  static final long GETATTR_BTIME = 0x800;

  // Tsetattr
  static final int SETATTR_MODE = 1;
  static final int SETATTR_UID = 2;
  static final int SETATTR_GID = 4;
  static final int SETATTR_SIZE = 8;
  static final int SETATTR_ATIME = 0x10;
  static final int SETATTR_MTIME = 0x20;
  static final int SETATTR_CTIME = 0x40;
  static final int SETATTR_ATIME_SET = 0x80;
  static final int SETATTR_MTIME_SET = 0x100;

  // Tlock, Tgetlock
  static final int LOCK_TYPE_RDLCK = 0;
  static final int LOCK_TYPE_WRLCK = 1;
  static final int LOCK_TYPE_UNLCK = 2;
  static final int LOCK_SUCCESS = 0;
  static final int LOCK_BLOCKED = 1;

  /** Bytes of the reply to what changes something; of others it matters not, or they are short. */
  static int replySize(int type) {
    return switch (type) {
      case TLOPEN, TLCREATE -> HEADER_SIZE + QID_SIZE + 4;
      case TATTACH, TMKDIR, TMKNOD, TSYMLINK -> HEADER_SIZE + QID_SIZE;
      case TXATTRWALK -> HEADER_SIZE + 8;
      case TWRITE -> HEADER_SIZE + 4;
      case TLOCK -> HEADER_SIZE + 1;
      default -> HEADER_SIZE;
    };
  }

  /** Bytes of the reply to a walk of so many steps. */
  static int walkReplySize(int steps) {
    return HEADER_SIZE + 2 + steps * QID_SIZE;
  }

  /** What the flags of Tlopen and Tlcreate may ask of the host: they are Linux' numbers. */
  static final int DOTL_AT_REMOVEDIR = 0x200;

  private P9() {}
}
