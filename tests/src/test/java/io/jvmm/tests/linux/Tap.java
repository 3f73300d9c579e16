package io.jvmm.tests.linux;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a script said in the Test Anything Protocol: one result a line, its reasons in comments
 * behind it.
 */
final class Tap {
  private static final Pattern RESULT =
      Pattern.compile("(not )?ok \\d+(?: - (?<text>.*?))?(?: # SKIP ?(?<reason>.*))?");

  /**
   * One result.
   *
   * @param text what was tested
   * @param passed whether it was so
   * @param skipped why it was not tested, or empty
   * @param comments the lines behind a failure
   */
  record Result(String text, boolean passed, String skipped, List<String> comments) {}

  private Tap() {}

  /**
   * Reads a script's output; lines of neither kind are nobody's. What comes again, because a host
   * that crashed was started again, counts as it came last.
   */
  static List<Result> parse(List<String> lines) {
    SequencedMap<String, Result> results = new LinkedHashMap<>();
    for (String line : lines) {
      Matcher result = RESULT.matcher(line);
      if (result.matches()) {
        String text = result.group("text");
        String reason = result.group("reason");
        String name = text == null ? line : text;
        results.put(
            name,
            new Result(
                name,
                result.group(1) == null,
                reason == null ? "" : reason.isEmpty() ? "no reason given" : reason,
                new ArrayList<>()));
      } else if (line.startsWith("#") && !results.isEmpty()) {
        results.lastEntry().getValue().comments().add(line);
      }
    }
    return List.copyOf(results.values());
  }
}
