package io.jvmm.vmm.cli.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.vmm.MachineObserver;
import io.jvmm.vmm.MachineObserver.Step;
import io.jvmm.vmm.cli.record.BootRecord.Mark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootRecorderTest {
  private final long main = System.nanoTime();
  private final List<String> heard = new ArrayList<>();
  private final BootRecorder recorder =
      new BootRecorder(
          main,
          () -> heard.add("init"),
          new MachineObserver() {
            @Override
            public void consoleLost(String why) {
              heard.add(why);
            }
          });

  private long sinceMain(Phase phase) {
    BootRecord record = recorder.record();
    return record.nanos(phase) - record.nanos(Phase.MAIN);
  }

  @Test
  void stepsAreCountedFromExec() {
    recorder.step(Step.VM_CREATED, main + 5);
    recorder.step(Step.FIRST_RUN, main + 9);
    BootRecord record = recorder.record();
    assertEquals(0, record.nanos(Phase.EXEC));
    assertTrue(record.nanos(Phase.MAIN) >= 0);
    assertEquals(5, sinceMain(Phase.VM_CREATED));
    assertEquals(9, sinceMain(Phase.FIRST_RUN));
    assertFalse(record.has(Phase.INIT));
  }

  @Test
  void everyStepIsAPhase() {
    for (Step step : Step.values()) {
      recorder.step(step, main + 1);
    }
    assertEquals(Phase.values().length - 1, recorder.record().phases().size()); // but for INIT
  }

  @Test
  void theFirstTimeCounts() {
    recorder.reached(Phase.END, main + 3);
    recorder.step(Step.STOPPED, main + 8);
    assertEquals(3, sinceMain(Phase.END));
  }

  @Test
  void initIsHeardOnceAndOtherMilestonesAreNot() {
    recorder.milestone(2, main + 1);
    recorder.milestone(1, main + 2);
    recorder.milestone(1, main + 3);
    assertEquals(List.of("init"), heard);
    assertEquals(2, sinceMain(Phase.INIT));
  }

  @Test
  void aLostConsoleIsPassedOn() {
    recorder.consoleLost("gone");
    assertEquals(List.of("gone"), heard);
  }

  /** The console is late at first: three lines arrive at once, and the last was the quickest. */
  @Test
  void kernelMessagesArePlacedByTheirStampsNotByTheirArrival() {
    long boot = main + 50_000_000;
    recorder.step(Step.FIRST_RUN, main + 40_000_000);
    recorder.consoleLine("[    0.000000] Linux version 6.1", boot + 300_000_000);
    recorder.consoleLine("[    0.100000] Memory: 1", boot + 300_000_000);
    recorder.consoleLine("[    0.100000] Memory: again", boot + 300_000_000);
    recorder.consoleLine("no stamp", boot);
    recorder.consoleLine("[    0.300000] Run /sbin/init as init process", boot + 300_000_000);
    BootRecord record = recorder.record();
    long exec = record.nanos(Phase.MAIN);
    assertEquals(
        List.of(
            new Mark("kernel's first words", exec + 50_000_000),
            new Mark("memory counted", exec + 150_000_000),
            new Mark("init is executed", exec + 350_000_000)),
        record.messages());
  }

  @Test
  void noMessageLiesBeforeTheGuest() {
    recorder.step(Step.FIRST_RUN, main + 40_000_000);
    recorder.consoleLine("[    0.000000] Linux version 6.1", main + 45_000_000);
    recorder.consoleLine("[    0.100000] Memory: 1", main + 46_000_000);
    BootRecord record = recorder.record();
    assertEquals(record.nanos(Phase.FIRST_RUN), record.messages().getFirst().nanos());
  }
}
