import org.jspecify.annotations.NullMarked;

/** Kernel formats, the Linux boot protocols and the tables a guest finds its machine by. */
@NullMarked
module io.jvmm.boot {
  requires transitive io.jvmm.memory;
  requires static transitive org.jspecify;

  exports io.jvmm.boot;
  exports io.jvmm.boot.tables;
}
