package io.jvmm.tests.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jvmm.tests.Repository;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The order of the rooms: a room knows only rooms that stand above it in docs/ARCHITECTURE.md. */
class RoomsTest {
  private static final String PREFIX = "io.jvmm.";

  /** Which rooms each room may require, itself and what follows from these left out. */
  private static final Map<String, Set<String>> MAY_REQUIRE =
      Map.of(
          "host", Set.of(),
          "memory", Set.of("host"),
          "virtio", Set.of("host", "memory"),
          "devices", Set.of("host", "memory", "virtio"),
          "boot", Set.of("host", "memory"), // it is told of devices: address, size, interrupt
          "vmm", Set.of("host", "memory", "virtio", "devices", "boot"));

  /** Libraries, each for the one room that wraps it; nothing of them runs unless asked for. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of("virtio", Set.of("HdrHistogram"), "devices", Set.of("org.jctools.core"));

  @Test
  void everyRoomHasALineHere() {
    assertEquals(new TreeSet<>(Repository.ROOMS), new TreeSet<>(MAY_REQUIRE.keySet()));
    assertEquals(new TreeSet<>(Repository.ROOMS), new TreeSet<>(modules().keySet()));
  }

  @Test
  void aRoomRequiresOnlyRoomsAboveIt() {
    modules()
        .forEach(
            (room, module) ->
                assertTrue(
                    MAY_REQUIRE.getOrDefault(room, Set.of()).containsAll(requiredRooms(module)),
                    () -> room + " requires " + requiredRooms(module)));
  }

  @Test
  void nothingButTheJdkTheRoomsAndFewLibrariesIsRequiredAtRunTime() {
    modules()
        .forEach(
            (room, module) -> {
              for (Requires required : module.requires()) {
                boolean atRunTime = !required.modifiers().contains(Requires.Modifier.STATIC);
                boolean known =
                    required.name().equals("java.base")
                        || required.name().equals("jdk.jfr")
                        || required.name().startsWith(PREFIX)
                        || LIBRARIES.getOrDefault(room, Set.of()).contains(required.name());
                assertTrue(known || !atRunTime, () -> room + " requires " + required);
              }
            });
  }

  @Test
  void memoryAloneSeesTheWholeAddressSpace() {
    ModuleDescriptor host = Objects.requireNonNull(modules().get("host"));
    for (ModuleDescriptor.Exports export : host.exports()) {
      if (export.source().endsWith(".raw")) {
        assertEquals(Set.of("io.jvmm.memory"), export.targets());
      }
      assertTrue(!export.source().endsWith(".internal"), "host exports its inside");
    }
  }

  private static Map<String, ModuleDescriptor> modules() {
    Path[] jars = Repository.ROOMS.stream().map(Repository::jar).toArray(Path[]::new);
    return ModuleFinder.of(jars).findAll().stream()
        .map(reference -> reference.descriptor())
        .collect(Collectors.toMap(m -> room(m.name()), Function.identity()));
  }

  private static Set<String> requiredRooms(ModuleDescriptor module) {
    return module.requires().stream()
        .map(Requires::name)
        .filter(name -> name.startsWith(PREFIX))
        .map(RoomsTest::room)
        .collect(Collectors.toSet());
  }

  private static String room(String module) {
    return module.substring(PREFIX.length());
  }
}
