/**
 * qcow2 images, versions 2 and 3, as QEMU's {@code docs/interop/qcow2.txt} describes the format:
 * read with their backing files, and written as copy-on-write overlays.
 *
 * <p>The words of the format: the disk is cut into <em>clusters</em>. An L1 table points to L2
 * tables, and those to where the clusters lie in the file (host offsets). Refcounts tell how often
 * each cluster of the file is referred to; a free one has 0. An entry's COPIED bit says that the
 * refcount is exactly one, so that the cluster may be written in place.
 *
 * <p>Durability: tables are changed in memory and written in {@link
 * io.jvmm.devices.block.qcow2.ClusterWriter#commit}, which every flush is: first refcounts and
 * data, then what refers to them, then what is free. A crash at any moment leaves an image whose
 * tables agree, with at most some clusters leaked. What the guest has not flushed may be lost with
 * the process, not only with the host.
 *
 * <p>An image's content is hostile: whatever is read from it is checked where it is used, and
 * memory is bounded. It can ruin itself, and nothing else.
 */
package io.jvmm.devices.block.qcow2;
