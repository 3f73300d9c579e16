package io.jvmm.virtio.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.virtio.jvm.ShippedJvm;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link QueueAllocationMeter} measures in a JVM as it is shipped, and with C1 alone. */
class QueueAllocationTest {
  @ParameterizedTest
  @ValueSource(strings = {"-XX:TieredStopAtLevel=4", "-XX:TieredStopAtLevel=1"})
  void aChainAllocatesNothingOnceWarm(String tier) throws Exception {
    String[] figures = ShippedJvm.run(QueueAllocationMeter.class, List.of(tier)).split(" ", -1);
    assertEquals(2, figures.length, String.join(" ", figures));
    assertTrue(Long.parseLong(figures[0]) >= 100, "the meter counts");
    assertEquals(0, Long.parseLong(figures[1]), "bytes for a batch of chains, at best");
  }
}
