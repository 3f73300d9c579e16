/**
 * The split virtqueue (virtio 1.2, 2.7), seen from the device. {@link
 * io.jvmm.virtio.queue.SplitQueue} belongs to one thread; the driver in the guest is the only other
 * party, and hostile.
 *
 * <p>The five memory orders, each at one place:
 *
 * <ol>
 *   <li>acquire {@code avail.idx}, then ring entry and descriptors, each read once: {@code
 *       SplitQueue.acquireAvailIdx}
 *   <li>plain used element, then release {@code used.idx}: {@code SplitQueue.releaseUsedIdx}
 *   <li>full fence, then read {@code used_event} or {@code flags}: {@code SplitQueue.publish}
 *   <li>write {@code avail_event} or {@code flags}, full fence, then read {@code avail.idx} again:
 *       {@code SplitQueue.rearm}
 *   <li>payload is ordered by the release of {@code used.idx}
 * </ol>
 */
package io.jvmm.virtio.queue;
