package io.trimtab.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What ONNX Runtime would tell its makers. Official builds for Linux and macOS send reports by
 * default from 1.29 on, and keep an identifier of the machine and a queue of events in the user's
 * cache folder. They look at a variable of the process once, when the environment is made; Java can
 * only set it where C does.
 */
final class Telemetry {
  private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";
  private static final int KEEP_WHAT_IS_THERE = 0;

  private Telemetry() {}

  /** Turns it off before an environment is made, unless the variable is set already. */
  static void turnOff() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      // Windows, where ONNX Runtime reports to the system's own log.
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int failed =
          (int)
              linker
                  .downcallHandle(
                      setenv.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT))
                  .invokeExact(
                      arena.allocateFrom(VARIABLE), arena.allocateFrom("1"), KEEP_WHAT_IS_THERE);
      if (failed != 0) {
        throw new IllegalStateException("The variable %s could not be set".formatted(VARIABLE));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv throws nothing", e);
    }
  }
}
