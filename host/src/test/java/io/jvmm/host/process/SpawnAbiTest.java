package io.jvmm.host.process;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class SpawnAbiTest {
  @Test
  void spawningIsTheHeaders() throws Exception {
    Abi.of("spawn.h", "fcntl.h", "signal.h")
        .same("sizeof(posix_spawn_file_actions_t)", Spawn.FILE_ACTIONS_SIZE)
        .same("sizeof(posix_spawnattr_t)", Spawn.ATTRIBUTES_SIZE)
        .same("sizeof(sigset_t)", Spawn.SIGSET_SIZE)
        .same("POSIX_SPAWN_SETSIGDEF", Spawn.SETSIGDEF)
        .same("POSIX_SPAWN_SETSIGMASK", Spawn.SETSIGMASK)
        .same("POSIX_SPAWN_SETSID", Spawn.SETSID)
        .same("O_RDONLY", Spawn.O_RDONLY)
        .same("O_WRONLY", Spawn.O_WRONLY)
        .same("F_DUPFD_CLOEXEC", Spawn.F_DUPFD_CLOEXEC)
        .same("F_SETFL", Spawn.F_SETFL)
        .verify();
  }
}
