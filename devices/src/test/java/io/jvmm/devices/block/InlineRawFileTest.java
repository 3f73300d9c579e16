package io.jvmm.devices.block;

class InlineRawFileTest extends BackendContract {
  @Override
  BlockBackend backend(RawFile image, BackendDriver driver) {
    return new InlineImage(image);
  }
}
