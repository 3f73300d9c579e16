package io.jvmm.host.uring;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class UringAbiTest {
  @Test
  void constantsAreTheHeaders() throws Exception {
    Abi.of("linux/io_uring.h")
        .same("IORING_SETUP_CQSIZE", UringAbi.IORING_SETUP_CQSIZE)
        .same("IORING_SETUP_CLAMP", UringAbi.IORING_SETUP_CLAMP)
        .same("IORING_SETUP_R_DISABLED", UringAbi.IORING_SETUP_R_DISABLED)
        .same("IORING_SETUP_COOP_TASKRUN", UringAbi.IORING_SETUP_COOP_TASKRUN)
        .same("IORING_SETUP_SINGLE_ISSUER", UringAbi.IORING_SETUP_SINGLE_ISSUER)
        .same("IORING_FEAT_SINGLE_MMAP", UringAbi.IORING_FEAT_SINGLE_MMAP)
        .same("IORING_FEAT_NODROP", UringAbi.IORING_FEAT_NODROP)
        .same("IORING_FEAT_SUBMIT_STABLE", UringAbi.IORING_FEAT_SUBMIT_STABLE)
        .same("IORING_ENTER_GETEVENTS", UringAbi.IORING_ENTER_GETEVENTS)
        .same("IORING_SQ_CQ_OVERFLOW", UringAbi.IORING_SQ_CQ_OVERFLOW)
        .same("IORING_REGISTER_FILES", UringAbi.IORING_REGISTER_FILES)
        .same("IORING_UNREGISTER_FILES", UringAbi.IORING_UNREGISTER_FILES)
        .same("IORING_REGISTER_FILES_UPDATE", UringAbi.IORING_REGISTER_FILES_UPDATE)
        .same("IORING_REGISTER_ENABLE_RINGS", UringAbi.IORING_REGISTER_ENABLE_RINGS)
        .same("IORING_OP_NOP", UringAbi.IORING_OP_NOP)
        .same("IORING_OP_READV", UringAbi.IORING_OP_READV)
        .same("IORING_OP_WRITEV", UringAbi.IORING_OP_WRITEV)
        .same("IORING_OP_FSYNC", UringAbi.IORING_OP_FSYNC)
        .same("IORING_OP_ASYNC_CANCEL", UringAbi.IORING_OP_ASYNC_CANCEL)
        .same("IORING_OP_FALLOCATE", UringAbi.IORING_OP_FALLOCATE)
        .same("IOSQE_FIXED_FILE", UringAbi.IOSQE_FIXED_FILE)
        .same("IORING_FSYNC_DATASYNC", UringAbi.IORING_FSYNC_DATASYNC)
        .same("IORING_OFF_SQ_RING", UringAbi.IORING_OFF_SQ_RING)
        .same("IORING_OFF_SQES", UringAbi.IORING_OFF_SQES)
        .verify();
  }

  @Test
  void structsAreTheHeaders() throws Exception {
    Abi.of("linux/io_uring.h")
        .same("sizeof(struct io_uring_params)", UringAbi.PARAMS_SIZE)
        .same("offsetof(struct io_uring_params, sq_entries)", UringAbi.PARAMS_SQ_ENTRIES)
        .same("offsetof(struct io_uring_params, cq_entries)", UringAbi.PARAMS_CQ_ENTRIES)
        .same("offsetof(struct io_uring_params, flags)", UringAbi.PARAMS_FLAGS)
        .same("offsetof(struct io_uring_params, features)", UringAbi.PARAMS_FEATURES)
        .same("offsetof(struct io_uring_params, sq_off)", UringAbi.PARAMS_SQ_OFF)
        .same("offsetof(struct io_uring_params, cq_off)", UringAbi.PARAMS_CQ_OFF)
        .same("offsetof(struct io_sqring_offsets, tail)", UringAbi.SQ_OFF_TAIL)
        .same("offsetof(struct io_sqring_offsets, flags)", UringAbi.SQ_OFF_FLAGS)
        .same("offsetof(struct io_sqring_offsets, array)", UringAbi.SQ_OFF_ARRAY)
        .same("offsetof(struct io_cqring_offsets, head)", UringAbi.CQ_OFF_HEAD)
        .same("offsetof(struct io_cqring_offsets, tail)", UringAbi.CQ_OFF_TAIL)
        .same("offsetof(struct io_cqring_offsets, cqes)", UringAbi.CQ_OFF_CQES)
        .same("sizeof(struct io_uring_sqe)", UringAbi.SQE_SIZE)
        .same("offsetof(struct io_uring_sqe, opcode)", UringAbi.SQE_OPCODE)
        .same("offsetof(struct io_uring_sqe, flags)", UringAbi.SQE_FLAGS)
        .same("offsetof(struct io_uring_sqe, fd)", UringAbi.SQE_FD)
        .same("offsetof(struct io_uring_sqe, off)", UringAbi.SQE_OFF)
        .same("offsetof(struct io_uring_sqe, addr)", UringAbi.SQE_ADDR)
        .same("offsetof(struct io_uring_sqe, len)", UringAbi.SQE_LEN)
        .same("offsetof(struct io_uring_sqe, rw_flags)", UringAbi.SQE_OP_FLAGS)
        .same("offsetof(struct io_uring_sqe, fsync_flags)", UringAbi.SQE_OP_FLAGS)
        .same("offsetof(struct io_uring_sqe, cancel_flags)", UringAbi.SQE_OP_FLAGS)
        .same("offsetof(struct io_uring_sqe, user_data)", UringAbi.SQE_USER_DATA)
        .same("sizeof(struct io_uring_cqe)", UringAbi.CQE_SIZE)
        .same("offsetof(struct io_uring_cqe, user_data)", UringAbi.CQE_USER_DATA)
        .same("offsetof(struct io_uring_cqe, res)", UringAbi.CQE_RES)
        .same("sizeof(struct io_uring_files_update)", UringAbi.FILES_UPDATE_SIZE)
        .same("offsetof(struct io_uring_files_update, fds)", UringAbi.FILES_UPDATE_FDS)
        .verify();
  }
}
