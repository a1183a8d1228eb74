package io.trimtab.tuning;

import io.trimtab.model.SafetensorsWriter;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import io.trimtab.tuning.job.TrainingSequence;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A model whose loss on a sequence is half the squared distance of its few parameters from a point
 * that the sequence's tokens name. Learns with momentum, so that a checkpoint without it is found
 * out.
 */
class QuadraticModel implements TrainableModel {
  private static final int SIZE = 5;

  final double[] parameters;
  private final double[] start;
  private final double[] gradient = new double[SIZE];
  private final double[] momentum = new double[SIZE];
  private long updates;

  QuadraticModel(long seed) {
    this.parameters = new Random(seed).doubles(SIZE, -1, 1).toArray();
    this.start = parameters.clone();
  }

  @Override
  public Losses learn(List<TrainingSequence> sequences, double weight) {
    for (TrainingSequence sequence : sequences) {
      pull(target(sequence), weight * sequence.answerTokens());
    }
    return evaluate(sequences);
  }

  @Override
  public Losses rehearse(List<TrainingSequence> sequences, double weight, double temperature) {
    Losses sum = Losses.NONE;
    for (TrainingSequence sequence : sequences) {
      pull(new double[SIZE], weight * sequence.answerTokens() / temperature);
      sum = sum.plus(losses(sequence, new double[SIZE]));
    }
    return sum;
  }

  /** Pulls towards the targets, and {@code ratio / temperature} as much towards the start. */
  @Override
  public Losses distil(
      List<TrainingSequence> sequences, double weight, double ratio, double temperature) {
    Losses sum = learn(sequences, weight);
    for (TrainingSequence sequence : sequences) {
      pull(start, weight * ratio / temperature * sequence.answerTokens());
      sum =
          new Losses(
              sum.loss() + ratio * losses(sequence, start).loss(),
              sum.answerTokens(),
              sum.exactMatches());
    }
    return sum;
  }

  @Override
  public Losses evaluate(List<TrainingSequence> sequences) {
    Losses sum = Losses.NONE;
    for (TrainingSequence sequence : sequences) {
      sum = sum.plus(losses(sequence, target(sequence)));
    }
    return sum;
  }

  private void pull(double[] target, double weight) {
    for (int i = 0; i < SIZE; i++) {
      gradient[i] += weight * (parameters[i] - target[i]);
    }
  }

  private Losses losses(TrainingSequence sequence, double[] target) {
    double distance = 0;
    for (int i = 0; i < SIZE; i++) {
      distance += 0.5 * Math.pow(parameters[i] - target[i], 2);
    }
    int tokens = sequence.answerTokens();
    return new Losses(distance * tokens, tokens, distance < 0.5 ? 1 : 0);
  }

  private static double[] target(TrainingSequence sequence) {
    long seed = sequence.tokens()[sequence.promptTokens()];
    double[] target = new Random(seed).doubles(SIZE, -0.3, 0.3).toArray();
    target[0] += 1;
    return target;
  }

  @Override
  public double update(double learningRate, double weightDecay, double maxGradNorm) {
    double squares = 0;
    for (double each : gradient) {
      squares += each * each;
    }
    double norm = Math.sqrt(squares);
    double cut = Math.min(1, maxGradNorm / norm);
    for (int i = 0; i < SIZE; i++) {
      momentum[i] = 0.9 * momentum[i] + gradient[i] * cut;
      parameters[i] -= learningRate * (momentum[i] + weightDecay * parameters[i]);
      gradient[i] = 0;
    }
    updates++;
    return norm;
  }

  @Override
  public void save(Path file) throws IOException {
    Files.write(file, bytes());
  }

  byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream data = new DataOutputStream(bytes)) {
      data.writeLong(updates);
      for (int i = 0; i < SIZE; i++) {
        data.writeDouble(parameters[i]);
        data.writeDouble(momentum[i]);
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void restore(Path file) throws IOException {
    try (DataInputStream data =
        new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      updates = data.readLong();
      for (int i = 0; i < SIZE; i++) {
        parameters[i] = data.readDouble();
        momentum[i] = data.readDouble();
      }
    }
  }

  @Override
  public void writeDelta(Path folder) throws IOException {
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(8L * SIZE, 8);
      MemorySegment.copy(MemorySegment.ofArray(parameters), 0, data, 0, 8L * SIZE);
      SafetensorsWriter.write(
          folder.resolve("adapter_model.safetensors"),
          Map.of("delta", new Tensor(DType.F64, Shape.of(SIZE), data)));
    }
  }

  @Override
  public void close() {}
}
