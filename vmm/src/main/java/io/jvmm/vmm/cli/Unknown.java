package io.jvmm.vmm.cli;

import java.util.Arrays;

/** Words that are no option, and the option that was probably meant. */
final class Unknown {
  /** More wrong letters than this is another word. */
  private static final int DISTANCE_MAX = 3;

  /** A name cut short, or one with more behind it, is as near as one with so many wrong letters. */
  private static final int ABBREVIATION_DISTANCE = 2;

  private Unknown() {}

  /** An error for an argument. */
  static String argument(String word) {
    if (!word.startsWith("-")) {
      if (CommandOption.of(word) != null) {
        return "unexpected argument '" + word + "'; did you mean --" + word + "?";
      }
      return "unexpected argument '" + word + "' (a kernel is named by --kernel FILE)";
    }
    int dashes = word.startsWith("--") ? 2 : 1;
    String nearest = nearest(word.substring(dashes), false);
    return "unknown option "
        + word
        + (nearest.isEmpty() ? "" : "; did you mean --" + nearest + "?");
  }

  /** An error for a key of a configuration file. */
  static String key(String word) {
    String nearest = nearest(word, true);
    return "unknown key \""
        + word
        + "\""
        + (nearest.isEmpty() ? "" : "; did you mean \"" + nearest + "\"?");
  }

  private static String nearest(String word, boolean inConfigFile) {
    String best = "";
    int bestDistance = DISTANCE_MAX + 1;
    for (CommandOption option : CommandOption.values()) {
      if (inConfigFile && !option.isInConfigFiles()) {
        continue;
      }
      int distance = distance(word, option.key());
      // A short name is not meant by a word that shares no letter with it.
      if (distance < bestDistance && distance < option.key().length()) {
        best = option.key();
        bestDistance = distance;
      }
      boolean isLonger = word.startsWith(option.key());
      boolean isShorter = word.length() >= 2 && option.key().startsWith(word);
      if ((isLonger || isShorter) && bestDistance > ABBREVIATION_DISTANCE) {
        best = option.key();
        bestDistance = ABBREVIATION_DISTANCE;
      }
    }
    return best;
  }

  /**
   * How many letters have to be changed, added, left out or swapped with their neighbour (optimal
   * string alignment).
   */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    Arrays.setAll(last, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
