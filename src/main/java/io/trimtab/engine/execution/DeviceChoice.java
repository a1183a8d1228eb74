package io.trimtab.engine.execution;

import io.trimtab.error.TrimtabException;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtEnvironment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to run, as configuration says it: {@code auto}, {@code cpu} or {@code cuda:N}. */
public sealed interface DeviceChoice {
  /** A GPU where the native library was built for one, else the CPU. */
  record Auto() implements DeviceChoice {}

  record Fixed(Device device) implements DeviceChoice {}

  Pattern CUDA = Pattern.compile("cuda(?::([0-9]{1,3}))?");

  static DeviceChoice of(String text) {
    Matcher cuda = CUDA.matcher(text);
    if (text.equals("auto")) {
      return new Auto();
    }
    if (text.equals("cpu")) {
      return new Fixed(Device.cpu());
    }
    if (cuda.matches()) {
      return new Fixed(Device.cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1))));
    }
    throw TrimtabException.invalid(
        "The device is '%s', expected auto, cpu or cuda:N".formatted(text));
  }

  default Device resolve(OrtEnvironment environment) {
    return switch (this) {
      case Auto ignored -> environment.hasProvider("cuda") ? Device.cuda(0) : Device.cpu();
      case Fixed(Device device) -> device;
    };
  }

  static String wireName(Device device) {
    return switch (device) {
      case Device.Cpu ignored -> "cpu";
      case Device.Cuda(int index) -> "cuda:" + index;
    };
  }
}
