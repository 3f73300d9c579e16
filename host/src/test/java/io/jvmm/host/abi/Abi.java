package io.jvmm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Numbers of ours beside the C expressions that they copy; a C compiler says whether they agree
 * with the headers.
 */
public final class Abi {
  private final List<String> headers = new ArrayList<>();
  private final List<String> expressions = new ArrayList<>();
  private final List<Long> ours = new ArrayList<>();

  private Abi() {}

  /** Of the given headers, included in this order. */
  public static Abi of(String... headers) {
    Abi abi = new Abi();
    abi.headers.addAll(List.of(headers));
    return abi;
  }

  /** Notes that a number of ours has to be what the expression is. */
  public Abi same(String expression, long number) {
    expressions.add(expression);
    ours.add(number);
    return this;
  }

  /** Compiles, runs and compares; skipped where there is no compiler. */
  public void verify() throws IOException, InterruptedException {
    String compiler = compiler();
    Path folder = Files.createTempDirectory("jvmm-abi");
    Path source = folder.resolve("abi.c");
    Path program = folder.resolve("abi");
    try {
      Files.writeString(source, program());
      run(compiler, "-Werror", "-o", program.toString(), source.toString());
      List<String> answers = run(program.toString());
      assertEquals(expressions.size(), answers.size(), "answers of the C program");
      Iterator<String> answer = answers.iterator();
      StringBuilder wrong = new StringBuilder();
      for (int i = 0; i < expressions.size(); i++) {
        String c = answer.next();
        if (!c.equals(Long.toString(ours.get(i)))) {
          wrong.append(expressions.get(i)).append(" is ").append(c);
          wrong.append(", not ").append(ours.get(i)).append('\n');
        }
      }
      assertEquals("", wrong.toString());
    } finally {
      Files.deleteIfExists(program);
      Files.deleteIfExists(source);
      Files.deleteIfExists(folder);
    }
  }

  private String program() {
    StringBuilder c = new StringBuilder("#define _GNU_SOURCE\n#include <stddef.h>\n");
    c.append("#include <stdio.h>\n");
    for (String header : headers) {
      c.append("#include <").append(header).append(">\n");
    }
    c.append("int main(void) {\n");
    for (String expression : expressions) {
      c.append("  printf(\"%lld\\n\", (long long) (").append(expression).append("));\n");
    }
    return c.append("  return 0;\n}\n").toString();
  }

  private static String compiler() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      for (String name : List.of("gcc", "cc", "clang")) {
        File file = new File(folder, name);
        if (file.canExecute()) {
          return file.getPath();
        }
      }
    }
    assumeTrue(false, "no C compiler on this host (apt install gcc): the ABI is not compared");
    throw new AssertionError("not reached");
  }

  private static List<String> run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }
}
