import org.jspecify.annotations.NullMarked;

/** Guest physical memory: regions, checked address arithmetic, typed little-endian access. */
@NullMarked
module io.jvmm.memory {
  requires transitive io.jvmm.host;
  requires static org.jspecify;

  exports io.jvmm.memory;
}
