package io.jvmm.host.tree;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class TreeAbiTest {
  @Test
  void openingIsTheHeaders() throws Exception {
    Abi.of("fcntl.h", "linux/openat2.h", "unistd.h")
        .same("AT_SYMLINK_FOLLOW", TreeCalls.AT_SYMLINK_FOLLOW)
        .same("AT_REMOVEDIR", TreeCalls.AT_REMOVEDIR)
        .same("AT_SYMLINK_NOFOLLOW", NodeCalls.AT_SYMLINK_NOFOLLOW)
        .same("O_PATH", TreeCalls.O_PATH)
        .same("O_APPEND", OpenFlags.O_APPEND)
        .same("O_DSYNC", OpenFlags.O_DSYNC)
        .same("O_DIRECTORY", OpenFlags.O_DIRECTORY)
        .same("O_NOFOLLOW", OpenFlags.O_NOFOLLOW)
        .same("O_NOATIME", OpenFlags.O_NOATIME)
        .same("O_SYNC", OpenFlags.O_SYNC)
        .same("SEEK_SET", OpenNode.SEEK_SET)
        .same("sizeof(struct open_how)", TreeCalls.OPEN_HOW_SIZE)
        .same("offsetof(struct open_how, flags)", 0)
        .same("offsetof(struct open_how, mode)", TreeCalls.HOW_MODE)
        .same("offsetof(struct open_how, resolve)", TreeCalls.HOW_RESOLVE)
        .same("RESOLVE_NO_XDEV", TreeCalls.RESOLVE_NO_XDEV)
        .same("RESOLVE_NO_MAGICLINKS", TreeCalls.RESOLVE_NO_MAGICLINKS)
        .same("RESOLVE_NO_SYMLINKS", TreeCalls.RESOLVE_NO_SYMLINKS)
        .same("RESOLVE_BENEATH", TreeCalls.RESOLVE_BENEATH)
        .verify();
  }

  @Test
  void aFilesStatusIsTheHeaders() throws Exception {
    Abi.of("linux/stat.h")
        .same("sizeof(struct statx)", FileStatus.STATX_SIZE)
        .same("offsetof(struct statx, stx_mask)", FileStatus.STX_MASK)
        .same("offsetof(struct statx, stx_blksize)", FileStatus.STX_BLKSIZE)
        .same("offsetof(struct statx, stx_nlink)", FileStatus.STX_NLINK)
        .same("offsetof(struct statx, stx_uid)", FileStatus.STX_UID)
        .same("offsetof(struct statx, stx_gid)", FileStatus.STX_GID)
        .same("offsetof(struct statx, stx_mode)", FileStatus.STX_MODE)
        .same("offsetof(struct statx, stx_ino)", FileStatus.STX_INO)
        .same("offsetof(struct statx, stx_size)", FileStatus.STX_SIZE)
        .same("offsetof(struct statx, stx_blocks)", FileStatus.STX_BLOCKS)
        .same("offsetof(struct statx, stx_atime)", FileStatus.STX_ATIME)
        .same("offsetof(struct statx, stx_btime)", FileStatus.STX_BTIME)
        .same("offsetof(struct statx, stx_ctime)", FileStatus.STX_CTIME)
        .same("offsetof(struct statx, stx_mtime)", FileStatus.STX_MTIME)
        .same("offsetof(struct statx, stx_rdev_major)", FileStatus.STX_RDEV_MAJOR)
        .same("offsetof(struct statx, stx_rdev_minor)", FileStatus.STX_RDEV_MINOR)
        .same("offsetof(struct statx, stx_dev_major)", FileStatus.STX_DEV_MAJOR)
        .same("offsetof(struct statx, stx_dev_minor)", FileStatus.STX_DEV_MINOR)
        .same("offsetof(struct statx_timestamp, tv_nsec)", FileStatus.TV_NSEC)
        .same("STATX_BASIC_STATS", FileStatus.STATX_BASIC_STATS)
        .same("STATX_BTIME", FileStatus.STATX_BTIME)
        .same("STATX_MNT_ID", FileStatus.STATX_MNT_ID)
        .same("offsetof(struct statx, stx_mnt_id)", FileStatus.STX_MNT_ID)
        .verify();
    Abi.of("sys/stat.h")
        .same("S_IFMT", FileStatus.S_IFMT)
        .same("S_IFIFO", FileStatus.S_IFIFO)
        .same("S_IFCHR", FileStatus.S_IFCHR)
        .same("S_IFDIR", FileStatus.S_IFDIR)
        .same("S_IFBLK", FileStatus.S_IFBLK)
        .same("S_IFREG", FileStatus.S_IFREG)
        .same("S_IFLNK", FileStatus.S_IFLNK)
        .same("S_IFSOCK", FileStatus.S_IFSOCK)
        .verify();
  }

  @Test
  void timesAndDirectoriesAreTheHeaders() throws Exception {
    Abi.of("sys/stat.h", "dirent.h", "limits.h")
        .same("UTIME_NOW", NodeCalls.UTIME_NOW)
        .same("UTIME_OMIT", NodeCalls.UTIME_OMIT)
        .same("sizeof(struct timespec)", 16)
        .same("offsetof(struct dirent64, d_ino)", DirectoryEntries.D_INO)
        .same("offsetof(struct dirent64, d_off)", DirectoryEntries.D_OFF)
        .same("offsetof(struct dirent64, d_reclen)", DirectoryEntries.D_RECLEN)
        .same("offsetof(struct dirent64, d_type)", DirectoryEntries.D_TYPE)
        .same("offsetof(struct dirent64, d_name)", DirectoryEntries.D_NAME)
        .same("NAME_MAX", NodeName.NAME_MAX)
        .same("PATH_MAX - 1", NodeName.TARGET_MAX)
        .verify();
  }

  @Test
  void aLockIsTheHeaders() throws Exception {
    Abi.of("fcntl.h")
        .same("sizeof(struct flock)", RecordLock.FLOCK_SIZE)
        .same("offsetof(struct flock, l_type)", RecordLock.L_TYPE)
        .same("offsetof(struct flock, l_start)", RecordLock.L_START)
        .same("offsetof(struct flock, l_len)", RecordLock.L_LEN)
        .verify();
  }

  @Test
  void mountingIsTheHeaders() throws Exception {
    Abi.of("linux/mount.h", "linux/fcntl.h", "sys/statvfs.h")
        .same("OPEN_TREE_CLONE", QuietMount.OPEN_TREE_CLONE)
        .same("AT_RECURSIVE", QuietMount.AT_RECURSIVE)
        .same("sizeof(struct mount_attr)", QuietMount.MOUNT_ATTR_SIZE)
        .same("offsetof(struct mount_attr, attr_set)", QuietMount.ATTR_SET)
        .same("offsetof(struct mount_attr, attr_clr)", QuietMount.ATTR_CLR)
        .same("offsetof(struct mount_attr, propagation)", QuietMount.PROPAGATION)
        .same("MOUNT_ATTR_RDONLY", QuietMount.MOUNT_ATTR_RDONLY)
        .same("MOUNT_ATTR_NOATIME", QuietMount.MOUNT_ATTR_NOATIME)
        .same("MOUNT_ATTR__ATIME", QuietMount.MOUNT_ATTR__ATIME)
        .same("MS_SLAVE", QuietMount.MS_SLAVE)
        .same("ST_RDONLY", FileSystemStatus.ST_RDONLY)
        .same("ST_NOATIME", FileSystemStatus.ST_NOATIME)
        .verify();
  }

  @Test
  void aFileSystemsStatusIsTheHeaders() throws Exception {
    Abi.of("sys/vfs.h")
        .same("sizeof(struct statfs)", FileSystemStatus.STATFS_SIZE)
        .same("offsetof(struct statfs, f_type)", FileSystemStatus.F_TYPE)
        .same("offsetof(struct statfs, f_bsize)", FileSystemStatus.F_BSIZE)
        .same("offsetof(struct statfs, f_blocks)", FileSystemStatus.F_BLOCKS)
        .same("offsetof(struct statfs, f_bfree)", FileSystemStatus.F_BFREE)
        .same("offsetof(struct statfs, f_bavail)", FileSystemStatus.F_BAVAIL)
        .same("offsetof(struct statfs, f_files)", FileSystemStatus.F_FILES)
        .same("offsetof(struct statfs, f_ffree)", FileSystemStatus.F_FFREE)
        .same("offsetof(struct statfs, f_fsid)", FileSystemStatus.F_FSID)
        .same("offsetof(struct statfs, f_namelen)", FileSystemStatus.F_NAMELEN)
        .same("offsetof(struct statfs, f_flags)", FileSystemStatus.F_FLAGS)
        .verify();
  }
}
