package io.jvmm.vmm.cli.stats;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemorySamplerTest {
  @Test
  void itLooksWhenInitRuns() throws InterruptedException {
    MemorySampler sampler = new MemorySampler();
    sampler.start(List.of());
    sampler.initRuns();
    MemorySampler.Sample sample = sampler.finish();
    assertTrue(sample.whileInitRuns());
    assertTrue(sample.use().rssKib() > 0);
  }

  @Test
  void withoutInitItLooksAtTheEnd() throws InterruptedException {
    MemorySampler sampler = new MemorySampler();
    sampler.start(List.of());
    MemorySampler.Sample sample = sampler.finish();
    assertFalse(sample.whileInitRuns());
    assertTrue(sample.use().rssKib() > 0);
  }
}
