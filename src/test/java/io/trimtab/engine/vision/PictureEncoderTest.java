package io.trimtab.engine.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.ModelSelection;
import io.trimtab.engine.execution.LoadedModel;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.model.image.PreprocessorConfig;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.Shared;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a request's pictures hold before the tower has seen them, and what they become. */
@TestInstance(Lifecycle.PER_CLASS)
class PictureEncoderTest {
  private static final List<Picture> PICTURES =
      IntStream.range(1, 4).map(i -> 0x102030 * i).mapToObj(DrawnPictures::png).toList();

  private LoadedModel model;

  @BeforeAll
  void open() {
    model =
        LoadedModel.open(
            ModelSelection.of(
                Shared.path("models/dinghy-llava"), Path.of("target", "engine-test-data")),
            1,
            WriteProgress.silent());
  }

  @AfterAll
  void close() {
    model.close();
  }

  @Test
  void pixelsBeyondTheLimitAreNotKeptAndTheEmbeddingsAreTheSame() {
    PictureEncoder.Viewing all = viewing(encoder(Long.MAX_VALUE, 0));
    PictureEncoder.Viewing one = viewing(encoder(1, 0));
    assertThat(one.pixelBytes()).isPositive().isEqualTo(all.pixelBytes() / PICTURES.size());
    assertThat(one.tokenCounts()).isEqualTo(all.tokenCounts());
    assertThat(one.tokens()).isEqualTo(all.tokens());
    assertThat(one.grids()).isEqualTo(all.grids());

    List<ImageEmbeddings> kept = all.embeddings();
    List<ImageEmbeddings> decodedAgain = one.embeddings();
    assertThat(floats(kept.get(1))).isNotEqualTo(floats(kept.get(2)));
    for (int i = 0; i < PICTURES.size(); i++) {
      assertThat(decodedAgain.get(i).key()).isEqualTo(kept.get(i).key());
      assertThat(floats(decodedAgain.get(i))).isEqualTo(floats(kept.get(i)));
    }
  }

  @Test
  void whatTheCachesHoldHasNoPixels() {
    PictureEncoder encoder = encoder(Long.MAX_VALUE, 1 << 20);
    List<ImageEmbeddings> first = viewing(encoder).embeddings();
    PictureEncoder.Viewing again = viewing(encoder);
    assertThat(again.pixelBytes()).isZero();
    assertThat(again.embeddings()).isEqualTo(first);
  }

  @Test
  void aPictureThatIsNoneIsRefusedWhenItIsCounted() {
    PictureEncoder.Viewing viewing = encoder(1, 0).viewing(null);
    viewing.add(PICTURES.getFirst());
    assertThatThrownBy(() -> viewing.add(Picture.of(new byte[] {1, 2, 3})))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("Expected a picture as");
    assertThat(viewing.size()).isEqualTo(1);
  }

  private static PictureEncoder.Viewing viewing(PictureEncoder encoder) {
    PictureEncoder.Viewing viewing = encoder.viewing(null);
    PICTURES.forEach(viewing::add);
    return viewing;
  }

  private PictureEncoder encoder(long pixelBytesKept, long cacheBytes) {
    Checkpoint checkpoint = model.checkpoint();
    return new PictureEncoder(
        new PictureDecoder(PictureLimits.defaults()),
        ImagePreprocessor.of(checkpoint.config(), PreprocessorConfig.read(checkpoint.folder())),
        model.tower(),
        model.projector(),
        new BoundedCache<>(cacheBytes, TowerFeatures::bytes),
        new BoundedCache<>(cacheBytes, ImageEmbeddings::bytes),
        pixelBytesKept);
  }

  private static float[] floats(ImageEmbeddings embeddings) {
    return embeddings.embeddings().toArray(ValueLayout.JAVA_FLOAT);
  }
}
