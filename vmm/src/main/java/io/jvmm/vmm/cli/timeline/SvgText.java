package io.jvmm.vmm.cli.timeline;

import java.util.Locale;

/**
 * Writes SVG, one element a line. Lengths are user units.
 *
 * <p>Threads: belongs to one thread.
 */
final class SvgText {
  private final StringBuilder text = new StringBuilder(8192);

  SvgText(int width, int height, String title) {
    text.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        .append(width)
        .append(' ')
        .append(height)
        .append("\" width=\"")
        .append(width)
        .append("\" height=\"")
        .append(height)
        .append("\" role=\"img\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial,")
        .append(" sans-serif\" font-size=\"13\">\n");
    text.append("<title>").append(escape(title)).append("</title>\n");
  }

  /** A filled rectangle with round corners. */
  void bar(double x, double y, double width, double height, double radius, String fill) {
    text.append("<rect x=\"").append(n(x)).append("\" y=\"").append(n(y));
    text.append("\" width=\"").append(n(width)).append("\" height=\"").append(n(height));
    text.append("\" rx=\"").append(n(radius)).append("\" fill=\"").append(fill).append("\"/>\n");
  }

  /** A vertical line. */
  void vertical(double x, double from, double to, String stroke, String dash) {
    text.append("<path d=\"M").append(n(x)).append(' ').append(n(from));
    text.append('V').append(n(to)).append("\" stroke=\"").append(stroke).append('"');
    if (!dash.isEmpty()) {
      text.append(" stroke-dasharray=\"").append(dash).append('"');
    }
    text.append("/>\n");
  }

  /** A diamond that marks a point. */
  void diamond(double x, double y, double radius, String fill) {
    text.append("<path d=\"M").append(n(x - radius)).append(' ').append(n(y));
    text.append('L').append(n(x)).append(' ').append(n(y - radius));
    text.append('L').append(n(x + radius)).append(' ').append(n(y));
    text.append('L').append(n(x)).append(' ').append(n(y + radius));
    text.append("Z\" fill=\"").append(fill).append("\"/>\n");
  }

  /**
   * Words.
   *
   * @param anchor {@code start}, {@code middle} or {@code end}
   * @param more further attributes, or nothing
   */
  void words(double x, double y, String anchor, String fill, String more, String words) {
    text.append("<text x=\"").append(n(x)).append("\" y=\"").append(n(y));
    text.append("\" text-anchor=\"").append(anchor).append("\" fill=\"").append(fill).append('"');
    if (!more.isEmpty()) {
      text.append(' ').append(more);
    }
    text.append('>').append(escape(words)).append("</text>\n");
  }

  private static String n(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Makes words safe inside an element; what XML 1.0 cannot hold becomes a question mark. */
  static String escape(String words) {
    StringBuilder out = new StringBuilder(words.length());
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        default -> out.append(c < ' ' || c >= 0xFFFE || Character.isSurrogate(c) ? '?' : c);
      }
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return text + "</svg>\n";
  }
}
