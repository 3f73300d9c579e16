package io.jvmm.host.process;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class SpawnAbiTest {
  @Test
  void spawningIsTheHeaders() throws Exception {
    Abi.of("spawn.h", "signal.h")
        .same("sizeof(posix_spawn_file_actions_t)", Spawn.FILE_ACTIONS_SIZE)
        .same("sizeof(posix_spawnattr_t)", Spawn.ATTRIBUTES_SIZE)
        .same("sizeof(sigset_t)", Spawn.SIGSET_SIZE)
        .same("POSIX_SPAWN_SETSIGDEF", Spawn.SETSIGDEF)
        .same("POSIX_SPAWN_SETSIGMASK", Spawn.SETSIGMASK)
        .same("POSIX_SPAWN_SETSID", Spawn.SETSID)
        .verify();
  }
}
