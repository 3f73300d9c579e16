package io.jvmm.vmm.cli.timeline;

import io.jvmm.vmm.cli.timeline.Row.Lane;
import java.util.List;
import java.util.Locale;

/** One panel of the picture: a row a step, as a waterfall over an axis of milliseconds. */
final class Panel {
  static final int WIDTH = 960;
  static final int LEFT = 32;
  static final int TITLE_HEIGHT = 84;
  static final int GAP = 28;
  static final int FOOT = 48;

  private static final int AXIS_LEFT = 250;
  private static final int AXIS_RIGHT = WIDTH - 96;
  private static final int HEAD = 46;
  private static final int ROW = 26;
  private static final int BAR = 16;
  private static final int TICKS_MAX = 9;
  private static final double NANOS_PER_MILLI = 1e6;

  /** A longer axis is told in seconds. */
  private static final double SECONDS_FROM_MILLIS = 20_000;

  /** A bar that would be thinner is drawn so wide, so that it can be seen. */
  private static final double BAR_WIDTH_MIN = 2;

  private static final String INK = "#1f2933";
  private static final String SOFT_INK = "#616e7c";
  private static final String GRID = "#e4e7eb";
  private static final String NUMBERS =
      "font-size=\"12\" style=\"font-variant-numeric:tabular-nums\"";

  private Panel() {}

  static int height(List<Row> rows) {
    return HEAD + rows.size() * ROW;
  }

  /**
   * Draws it with its upper edge at {@code top}.
   *
   * @param endNanos where the axis ends; what goes on longer is cut there
   */
  static void draw(SvgText svg, double top, String title, List<Row> rows, long endNanos) {
    double end = Math.max(1, endNanos / NANOS_PER_MILLI); // an axis of no length has no ticks
    boolean inSeconds = end >= SECONDS_FROM_MILLIS;
    double tick = tick(end);
    double scale = (AXIS_RIGHT - AXIS_LEFT) / end;
    double bottom = top + height(rows);
    svg.words(LEFT, top + 14, "start", INK, "font-weight=\"600\"", title);
    for (int i = 0; i * tick <= end; i++) {
      double x = AXIS_LEFT + i * tick * scale;
      svg.vertical(x, top + HEAD - 6, bottom, GRID, "");
      svg.words(
          x,
          top + HEAD - 12,
          "middle",
          SOFT_INK,
          NUMBERS,
          number(inSeconds ? i * tick / 1000 : i * tick));
    }
    svg.words(AXIS_RIGHT + 32, top + HEAD - 12, "start", SOFT_INK, NUMBERS, inSeconds ? "s" : "ms");
    double y = top + HEAD;
    for (Row row : rows) {
      draw(svg, y, scale, row, inSeconds);
      y += ROW;
    }
  }

  private static void draw(SvgText svg, double y, double scale, Row row, boolean inSeconds) {
    double from = AXIS_LEFT + row.fromNanos() / NANOS_PER_MILLI * scale;
    double to = AXIS_LEFT + row.toNanos() / NANOS_PER_MILLI * scale;
    boolean isCut = to > AXIS_RIGHT + 1;
    double width = Math.max(BAR_WIDTH_MIN, Math.min(to, AXIS_RIGHT) - from);
    double middle = y + ROW / 2.0;
    svg.words(AXIS_LEFT - 14, middle + 4.5, "end", INK, "", row.label());
    svg.bar(from, middle - BAR / 2.0, width, BAR, Math.min(3, width / 2), row.lane().color());
    String took =
        "+" + duration(row.toNanos() - row.fromNanos(), inSeconds) + (isCut ? " \u2192" : "");
    svg.words(from + width + 6, middle + 4.5, "start", SOFT_INK, NUMBERS, took);
  }

  /** The colours' meaning, at the foot of the picture. */
  static void legend(SvgText svg, double y) {
    double x = LEFT;
    for (Lane lane : Lane.values()) {
      svg.bar(x, y - 10, 12, 12, 3, lane.color());
      svg.words(x + 18, y, "start", SOFT_INK, "font-size=\"12\"", lane.label());
      x += 48 + 7.0 * lane.label().length();
    }
  }

  /** 1, 2 or 5 times a power of ten, so that there are at most {@value #TICKS_MAX} of them. */
  static double tick(double end) {
    double power = Math.pow(10, Math.floor(Math.log10(end / TICKS_MAX)));
    for (int factor : new int[] {1, 2, 5, 10}) {
      if (end / (factor * power) <= TICKS_MAX) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private static String number(double millis) {
    return millis == Math.rint(millis)
        ? Long.toString(Math.round(millis))
        : String.format(Locale.ROOT, "%.1f", millis);
  }

  private static String duration(long nanos, boolean inSeconds) {
    double value = nanos / NANOS_PER_MILLI / (inSeconds ? 1000 : 1);
    return String.format(Locale.ROOT, value < 99.95 ? "%.1f" : "%.0f", value);
  }
}
