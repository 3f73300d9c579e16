package io.jvmm.vmm;

/**
 * A raw image or block device that the guest sees as a virtio disk.
 *
 * @param path on the host
 * @param readOnly whether the guest may only read it
 */
public record DiskConfig(String path, boolean readOnly) {}
