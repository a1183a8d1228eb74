package io.trimtab.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * ONNX Runtime's table of function pointers, called by index and signature.
 *
 * <p>Pointers travel as {@code long}: on every 64-bit platform of the jar the two are passed alike,
 * nothing is boxed and no segment is made per call. The method handles are static and take the
 * function's address as their first argument, so that the compiler can inline them although the
 * library's path is only known at run time. Thread-safe.
 */
final class OrtFunctions {
  /** The version of the table that is asked for: the first with all functions of {@link OrtApi}. */
  private static final int API_VERSION = 23;

  /** Functions in a table of {@link #API_VERSION}. */
  private static final int TABLE_LENGTH = 390;

  private static final long SUCCESS = 0;
  private static final long TEXT_BYTES_MAX = 1 << 20;
  private static final int GET_ERROR_CODE = 1;
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int RELEASE_STATUS = 93;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle P = link(JAVA_LONG);
  private static final MethodHandle PP = link(JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PPP = link(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PPPP = link(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PPPPP =
      link(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PI = link(JAVA_LONG, JAVA_INT);
  private static final MethodHandle IPP = link(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle IIP = link(JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle PIIIP =
      link(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle TENSOR =
      link(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle CODE =
      LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle VOID_P =
      LINKER.downcallHandle(FunctionDescriptor.ofVoid(JAVA_LONG));

  private final MemorySegment[] table;
  private final String version;

  private OrtFunctions(MemorySegment[] table, String version) {
    this.table = table;
    this.version = version;
  }

  /** Loads the library, for as long as the process lives: its threads outlast any session. */
  static OrtFunctions load(Path library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    MemorySegment getBase =
        symbols
            .find("OrtGetApiBase")
            .orElseThrow(
                () -> new IllegalArgumentException("Not a library of ONNX Runtime: " + library));
    try {
      MethodHandle none = LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS));
      MemorySegment base = ((MemorySegment) none.invokeExact(getBase)).reinterpret(16);
      MethodHandle byVersion = LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, JAVA_INT));
      MemorySegment text = (MemorySegment) none.invokeExact(base.getAtIndex(ADDRESS, 1));
      String version = text(text.address());
      MemorySegment api =
          (MemorySegment) byVersion.invokeExact(base.getAtIndex(ADDRESS, 0), API_VERSION);
      if (api.address() == 0) {
        throw new IllegalArgumentException(
            "Expected ONNX Runtime 1.%d or later, %s is %s"
                .formatted(API_VERSION, library, version));
      }
      MemorySegment pointers = api.reinterpret(TABLE_LENGTH * ADDRESS.byteSize());
      MemorySegment[] table = new MemorySegment[TABLE_LENGTH];
      for (int i = 0; i < TABLE_LENGTH; i++) {
        table[i] = pointers.getAtIndex(ADDRESS, i);
      }
      return new OrtFunctions(table, version);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The library's version, such as {@code 1.29.0}. */
  String version() {
    return version;
  }

  /** A C string of UTF-8. */
  static String text(long address) {
    return MemorySegment.ofAddress(address).reinterpret(TEXT_BYTES_MAX).getString(0);
  }

  void call(int function, long a) {
    try {
      check((long) P.invokeExact(table[function], a));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int function, long a, long b) {
    try {
      check((long) PP.invokeExact(table[function], a, b));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int function, long a, long b, long c) {
    try {
      check((long) PPP.invokeExact(table[function], a, b, c));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int function, long a, long b, long c, long d) {
    try {
      check((long) PPPP.invokeExact(table[function], a, b, c, d));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void call(int function, long a, long b, long c, long d, long e) {
    try {
      check((long) PPPPP.invokeExact(table[function], a, b, c, d, e));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void callWithInt(int function, long a, int b) {
    try {
      check((long) PI.invokeExact(table[function], a, b));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void callWithInt(int function, int a, long b, long c) {
    try {
      check((long) IPP.invokeExact(table[function], a, b, c));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void callWithInts(int function, int a, int b, long c) {
    try {
      check((long) IIP.invokeExact(table[function], a, b, c));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void callWithInts(int function, long a, int b, int c, int d, long e) {
    try {
      check((long) PIIIP.invokeExact(table[function], a, b, c, d, e));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  void callForTensor(int function, long a, long b, long c, long d, long e, int f, long g) {
    try {
      check((long) TENSOR.invokeExact(table[function], a, b, c, d, e, f, g));
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  /** A function that returns nothing, such as a release. */
  void callVoid(int function, long a) {
    try {
      VOID_P.invokeExact(table[function], a);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    }
  }

  private void check(long status) {
    if (status != SUCCESS) {
      throw failure(status);
    }
  }

  private OrtException failure(long status) {
    try {
      int code = (int) CODE.invokeExact(table[GET_ERROR_CODE], status);
      String message = text((long) P.invokeExact(table[GET_ERROR_MESSAGE], status));
      return new OrtException(OrtException.Code.of(code), message);
    } catch (Throwable thrown) {
      throw rethrown(thrown);
    } finally {
      callVoid(RELEASE_STATUS, status);
    }
  }

  /** Native functions throw nothing that is checked; only the signature of a handle says so. */
  private static RuntimeException rethrown(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(thrown);
    };
  }

  private static MethodHandle link(MemoryLayout... arguments) {
    return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, arguments));
  }
}
