package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TorchScript.Autograd;
import io.trimtab.tuning.job.PictureFeatures;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the pictures of a batch are as tensors: base's embeddings of them, or what the projector
 * makes those of. Both are kept by digest, within a bound. Owned by one thread.
 */
final class PictureTensors implements AutoCloseable {
  /** Some 250 pictures of 300 tokens of width 896. */
  private static final long CACHE_BYTES_MAX = 256L << 20;

  private final PtNDManager manager;
  private final TorchScript script;
  private final FrozenWeights weights;
  private final int width;
  private final Function<String, PictureFeatures> pictures;
  private final TensorCache<String> embeddings = new TensorCache<>(CACHE_BYTES_MAX);
  private final TensorCache<String> features = new TensorCache<>(CACHE_BYTES_MAX);

  /**
   * @param width of what goes into the projector
   */
  PictureTensors(
      PtNDManager manager,
      TorchScript script,
      FrozenWeights weights,
      int width,
      Function<String, PictureFeatures> pictures) {
    this.manager = manager;
    this.script = script;
    this.weights = weights;
    this.width = width;
    this.pictures = pictures;
  }

  /**
   * Base's embeddings of all a batch's pictures.
   *
   * @param position {@code [tokens]} int64: places in batch · length
   * @param rows {@code [tokens, hidden]} float32
   */
  record Embedded(NDArray position, NDArray rows) {}

  /** Null for a batch without pictures. */
  @Nullable Embedded embedded(Batch batch) {
    List<Long> places = new ArrayList<>();
    NDList rows = new NDList();
    for (int i = 0; i < batch.sequences().size(); i++) {
      for (PlacedPicture picture : batch.sequences().get(i).pictures()) {
        long start = (long) i * batch.length() + picture.start();
        for (int t = 0; t < picture.length(); t++) {
          places.add(start + t);
        }
        rows.add(embeddings(picture));
      }
    }
    if (rows.isEmpty()) {
      return null;
    }
    return new Embedded(
        manager.create(places.stream().mapToLong(Long::longValue).toArray()), joined(rows));
  }

  private NDArray embeddings(PlacedPicture placed) {
    NDArray known = embeddings.get(placed.sha256());
    if (known != null) {
      return known;
    }
    PictureFeatures picture = read(placed);
    long[] source = Arrays.stream(picture.rows()).asLongStream().toArray();
    NDList arguments = new NDList(input(picture), manager.create(source));
    arguments.add(manager.create(picture.weights()));
    arguments.addAll(weights.projector());
    NDArray parts = script.call(Autograd.OFF, "base_pictures", arguments);
    NDArray rows =
        parts.reshape(new Shape(picture.tokens(), picture.blend(), -1)).sum(new int[] {1});
    rows.setName("x[]");
    embeddings.put(placed.sha256(), rows);
    return rows;
  }

  /**
   * What the projector turns into a batch's embeddings: the arguments of the methods that run it,
   * from {@code position} to {@code share}. A batch without pictures has one that changes nothing.
   */
  NDList projected(Batch batch) {
    Map<String, NDArray> inputs = new LinkedHashMap<>();
    Map<String, Long> offsets = new LinkedHashMap<>();
    List<PictureFeatures> read = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    long total = 0;
    int sources = 0;
    for (int i = 0; i < batch.sequences().size(); i++) {
      TrainingSequence sequence = batch.sequences().get(i);
      for (PlacedPicture placed : sequence.pictures()) {
        PictureFeatures picture = read(placed);
        if (!offsets.containsKey(placed.sha256())) {
          offsets.put(placed.sha256(), total);
          inputs.put(placed.sha256(), features(picture));
          total += picture.featureRows();
        }
        read.add(picture);
        starts.add((long) i * batch.length() + placed.start());
        sources += picture.rows().length;
      }
    }
    if (read.isEmpty()) {
      return new NDList(
          manager.create(new long[1]),
          manager.create(new float[width], new Shape(1, width)),
          manager.create(new long[1]),
          manager.create(new float[1]));
    }
    long[] position = new long[sources];
    long[] source = new long[sources];
    float[] share = new float[sources];
    int at = 0;
    for (int i = 0; i < read.size(); i++) {
      PictureFeatures picture = read.get(i);
      long offset = offsets.getOrDefault(picture.sha256(), 0L);
      for (int k = 0; k < picture.rows().length; k++, at++) {
        position[at] = starts.get(i) + k / picture.blend();
        int row = picture.rows()[k];
        source[at] = row == picture.featureRows() ? total : offset + row;
        share[at] = picture.weights()[k];
      }
    }
    return new NDList(
        manager.create(position),
        joined(new NDList(inputs.values())),
        manager.create(source),
        manager.create(share));
  }

  private NDArray features(PictureFeatures picture) {
    NDArray known = features.get(picture.sha256());
    if (known != null) {
      return known;
    }
    NDArray own = script.call(Autograd.OFF, "copied", input(picture));
    own.setName("x[]");
    features.put(picture.sha256(), own);
    return own;
  }

  private NDArray input(PictureFeatures picture) {
    return manager.create(picture.features(), new Shape(picture.featureRows(), width));
  }

  /** The features again, checked against what the sequence says of them. */
  private PictureFeatures read(PlacedPicture placed) {
    PictureFeatures picture = pictures.apply(placed.sha256());
    if (picture.width() != width || picture.tokens() != placed.length()) {
      throw TrimtabException.invalid(
          "The picture %s has %d tokens of features of width %d, expected %d of width %d"
              .formatted(
                  placed.sha256(), picture.tokens(), picture.width(), placed.length(), width));
    }
    return picture;
  }

  /** One tensor, and one whose name is not a list's. */
  private NDArray joined(NDList parts) {
    return script.call(Autograd.OFF, "joined", parts);
  }

  /** Closes what is over the bound; between steps. */
  void trim() {
    embeddings.trim();
    features.trim();
  }

  @Override
  public void close() {
    embeddings.close();
    features.close();
  }
}
