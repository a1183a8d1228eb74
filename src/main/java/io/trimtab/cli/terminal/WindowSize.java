package io.trimtab.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How wide the terminal is that standard output goes to. Java's own console knows whether there is
 * one, with standard input, and not its width; the kernel answers both for standard output alone.
 */
final class WindowSize {
  private static final int STANDARD_OUTPUT = 1;

  /** {@code TIOCGWINSZ} of the kernels that number it so. */
  private static final long LINUX = 0x5413;

  private static final long MAC = 0x40087468;

  /** {@code struct winsize}: rows, columns, and the same in pixels, each an unsigned short. */
  private static final int BYTES = 8;

  private static final int COLUMNS_OFFSET = 2;

  private WindowSize() {}

  /** Columns of the terminal; empty where standard output is none, or nobody can tell. */
  static OptionalInt columns() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("linux")) {
      return ask(LINUX);
    }
    return os.contains("mac") ? ask(MAC) : OptionalInt.empty();
  }

  private static OptionalInt ask(long request) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle ioctl =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("ioctl"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2));
      MemorySegment size = arena.allocate(BYTES);
      int failed = (int) ioctl.invokeExact(STANDARD_OUTPUT, request, size);
      int columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, COLUMNS_OFFSET));
      return failed != 0 || columns == 0 ? OptionalInt.empty() : OptionalInt.of(columns);
    } catch (Throwable e) {
      // A table that is too wide is still a table.
      return OptionalInt.empty();
    }
  }
}
