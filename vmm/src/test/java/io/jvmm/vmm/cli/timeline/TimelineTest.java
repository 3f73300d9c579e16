package io.jvmm.vmm.cli.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.BootRecord.Mark;
import io.jvmm.vmm.cli.record.ExecTime;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.timeline.Row.Lane;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimelineTest {
  private static final long MS = 1_000_000;

  private static final MachineConfig CONFIG =
      MachineConfig.forKernel("/images/<vm>&\"linux\"").cpus(2).build();

  private static BootRecord boot(List<Mark> messages, Object... phasesAndMillis) {
    EnumMap<Phase, Long> phases = new EnumMap<>(Phase.class);
    for (int i = 0; i < phasesAndMillis.length; i += 2) {
      phases.put((Phase) phasesAndMillis[i], (Integer) phasesAndMillis[i + 1] * MS);
    }
    return new BootRecord(ExecTime.Source.LAUNCHER, phases, messages);
  }

  private static final BootRecord WHOLE =
      boot(
          List.of(
              new Mark("kernel's first words", 60 * MS),
              new Mark("init is executed", 300 * MS),
              new Mark("clock chosen", 400 * MS)),
          Phase.EXEC,
          0,
          Phase.MAIN,
          40,
          Phase.VM_CREATED,
          42,
          Phase.MEMORY_MAPPED,
          43,
          Phase.DEVICES_ATTACHED,
          46,
          Phase.KERNEL_LOADED,
          50,
          Phase.VCPUS_CREATED,
          51,
          Phase.FIRST_RUN,
          52,
          Phase.INIT,
          310,
          Phase.END,
          900);

  /** Balanced elements, quoted attributes, known entities: enough that a browser shows it. */
  private static void assertWellFormed(String svg) {
    Pattern token =
        Pattern.compile(
            "<(/?)([a-z]+)((?: [a-z-]+(?::[a-z]+)?=\"[^\"<>]*\")*)(/?)>|([^<>]+)",
            Pattern.CASE_INSENSITIVE);
    Matcher matcher = token.matcher(svg);
    ArrayDeque<String> open = new ArrayDeque<>();
    int at = 0;
    while (at < svg.length()) {
      assertTrue(matcher.find(at) && matcher.start() == at, svg.substring(at));
      at = matcher.end();
      if (matcher.group(2) == null) {
        String text = matcher.group(5).replaceAll("&(amp|lt|gt|quot);", "");
        assertFalse(text.contains("&"), text);
      } else if (!matcher.group(1).isEmpty()) {
        assertEquals(open.pop(), matcher.group(2));
      } else if (matcher.group(4).isEmpty()) {
        open.push(matcher.group(2));
      }
    }
    assertTrue(open.isEmpty(), open::toString);
  }

  @Test
  void theStartIsARowAStep() {
    List<Row> rows = Timeline.startRows(WHOLE);
    assertEquals(7, rows.size());
    assertEquals(new Row(Lane.JVM, "the JVM is up", 0, 40 * MS), rows.getFirst());
    assertEquals(
        new Row(Lane.MONITOR, "first guest instruction", 51 * MS, 52 * MS), rows.getLast());
  }

  @Test
  void theWholeGoesOverKernelMessagesToInitAndTheEnd() {
    assertEquals(
        List.of(
            new Row(Lane.JVM, "the JVM is up", 0, 40 * MS),
            new Row(Lane.MONITOR, "first guest instruction", 40 * MS, 52 * MS),
            new Row(Lane.KERNEL, "kernel's first words", 52 * MS, 60 * MS),
            new Row(Lane.KERNEL, "init is executed", 60 * MS, 300 * MS),
            new Row(Lane.KERNEL, "guest's init runs", 300 * MS, 310 * MS),
            new Row(Lane.USER, "guest ended", 310 * MS, 900 * MS)),
        Timeline.wholeRows(WHOLE));
  }

  @Test
  void eachRowBeginsWhereTheLastOneEnded() {
    long before = 0;
    for (Row row : Timeline.wholeRows(WHOLE)) {
      assertEquals(before, row.fromNanos());
      assertTrue(row.toNanos() >= row.fromNanos());
      before = row.toNanos();
    }
  }

  @Test
  void aLongLifeIsCutSoThatTheBootCanBeSeen() {
    BootRecord boot =
        boot(
            List.of(),
            Phase.EXEC,
            0,
            Phase.MAIN,
            1,
            Phase.FIRST_RUN,
            2,
            Phase.INIT,
            100,
            Phase.END,
            86_400_000);
    assertEquals(150 * MS, Timeline.wholeEnd(boot, Timeline.wholeRows(boot)));
    assertTrue(Timeline.svg(CONFIG, boot).contains("+86399900 \u2192"));
    assertEquals(465 * MS, Timeline.wholeEnd(WHOLE, Timeline.wholeRows(WHOLE)));
  }

  @Test
  void aSlowBootIsToldInSeconds() {
    BootRecord boot =
        boot(
            List.of(),
            Phase.EXEC,
            0,
            Phase.MAIN,
            21_000,
            Phase.FIRST_RUN,
            22_000,
            Phase.INIT,
            113_311);
    String svg = Timeline.svg(CONFIG, boot);
    assertTrue(svg.contains("from exec to the guest's init in 113 s"));
    assertTrue(svg.contains(">+91.3<"), svg);
    assertTrue(svg.contains(">s<") && !svg.contains(">ms<"), svg);
  }

  @Test
  void aGuestWithoutMilestonesIsDrawnToo() {
    BootRecord boot =
        boot(List.of(), Phase.EXEC, 0, Phase.MAIN, 1, Phase.FIRST_RUN, 2, Phase.END, 3);
    assertEquals(3, Timeline.wholeRows(boot).size());
    assertWellFormed(Timeline.svg(CONFIG, boot));
  }

  @Test
  void aMachineThatNeverRanIsDrawnToo() {
    assertWellFormed(Timeline.svg(CONFIG, boot(List.of(), Phase.EXEC, 0, Phase.MAIN, 0)));
  }

  @Test
  void thePictureIsWellFormedAndStandsAlone() {
    String svg = Timeline.svg(CONFIG, WHOLE);
    assertWellFormed(svg);
    assertTrue(svg.startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""), svg);
    assertEquals(1, svg.split("http", -1).length - 1, "nothing is loaded from elsewhere");
    assertTrue(svg.contains("from exec to the guest's init in 310 ms"));
    assertTrue(svg.contains("&lt;vm&gt;&amp;&quot;linux&quot;, 2 CPUs, 256 MiB"));
  }

  @Test
  void whatXmlCannotHoldIsReplaced() {
    assertEquals("a?b&amp;?é", SvgText.escape("a\u0001b&\uFFFFé"));
  }

  @ParameterizedTest
  @CsvSource({"1, 0.2", "8, 1", "9, 1", "10, 2", "52, 10", "310, 50", "900, 100", "14000, 2000"})
  void ticksAreRoundAndFew(double end, double tick) {
    assertEquals(tick, Panel.tick(end), 1e-9);
  }
}
