import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Turns what a side-by-side run measured into a table and a chart.
 *
 * <p>{@code java Report.java SUBJECT WORK RESULT}: reads {@code WORK/figures.tsv} (figure, peer, value) and {@code
 * WORK/facts.tsv} (what host, which peers), writes {@code RESULT.md} and {@code RESULT.svg}, prints the former.
 */
final class Report {
  private static final String SELF = "jvmm";
  private static final Set<String> FLOORS = Set.of("c", "hello"); // no monitors, so not in the worst ratio

  /** The runs of one peer, sorted. */
  private record Runs(double[] values) {
    static Runs of(List<Double> values) {
      return new Runs(values.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    double median() {
      int middle = values.length / 2;
      return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    double lowest() {
      return values[0];
    }

    double highest() {
      return values[values.length - 1];
    }
  }

  private record Worst(double ratio, String figure, String peer) {}

  private final String subject;
  private final SequencedMap<String, SequencedMap<String, Runs>> figures = new LinkedHashMap<>();
  private final SequencedMap<String, String> titles = new LinkedHashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private boolean higherIsBetter;

  private Report(String subject, Path work) throws IOException {
    this.subject = subject;
    readFacts(work.resolve("facts.tsv"));
    readFigures(work.resolve("figures.tsv"));
  }

  public static void main(String[] arguments) throws IOException {
    Report report = new Report(arguments[0], Path.of(arguments[1]));
    Path markdown = Path.of(arguments[2] + ".md");
    Path chart = Path.of(arguments[2] + ".svg");
    String text = report.markdown(chart.getFileName().toString());
    Files.writeString(markdown, text);
    Files.writeString(chart, report.svg());
    System.out.print(text);
  }

  private void readFacts(Path file) throws IOException {
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split("\t");
      switch (fields[0]) {
        case "peer" -> titles.put(fields[1], fields[2]);
        case "better" -> higherIsBetter = fields[1].equals("higher");
        case "version" -> notes.add("with: " + fields[1]);
        default -> notes.add(fields[0] + ": " + fields[1]);
      }
    }
  }

  private void readFigures(Path file) throws IOException {
    SequencedMap<String, SequencedMap<String, List<Double>>> read = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split("\t");
      read.computeIfAbsent(fields[0], _ -> new LinkedHashMap<>())
          .computeIfAbsent(fields[1], _ -> new ArrayList<>())
          .add(Double.valueOf(fields[2]));
    }
    read.forEach(
        (figure, peers) -> {
          SequencedMap<String, Runs> runs = new LinkedHashMap<>();
          peers.forEach((peer, values) -> runs.put(peer, Runs.of(values)));
          figures.put(figure, runs);
        });
  }

  private String markdown(String chart) {
    StringBuilder out = new StringBuilder("# Side by side: " + subject + "\n\n");
    notes.forEach(note -> out.append("- ").append(note).append('\n'));
    out.append("- date: ").append(LocalDate.now()).append("\n\n");
    out.append("Median (lowest – highest); × is ")
        .append(higherIsBetter ? "jvmm's median over the peer's" : "the peer's median over jvmm's")
        .append(higherIsBetter && hasTimes() ? " (of times the other way round)" : "")
        .append(", above 1 where jvmm is better.\n\n");
    out.append("| |");
    titles.values().forEach(title -> out.append(' ').append(title).append(" |"));
    out.append("\n| --- |").append(" ---: |".repeat(titles.size())).append('\n');
    figures.forEach(
        (figure, peers) -> {
          out.append("| ").append(figure).append(" |");
          for (String peer : titles.keySet()) {
            out.append(' ').append(cell(figure, peers, peer)).append(" |");
          }
          out.append('\n');
        });
    out.append("\n![the same as a chart](").append(chart).append(")\n\n");
    return out.append(worstLine()).append('\n').toString();
  }

  private boolean hasTimes() {
    return figures.keySet().stream().anyMatch(Report::isTime);
  }

  /** Of which less is better, whatever the others are. */
  private static boolean isTime(String figure) {
    return figure.endsWith(" µs");
  }

  private double ratio(String figure, Runs peer, Runs self) {
    return higherIsBetter && !isTime(figure) ? self.median() / peer.median() : peer.median() / self.median();
  }

  private String cell(String figure, Map<String, Runs> peers, String peer) {
    Runs runs = peers.get(peer);
    if (runs == null) {
      return "–";
    }
    String text =
        "%s (%s – %s)".formatted(number(runs.median()), number(runs.lowest()), number(runs.highest()));
    Runs self = peers.get(SELF);
    return self == null || peer.equals(SELF)
        ? text
        : text + String.format(Locale.ROOT, " ×%.2f", ratio(figure, runs, self));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private String worstLine() {
    Worst worst = null;
    for (var figure : figures.entrySet()) {
      Runs self = figure.getValue().get(SELF);
      for (var peer : figure.getValue().entrySet()) {
        if (self == null || peer.getKey().equals(SELF) || FLOORS.contains(peer.getKey())) {
          continue;
        }
        double ratio = ratio(figure.getKey(), peer.getValue(), self);
        if (worst == null || ratio < worst.ratio) {
          worst = new Worst(ratio, figure.getKey(), titles.get(peer.getKey()));
        }
      }
    }
    return worst == null
        ? "worst ratio: none (no figure of jvmm and a peer)"
        : String.format(Locale.ROOT, "worst ratio: %.2f (%s, %s)", worst.ratio, worst.figure, worst.peer);
  }

  private static final int WIDTH = 760;
  private static final int LABELS = 190;
  private static final int BARS = 420;
  private static final int ROW = 22;

  /** One group of bars a figure, each group with its own scale; a thin line shows the spread. */
  private String svg() {
    int rows = figures.values().stream().mapToInt(peers -> peers.size() + 2).sum();
    int height = rows * ROW + 30;
    StringBuilder out = new StringBuilder();
    out.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="12">
        <title>Side by side: %3$s</title>
        <rect width="%1$d" height="%2$d" fill="#fff"/>
        """
            .formatted(WIDTH, height, escape(subject)));
    int y = ROW;
    for (var figure : figures.entrySet()) {
      y = group(out, y, figure.getKey(), figure.getValue());
    }
    return out.append("</svg>\n").toString();
  }

  private int group(StringBuilder out, int top, String figure, SequencedMap<String, Runs> peers) {
    double scale = BARS / peers.values().stream().mapToDouble(Runs::highest).max().orElse(1);
    int y = top;
    out.append(text(10, y, "start", "#222", "<tspan font-weight=\"bold\">" + escape(figure) + "</tspan>"));
    y += ROW;
    for (String peer : titles.keySet()) {
      Runs runs = peers.get(peer);
      if (runs == null) {
        continue;
      }
      String colour = peer.equals(SELF) ? "#0b6e4f" : FLOORS.contains(peer) ? "#bbb" : "#7a93ac";
      int middle = y - 4;
      out.append(text(LABELS - 8, y, "end", "#222", escape(titles.get(peer))));
      out.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>\n"
                  + "<path d=\"M%.1f %dH%.1f\" stroke=\"#222\"/>\n",
              LABELS, y - 11, runs.median() * scale, colour,
              LABELS + runs.lowest() * scale, middle, LABELS + runs.highest() * scale));
      out.append(text(LABELS + BARS + 12, y, "start", "#222", number(runs.median())));
      y += ROW;
    }
    return y + ROW;
  }

  private static String text(int x, int y, String anchor, String colour, String content) {
    return "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n"
        .formatted(x, y, anchor, colour, content);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
