package io.jvmm.devices.block;

class PooledRawFileTest extends BackendContract {
  @Override
  BlockBackend backend(RawFile image, BackendDriver driver) {
    return new ImageWorkers(image);
  }
}
