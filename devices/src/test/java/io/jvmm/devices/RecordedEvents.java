package io.jvmm.devices;

import java.util.ArrayList;
import java.util.List;

/** Writes down what a guest tells. */
public final class RecordedEvents implements GuestEvents {
  private final List<String> told = new ArrayList<>();

  /** Nothing yet. */
  public RecordedEvents() {}

  /** What was told so far. */
  public List<String> told() {
    return told;
  }

  @Override
  public void powerOff() {
    told.add("power off");
  }

  @Override
  public void reset() {
    told.add("reset");
  }

  @Override
  public void panicked() {
    told.add("panicked");
  }

  @Override
  public void milestone(int number) {
    told.add("milestone " + number);
  }
}
