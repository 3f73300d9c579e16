package io.jvmm.vmm.cli;

import io.jvmm.vmm.json.JsonReader;

/**
 * A disk in a configuration file, where it is an object and no text: {@code {"path": "a.img", "ro":
 * true, "iops": 500}}. The names are those of {@link DiskText}'s options.
 */
final class DiskObject {
  private DiskObject() {}

  /** Reads the text or the object that comes next; answers the text that {@link DiskText} reads. */
  static String read(JsonReader json) {
    if (json.peek() != JsonReader.Kind.OBJECT) {
      return json.string();
    }
    String place = json.place();
    StringBuilder path = new StringBuilder();
    StringBuilder options = new StringBuilder();
    json.beginObject();
    while (json.hasNextMember()) {
      String keyPlace = json.place();
      String key = json.name();
      if (key.equals("path")) {
        if (!path.isEmpty()) {
          throw new UsageException(keyPlace + ": path is given twice");
        }
        path.append(json.string());
      } else {
        append(options, json, key, keyPlace);
      }
    }
    if (path.isEmpty()) {
      throw new UsageException(place + ": a disk without a path");
    }
    // The empty part keeps apart what belongs to the path.
    return path.append(',').append(options).toString();
  }

  private static void append(StringBuilder options, JsonReader json, String key, String place) {
    if (!DiskText.isOption(key, 0, key.length()) || key.indexOf('=') >= 0) {
      throw new UsageException(place + ": unknown option '" + key + "'");
    }
    switch (json.peek()) {
      case BOOLEAN -> {
        boolean isSet = json.bool();
        if (isSet) {
          options.append(',').append(key);
        }
      }
      case NUMBER -> options.append(',').append(key).append('=').append(json.number());
      default ->
          options.append(',').append(key).append('=').append(withoutComma(json.string(), place));
    }
  }

  private static String withoutComma(String text, String place) {
    if (text.indexOf(',') >= 0) {
      throw new UsageException(place + ": '" + text + "' has a comma in it");
    }
    return text;
  }
}
