package io.trimtab.cli.doctor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The libraries that a shared library names as needed (ELF, 64 bits, little endian: the gABI's
 * chapters on program headers and dynamic linking). The file is mapped, and little of it is read.
 */
final class NeededLibraries {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** {@code \x7fELF}, 64 bits, little endian. */
  private static final int MAGIC = 0x464c457f;

  private static final short CLASS_AND_ORDER = 0x0102;

  private static final int LOADED = 1;
  private static final int DYNAMIC = 2;

  /** Tags of the dynamic section. */
  private static final long END = 0;

  private static final long NEEDED = 1;
  private static final long STRINGS = 5;

  private static final int ENTRY_BYTES = 16;

  private final MemorySegment file;

  private NeededLibraries(MemorySegment file) {
    this.file = file;
  }

  /**
   * Names such as {@code libcudart.so.12}, in the file's order.
   *
   * @throws IOException for a file that is no such library, or can't be read
   */
  static List<String> of(Path library) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(library)) {
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return new NeededLibraries(file).names();
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("%s is cut, or no shared library".formatted(library), e);
    }
  }

  private record Segment(int type, long offset, long address, long bytes) {}

  private List<String> names() throws IOException {
    if (file.get(INT, 0) != MAGIC || file.get(SHORT, 4) != CLASS_AND_ORDER) {
      throw new IOException("Expected a shared library for 64 bits");
    }
    List<Segment> segments = segments();
    List<Long> needed = new ArrayList<>();
    long strings = -1;
    for (Segment dynamic : segments) {
      if (dynamic.type() == DYNAMIC) {
        for (long at = dynamic.offset(); file.get(LONG, at) != END; at += ENTRY_BYTES) {
          long tag = file.get(LONG, at);
          long value = file.get(LONG, at + 8);
          if (tag == NEEDED) {
            needed.add(value);
          } else if (tag == STRINGS) {
            strings = offsetOf(value, segments);
          }
        }
      }
    }
    List<String> names = new ArrayList<>();
    for (long name : needed) {
      names.add(file.getString(strings + name));
    }
    return List.copyOf(names);
  }

  private List<Segment> segments() {
    long table = file.get(LONG, 32);
    int size = Short.toUnsignedInt(file.get(SHORT, 54));
    int count = Short.toUnsignedInt(file.get(SHORT, 56));
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      segments.add(
          new Segment(
              file.get(INT, at),
              file.get(LONG, at + 8),
              file.get(LONG, at + 16),
              file.get(LONG, at + 32)));
    }
    return segments;
  }

  private static long offsetOf(long address, List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      boolean within =
          address >= segment.address() && address < segment.address() + segment.bytes();
      if (segment.type() == LOADED && within) {
        return segment.offset() + address - segment.address();
      }
    }
    throw new IOException("The names of needed libraries are in no part of the file");
  }
}
