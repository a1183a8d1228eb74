package io.trimtab.adapter.peft;

import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Names an adapter by what it computes. The digest is sha-256 over {@link #FORMAT} and then, for
 * each module in canonical order: its target ({@code layers.N.q_proj} or {@code projector.N}, a
 * line end behind it); rank, inputs and outputs as 32-bit integers; the scaling as a float; the
 * values of A, then of B, as floats, row-major. All numbers are little-endian. Values are taken as
 * they are: 0 and -0 differ.
 */
final class PeftDigest {
  static final String FORMAT = "trimtab.adapter.v1\n";

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MessageDigest sha256;
  private final FloatPieces pieces;
  private byte[] bytes = new byte[0];

  private PeftDigest(FloatPieces pieces) {
    this.pieces = pieces;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** 64 hex digits; the modules are in canonical order. */
  static String of(List<LoraModule> modules, FloatPieces pieces) {
    PeftDigest digest = new PeftDigest(pieces);
    digest.sha256.update(FORMAT.getBytes(StandardCharsets.UTF_8));
    modules.forEach(digest::add);
    return HexFormat.of().formatHex(digest.sha256.digest());
  }

  private void add(LoraModule module) {
    String target =
        switch (module.target()) {
          case DeltaTarget.Decoder decoder ->
              "layers.%d.%s\n".formatted(decoder.layer(), decoder.projection().wireName());
          case DeltaTarget.Projector projector -> "projector.%d\n".formatted(projector.layer());
        };
    sha256.update(target.getBytes(StandardCharsets.UTF_8));
    ByteBuffer numbers = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putInt(module.rank());
    numbers.putInt(Math.toIntExact(module.a().shape().dim(1)));
    numbers.putInt(Math.toIntExact(module.b().shape().dim(0)));
    numbers.putFloat(module.scaling());
    sha256.update(numbers.array());
    add(module.a());
    add(module.b());
  }

  private void add(Tensor tensor) {
    pieces.each(
        tensor,
        (bits, count, _) -> {
          if (bytes.length < bits.length * 4) {
            bytes = new byte[bits.length * 4];
          }
          MemorySegment.copy(bits, 0, MemorySegment.ofArray(bytes), INT, 0, count);
          sha256.update(bytes, 0, count * 4);
        });
  }
}
