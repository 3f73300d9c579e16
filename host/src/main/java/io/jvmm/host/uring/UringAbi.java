package io.jvmm.host.uring;

/** Numbers of {@code linux/io_uring.h}. */
final class UringAbi {
  static final int IORING_SETUP_CQSIZE = 1 << 3;
  static final int IORING_SETUP_CLAMP = 1 << 4;
  static final int IORING_SETUP_R_DISABLED = 1 << 6;
  static final int IORING_SETUP_COOP_TASKRUN = 1 << 8;
  static final int IORING_SETUP_SINGLE_ISSUER = 1 << 12;

  static final int IORING_FEAT_SINGLE_MMAP = 1;
  static final int IORING_FEAT_NODROP = 1 << 1;
  static final int IORING_FEAT_SUBMIT_STABLE = 1 << 2;

  static final int IORING_ENTER_GETEVENTS = 1;

  static final int IORING_SQ_CQ_OVERFLOW = 1 << 1;

  static final int IORING_REGISTER_FILES = 2;
  static final int IORING_UNREGISTER_FILES = 3;
  static final int IORING_REGISTER_FILES_UPDATE = 6;
  static final int IORING_REGISTER_ENABLE_RINGS = 12;

  static final int IORING_OP_NOP = 0;
  static final int IORING_OP_READV = 1;
  static final int IORING_OP_WRITEV = 2;
  static final int IORING_OP_FSYNC = 3;
  static final int IORING_OP_ASYNC_CANCEL = 14;
  static final int IORING_OP_FALLOCATE = 17;

  static final int IOSQE_FIXED_FILE = 1;
  static final int IORING_FSYNC_DATASYNC = 1;

  static final long IORING_OFF_SQ_RING = 0;
  static final long IORING_OFF_SQES = 0x10000000L;

  /** {@code struct io_uring_params}. */
  static final int PARAMS_SIZE = 120;

  static final int PARAMS_SQ_ENTRIES = 0;
  static final int PARAMS_CQ_ENTRIES = 4;
  static final int PARAMS_FLAGS = 8;
  static final int PARAMS_FEATURES = 20;

  /** {@code struct io_sqring_offsets} inside it. */
  static final int PARAMS_SQ_OFF = 40;

  static final int SQ_OFF_TAIL = 4;
  static final int SQ_OFF_FLAGS = 16;
  static final int SQ_OFF_ARRAY = 24;

  /** {@code struct io_cqring_offsets} inside it. */
  static final int PARAMS_CQ_OFF = 80;

  static final int CQ_OFF_HEAD = 0;
  static final int CQ_OFF_TAIL = 4;
  static final int CQ_OFF_CQES = 20;

  /** {@code struct io_uring_sqe}. */
  static final int SQE_SIZE = 64;

  static final int SQE_OPCODE = 0;
  static final int SQE_FLAGS = 1;
  static final int SQE_FD = 4;
  static final int SQE_OFF = 8;
  static final int SQE_ADDR = 16;
  static final int SQE_LEN = 24;

  /** Flags of the operation: rw_flags, fsync_flags, cancel_flags. */
  static final int SQE_OP_FLAGS = 28;

  static final int SQE_USER_DATA = 32;

  /** {@code struct io_uring_cqe}. */
  static final int CQE_SIZE = 16;

  static final int CQE_USER_DATA = 0;
  static final int CQE_RES = 8;

  /** {@code struct io_uring_files_update}: u32 offset, u32 resv, u64 fds. */
  static final int FILES_UPDATE_SIZE = 16;

  static final int FILES_UPDATE_FDS = 8;

  private UringAbi() {}
}
