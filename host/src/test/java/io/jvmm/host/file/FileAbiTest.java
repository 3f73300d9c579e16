package io.jvmm.host.file;

import io.jvmm.abi.Abi;
import io.jvmm.host.internal.Poll;
import org.junit.jupiter.api.Test;

class FileAbiTest {
  @Test
  void locksAndAllocationAreTheHeaders() throws Exception {
    Abi.of("fcntl.h", "unistd.h")
        .same("FALLOC_FL_KEEP_SIZE", OpenFile.FALLOC_FL_KEEP_SIZE)
        .same("FALLOC_FL_PUNCH_HOLE", OpenFile.FALLOC_FL_PUNCH_HOLE)
        .same("FALLOC_FL_ZERO_RANGE", OpenFile.FALLOC_FL_ZERO_RANGE)
        .same("SEEK_END", OpenFile.SEEK_END)
        .same("sizeof(struct flock)", OpenFile.FLOCK_SIZE)
        .same("offsetof(struct flock, l_type)", 0)
        .same("sizeof(((struct flock *) 0)->l_type)", Short.BYTES)
        .same("offsetof(struct flock, l_whence)", 2)
        .same("offsetof(struct flock, l_start)", 8)
        .same("offsetof(struct flock, l_len)", 16)
        .verify();
  }

  @Test
  void fileTypesAreTheHeaders() throws Exception {
    Abi.of("sys/stat.h")
        .same("sizeof(struct stat)", OpenFile.STAT_SIZE)
        .same("offsetof(struct stat, st_dev)", OpenFile.ST_DEV)
        .same("offsetof(struct stat, st_ino)", OpenFile.ST_INO)
        .same("sizeof(((struct stat *) 0)->st_dev)", Long.BYTES)
        .same("sizeof(((struct stat *) 0)->st_ino)", Long.BYTES)
        .same("offsetof(struct stat, st_mode)", OpenFile.ST_MODE)
        .same("offsetof(struct stat, st_rdev)", OpenFile.ST_RDEV)
        .same("offsetof(struct stat, st_blksize)", OpenFile.ST_BLKSIZE)
        .same("sizeof(((struct stat *) 0)->st_blksize)", Long.BYTES)
        .same("S_IFMT", OpenFile.S_IFMT)
        .same("S_IFREG", OpenFile.S_IFREG)
        .same("S_IFBLK", OpenFile.S_IFBLK)
        .same("S_IFDIR", OpenFile.S_IFDIR)
        .same("S_IFIFO", InheritedStream.S_IFIFO)
        .same("S_IFCHR", InheritedStream.S_IFCHR)
        .same("S_IFSOCK", InheritedStream.S_IFSOCK)
        .verify();
  }

  @Test
  void pollingAndSendingAreTheHeaders() throws Exception {
    Abi.of("poll.h", "sys/socket.h", "sys/uio.h")
        .same("sizeof(struct pollfd)", Poll.POLLFD_SIZE)
        .same("offsetof(struct pollfd, events)", Poll.POLLFD_EVENTS)
        .same("offsetof(struct pollfd, revents)", 6)
        .same("POLLIN", Poll.POLLIN)
        .same("POLLOUT", Poll.POLLOUT)
        .same("MSG_DONTWAIT", InheritedStream.MSG_DONTWAIT)
        .same("MSG_NOSIGNAL", InheritedStream.MSG_NOSIGNAL)
        .same("sizeof(struct iovec)", 16)
        .same("offsetof(struct iovec, iov_len)", 8)
        .verify();
  }

  @Test
  void blockDevicesAreTheHeaders() throws Exception {
    Abi.of("linux/fs.h", "sys/sysmacros.h")
        .same("BLKSSZGET", BlockDevice.BLKSSZGET)
        .same("BLKPBSZGET", BlockDevice.BLKPBSZGET)
        .same("BLKIOOPT", BlockDevice.BLKIOOPT)
        .same("BLKDISCARD", BlockDevice.BLKDISCARD)
        .same("BLKZEROOUT", BlockDevice.BLKZEROOUT)
        .same("major(0x12345678abcdL)", BlockDevice.major(0x12345678abcdL))
        .same("minor(0x12345678abcdL)", BlockDevice.minor(0x12345678abcdL))
        .verify();
  }

  @Test
  void directAlignmentIsTheHeaders() throws Exception {
    Abi.of("linux/stat.h")
        .same("STATX_DIOALIGN", DirectAlignment.STATX_DIOALIGN)
        .same("sizeof(struct statx)", DirectAlignment.STATX_SIZE)
        .same("offsetof(struct statx, stx_mask)", DirectAlignment.STX_MASK)
        .same("offsetof(struct statx, stx_dio_mem_align)", DirectAlignment.STX_DIO_MEM_ALIGN)
        .same("offsetof(struct statx, stx_dio_offset_align)", DirectAlignment.STX_DIO_OFFSET_ALIGN)
        .verify();
  }
}
