package io.jvmm.devices.block;

import io.jvmm.host.CallState;
import io.jvmm.host.Errno;
import io.jvmm.memory.GuestMemory;

/**
 * What a request comes to: whether it may be done, the operations on the backend that do it, one
 * after the other, and the answer.
 *
 * <p>Threads: the device's I/O thread.
 */
final class BlockOperations {
  private final BlockBackend backend;
  private final BlockConfig config;
  private final byte[] id;
  private final BlockStats stats;

  /** Features that the driver did not accept are not there for it. */
  private boolean hasDiscard;

  private boolean hasWriteZeroes;

  /**
   * @param id exactly {@link BlockRequest#ID_LENGTH} bytes
   */
  BlockOperations(BlockBackend backend, BlockConfig config, byte[] id, BlockStats stats) {
    this.backend = backend;
    this.config = config;
    this.id = id;
    this.stats = stats;
  }

  void agree(boolean discard, boolean writeZeroes) {
    hasDiscard = discard;
    hasWriteZeroes = writeZeroes;
  }

  /** Hot: 0, or {@code -errno} where the request is answered without being done. */
  int check(BlockRequest request) {
    if (!request.isComplete()) {
      return -Errno.EINVAL;
    }
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN -> checkTransfer(request);
      case BlockRequest.VIRTIO_BLK_T_OUT ->
          config.isReadOnly() ? -Errno.EROFS : checkTransfer(request);
      case BlockRequest.VIRTIO_BLK_T_DISCARD ->
          hasDiscard
              ? request.ranges().check(config, request.dataLength(), true)
              : -Errno.EOPNOTSUPP;
      case BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES ->
          hasWriteZeroes
              ? request.ranges().check(config, request.dataLength(), false)
              : -Errno.EOPNOTSUPP;
      case BlockRequest.VIRTIO_BLK_T_FLUSH, BlockRequest.VIRTIO_BLK_T_GET_ID -> 0;
      default -> -Errno.EOPNOTSUPP;
    };
  }

  private int checkTransfer(BlockRequest request) {
    return request.dataLength() <= BlockConfig.REQUEST_MAX
            && config.isInside(request.sector(), request.dataLength())
        ? 0
        : -Errno.EINVAL;
  }

  /** Hot: whether a request that was checked reaches the backend. */
  static boolean isInputOutput(BlockRequest request) {
    return request.type() != BlockRequest.VIRTIO_BLK_T_GET_ID;
  }

  /** Hot: the bytes of a request that was checked, as limits count them. */
  static long cost(BlockRequest request) {
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN, BlockRequest.VIRTIO_BLK_T_OUT -> request.dataLength();
      case BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES -> request.ranges().totalLength();
      default -> 0;
    };
  }

  /**
   * Hot: begins a request that was checked.
   *
   * @return {@link BlockBackend#DONE}, {@code -errno}, or {@link BlockBackend#PENDING}: then {@link
   *     #goOn} takes the result
   */
  int begin(CallState state, GuestMemory memory, BlockRequest request) {
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN, BlockRequest.VIRTIO_BLK_T_OUT ->
          request.dataLength() == 0
              ? BlockBackend.DONE
              : goOn(state, request, transfer(state, request));
      case BlockRequest.VIRTIO_BLK_T_FLUSH -> backend.flush(state, request.token());
      case BlockRequest.VIRTIO_BLK_T_GET_ID -> {
        request.fillId(memory, id);
        yield BlockBackend.DONE;
      }
      default -> goOn(state, request, BlockBackend.DONE);
    };
  }

  private int transfer(CallState state, BlockRequest request) {
    long offset = request.sector() * BlockConfig.SECTOR_SIZE;
    return request.type() == BlockRequest.VIRTIO_BLK_T_OUT
        ? backend.write(state, request.buffers(), offset, request.token())
        : backend.read(state, request.buffers(), offset, request.token());
  }

  /** Hot: what {@link #begin} answers, after an operation has ended with {@code outcome}. */
  int goOn(CallState state, BlockRequest request, int outcome) {
    int result = outcome;
    while (result == BlockBackend.DONE && !request.isSyncing()) {
      if (isOverRanges(request) && request.ranges().next()) {
        result = workRange(state, request);
      } else if (request.isWriteThrough() && isWrite(request)) {
        request.setSyncing();
        result = backend.flush(state, request.token());
      } else {
        break;
      }
    }
    return result;
  }

  private static boolean isOverRanges(BlockRequest request) {
    return request.type() == BlockRequest.VIRTIO_BLK_T_DISCARD
        || request.type() == BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES;
  }

  private static boolean isWrite(BlockRequest request) {
    return request.type() == BlockRequest.VIRTIO_BLK_T_OUT
        || request.type() == BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES;
  }

  private int workRange(CallState state, BlockRequest request) {
    BlockRanges ranges = request.ranges();
    return request.type() == BlockRequest.VIRTIO_BLK_T_DISCARD
        ? backend.discard(state, ranges.offset(), ranges.rangeLength(), request.token())
        : backend.writeZeroes(
            state, ranges.offset(), ranges.rangeLength(), ranges.mayUnmap(), request.token());
  }

  /**
   * Hot: the status of a request that has ended, which is counted.
   *
   * @param result {@link BlockBackend#DONE} or {@code -errno}
   */
  byte status(BlockRequest request, int result) {
    if (result == BlockBackend.DONE) {
      count(request);
      return BlockRequest.VIRTIO_BLK_S_OK;
    }
    if (result == -Errno.EOPNOTSUPP && !isMandatory(request.type())) {
      stats.countUnsupported();
      return BlockRequest.VIRTIO_BLK_S_UNSUPP;
    }
    stats.countError();
    return BlockRequest.VIRTIO_BLK_S_IOERR;
  }

  /** What every disk can do: where the host cannot, that is an error. */
  private static boolean isMandatory(int type) {
    return switch (type) {
      case BlockRequest.VIRTIO_BLK_T_IN,
          BlockRequest.VIRTIO_BLK_T_OUT,
          BlockRequest.VIRTIO_BLK_T_FLUSH ->
          true;
      default -> false;
    };
  }

  private void count(BlockRequest request) {
    switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN -> stats.countRead(request.dataLength());
      case BlockRequest.VIRTIO_BLK_T_OUT -> stats.countWrite(request.dataLength());
      case BlockRequest.VIRTIO_BLK_T_FLUSH -> stats.countFlush();
      case BlockRequest.VIRTIO_BLK_T_DISCARD -> stats.countDiscard(request.ranges().totalLength());
      case BlockRequest.VIRTIO_BLK_T_WRITE_ZEROES ->
          stats.countZeroes(request.ranges().totalLength());
      default -> {} // an id
    }
  }

  /** Hot: bytes that the driver finds in its buffers, without the status. */
  static long filled(BlockRequest request, byte status) {
    if (status != BlockRequest.VIRTIO_BLK_S_OK) {
      return 0;
    }
    return switch (request.type()) {
      case BlockRequest.VIRTIO_BLK_T_IN -> request.dataLength();
      case BlockRequest.VIRTIO_BLK_T_GET_ID ->
          Math.min(request.dataLength(), BlockRequest.ID_LENGTH);
      default -> 0;
    };
  }

  /** Hot: bytes of data that went either way. */
  static long moved(BlockRequest request, byte status) {
    boolean isTransfer =
        request.type() == BlockRequest.VIRTIO_BLK_T_IN
            || request.type() == BlockRequest.VIRTIO_BLK_T_OUT;
    return isTransfer && status == BlockRequest.VIRTIO_BLK_S_OK ? request.dataLength() : 0;
  }
}
