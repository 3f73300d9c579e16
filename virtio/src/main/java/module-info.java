import org.jspecify.annotations.NullMarked;

/**
 * The virtio specification, version 1.2: queues, features, transports. Knows of no concrete device
 * and of no KVM.
 */
@NullMarked
module io.jvmm.virtio {
  requires HdrHistogram;
  requires transitive io.jvmm.memory;
  requires static transitive org.jspecify;

  exports io.jvmm.virtio;
  exports io.jvmm.virtio.mmio;
  exports io.jvmm.virtio.pci;
  exports io.jvmm.virtio.queue;
}
