package io.jvmm.devices.block.nbd;

import io.jvmm.host.Errno;

/** The numbers of the NBD protocol; everything on the wire is big-endian. */
final class NbdProtocol {
  static final int DEFAULT_PORT = 10809;

  /** "NBDMAGIC": the first word of every server. */
  static final long INIT_MAGIC = 0x4e42444d41474943L;

  /** "IHAVEOPT": a newstyle server, and each option of a client. */
  static final long OPTION_MAGIC = 0x49484156454f5054L;

  /** In its place: the oldstyle negotiation, which has no names and is out of use. */
  static final long OLDSTYLE_MAGIC = 0x00420281861253L;

  static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
  static final int REQUEST_MAGIC = 0x25609513;
  static final int SIMPLE_REPLY_MAGIC = 0x67446698;

  // Handshake flags, of the server and of the client alike.
  static final int FLAG_FIXED_NEWSTYLE = 1;
  static final int FLAG_NO_ZEROES = 1 << 1;

  static final int OPT_EXPORT_NAME = 1;
  static final int OPT_STARTTLS = 5;
  static final int OPT_GO = 7;

  static final int REP_ACK = 1;
  static final int REP_INFO = 3;
  static final int REP_FLAG_ERROR = 1 << 31;
  static final int REP_ERR_UNSUP = REP_FLAG_ERROR | 1;
  static final int REP_ERR_POLICY = REP_FLAG_ERROR | 2;
  static final int REP_ERR_INVALID = REP_FLAG_ERROR | 3;
  static final int REP_ERR_PLATFORM = REP_FLAG_ERROR | 4;
  static final int REP_ERR_TLS_REQD = REP_FLAG_ERROR | 5;
  static final int REP_ERR_UNKNOWN = REP_FLAG_ERROR | 6;
  static final int REP_ERR_SHUTDOWN = REP_FLAG_ERROR | 7;
  static final int REP_ERR_BLOCK_SIZE_REQD = REP_FLAG_ERROR | 8;

  static final int INFO_EXPORT = 0;
  static final int INFO_BLOCK_SIZE = 3;

  // Transmission flags of an export.
  static final int FLAG_HAS_FLAGS = 1;
  static final int FLAG_READ_ONLY = 1 << 1;
  static final int FLAG_SEND_FLUSH = 1 << 2;
  static final int FLAG_SEND_FUA = 1 << 3;
  static final int FLAG_SEND_TRIM = 1 << 5;
  static final int FLAG_SEND_WRITE_ZEROES = 1 << 6;

  static final int CMD_READ = 0;
  static final int CMD_WRITE = 1;
  static final int CMD_DISC = 2;
  static final int CMD_FLUSH = 3;
  static final int CMD_TRIM = 4;
  static final int CMD_WRITE_ZEROES = 6;

  static final int CMD_FLAG_FUA = 1;
  static final int CMD_FLAG_NO_HOLE = 1 << 1;

  /** be32 magic, be16 flags, be16 type, be64 cookie, be64 offset, be32 length. */
  static final int REQUEST_SIZE = 28;

  /** be32 magic, be32 error, be64 cookie. */
  static final int SIMPLE_REPLY_SIZE = 16;

  /** The longest string of the protocol, in bytes. */
  static final int STRING_MAX = 4096;

  private NbdProtocol() {}

  /** The {@code -errno} that an error value means; what is not in the protocol is EIO. */
  static int errno(int error) {
    return switch (error) {
      case Errno.EPERM,
          Errno.EIO,
          Errno.ENOMEM,
          Errno.EINVAL,
          Errno.ENOSPC,
          Errno.EOVERFLOW,
          Errno.EOPNOTSUPP,
          Errno.ESHUTDOWN ->
          -error;
      default -> -Errno.EIO;
    };
  }
}
