package io.jvmm.vmm.cli.timeline;

/**
 * A line of the picture: what went on from when to when.
 *
 * @param lane who was at work
 * @param label what was reached in the end
 * @param fromNanos after exec
 * @param toNanos after exec, not before {@code fromNanos}
 */
record Row(Lane lane, String label, long fromNanos, long toNanos) {
  /** Who is at work. */
  enum Lane {
    /** The JVM starts. */
    JVM("JVM", "#4c78a8"),
    /** jvmm makes the machine. */
    MONITOR("jvmm", "#2a9d8f"),
    /** The guest's kernel boots. */
    KERNEL("guest's kernel", "#e9a23b"),
    /** The guest's programs run. */
    USER("guest's user space", "#8e6bbf");

    private final String label;
    private final String color;

    Lane(String label, String color) {
      this.label = label;
      this.color = color;
    }

    /** Its name. */
    String label() {
      return label;
    }

    /** Its colour in SVG. */
    String color() {
      return color;
    }
  }
}
