import org.jspecify.annotations.NullMarked;

/** One package a device. Knows of no KVM, no vCPU, no command line. */
@NullMarked
module io.jvmm.devices {
  requires static io.netty.buffer; // for who gives handlers to sockets, and has it
  requires org.jctools.core;
  requires transitive io.jvmm.virtio;
  requires static transitive org.jspecify;

  exports io.jvmm.devices.balloon;
  exports io.jvmm.devices.block;
  exports io.jvmm.devices.block.nbd;
  exports io.jvmm.devices.block.qcow2;
  exports io.jvmm.devices.console;
  exports io.jvmm.devices.i8042;
  exports io.jvmm.devices.io;
  exports io.jvmm.devices.milestone;
  exports io.jvmm.devices.net;
  exports io.jvmm.devices.p9;
  exports io.jvmm.devices.pmem;
  exports io.jvmm.devices.power;
  exports io.jvmm.devices.pvpanic;
  exports io.jvmm.devices.queue;
  exports io.jvmm.devices.rng;
  exports io.jvmm.devices.rtc;
  exports io.jvmm.devices.serial;
  exports io.jvmm.devices.vsock;
  exports io.jvmm.devices;
}
