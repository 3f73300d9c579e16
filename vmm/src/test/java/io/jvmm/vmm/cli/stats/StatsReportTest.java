package io.jvmm.vmm.cli.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jvmm.virtio.LatencySummary;
import io.jvmm.vmm.DeviceStats;
import io.jvmm.vmm.DeviceStats.Counter;
import io.jvmm.vmm.DeviceStats.Queue;
import io.jvmm.vmm.ExitCounts;
import io.jvmm.vmm.MachineConfig;
import io.jvmm.vmm.cli.record.BootRecord;
import io.jvmm.vmm.cli.record.ExecTime;
import io.jvmm.vmm.cli.record.Phase;
import io.jvmm.vmm.cli.stats.MemorySampler.Sample;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatsReportTest {
  private static final StatsReport REPORT =
      new StatsReport(
          MachineConfig.forKernel("k").name("we\"b").memoryBytes(64 << 20).build(),
          new BootRecord(
              ExecTime.Source.LAUNCHER,
              new EnumMap<>(
                  Map.of(
                      Phase.EXEC, 0L,
                      Phase.MAIN, 38_200_000L,
                      Phase.KERNEL_LOADED, 45_000_000L,
                      Phase.DEVICES_ATTACHED, 45_500_000L,
                      Phase.FIRST_RUN, 52_340_000L)),
              List.of()),
          List.of(new ExitCounts(1, 20, 300, 4000, 50000)),
          List.of(
              new DeviceStats(
                  "disk",
                  List.of(new Counter("read.bytes", 1_048_576)),
                  List.of(
                      new Queue(
                          List.of(new Counter("requests", 4096), new Counter("suppressed", 7)),
                          new LatencySummary(
                              4096, 12_340, 25_000, 1_500_000, 9_999_950, 10_000_000)),
                      new Queue(
                          List.of(new Counter("requests", 0), new Counter("suppressed", 0)), null)),
                  null),
              new DeviceStats("odd", List.of(new Counter("needs_reset", 1)), List.of(), "a loop")),
          new Sample(new MemoryUse(34_400, 32_500, 9_800), true));

  @Test
  void peopleReadATable() {
    assertEquals(
        """
        jvmm: statistics of we"b: 1 CPU, 64 MiB
          boot (ms)                            at       took
            jvmm is executed                  0.0   (bin/jvmm's clock)
            the JVM is up                    38.2       38.2
            kernel and tables loaded         45.0        6.8
            devices attached                 45.5        0.5
            first guest instruction          52.3        6.8
          exits to jvmm                     total    port in   port out  mmio read mmio write     kicked
            vCPU 0                         54,321          1         20        300      4,000     50,000
          disk
            read.bytes                  1,048,576
            queue                        requests suppressed
              0                             4,096          7
              1                                 0          0
            latency (µs), queue          requests        p50        p90        p99      p99.9        max
              0                             4,096       12.3       25.0    1,500.0   10,000.0   10,000.0
          odd
            needs_reset                         1
            its driver's mistake: a loop
          memory less guest RAM, as the guest's init began (KiB)
            resident (RSS)                 34,400
            proportional (PSS)             32,500
            private dirty                   9,800
        """,
        REPORT.text());
  }

  @Test
  void programsReadOneLineOfJson() {
    assertEquals(
        "{\"name\":\"we\\\"b\",\"cpus\":1,\"memoryBytes\":67108864,\"execSource\":\"launcher\","
            + "\"bootMillis\":{\"exec\":0.000,\"main\":38.200,\"kernelLoaded\":45.000,"
            + "\"devicesAttached\":45.500,\"firstRun\":52.340},"
            + "\"exits\":[{\"total\":54321,\"portReads\":1,\"portWrites\":20,\"mmioReads\":300,"
            + "\"mmioWrites\":4000,\"interrupted\":50000}],"
            + "\"devices\":[{\"name\":\"disk\",\"counters\":{\"read.bytes\":1048576},"
            + "\"queues\":[{\"counters\":{\"requests\":4096,\"suppressed\":7},"
            + "\"latencyNanos\":{\"count\":4096,\"p50\":12340,\"p90\":25000,\"p99\":1500000,"
            + "\"p99.9\":9999950,\"max\":10000000}},"
            + "{\"counters\":{\"requests\":0,\"suppressed\":0}}]},"
            + "{\"name\":\"odd\",\"counters\":{\"needs_reset\":1},\"problem\":\"a loop\"}],"
            + "\"memoryLessGuestKib\":{\"when\":\"init\",\"rss\":34400,\"pss\":32500,"
            + "\"privateDirty\":9800}}",
        REPORT.json());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0.0",
    "49999, 1, 0.0",
    "50000, 1, 0.1",
    "1234567, 3, 1.235",
    "999999, 1, 1.0",
    "1000000, 6, 1.000000",
    "5007, 6, 0.005007",
    "-1500000, 1, -1.5",
  })
  void nanosecondsAreRoundedToMilliseconds(long nanos, int decimals, String text) {
    assertEquals(text, StatsReport.millis(nanos, decimals));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 0",
        "999; 999",
        "1000; 1,000",
        "1234567; 1,234,567",
        "-1000; -1,000",
        "-100; -100"
      })
  void digitsAreGrouped(long value, String text) {
    assertEquals(text, StatsReport.grouped(value));
  }
}
