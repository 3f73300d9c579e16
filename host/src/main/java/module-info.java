import org.jspecify.annotations.NullMarked;

/** Linux as Java sees it: system calls, file descriptors, mappings. Knows of no guest. */
@NullMarked
module io.jvmm.host {
  requires static transitive org.jspecify;

  exports io.jvmm.host;
  exports io.jvmm.host.epoll;
  exports io.jvmm.host.file;
  exports io.jvmm.host.net;
  exports io.jvmm.host.process;
  exports io.jvmm.host.signal;
  exports io.jvmm.host.socket;
  exports io.jvmm.host.terminal;
  exports io.jvmm.host.tree;
  exports io.jvmm.host.uring;
  // The one segment over all of the address space: only the room that checks every guest address
  // may have it.
  exports io.jvmm.host.raw to
      io.jvmm.memory;
}
