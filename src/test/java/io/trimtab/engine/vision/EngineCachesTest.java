package io.trimtab.engine.vision;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Picture;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Embeddings by picture and encoded pictures by tenant, each within a limit of bytes. */
class EngineCachesTest {
  private final BoundedCache<ImageKey, ImageEmbeddings> embeddings =
      new BoundedCache<>(100, ImageEmbeddings::bytes);
  private final PictureCache pictures = new PictureCache(100);

  @Test
  void theLeastRecentlyUsedEmbeddingGoesFirst() {
    ImageEmbeddings first = embedding(40);
    embeddings.put(key("a"), first);
    embeddings.put(key("b"), embedding(40));
    assertThat(embeddings.get(key("a"))).isSameAs(first);
    embeddings.put(key("c"), embedding(40));
    assertThat(embeddings.get(key("b"))).isNull();
    assertThat(embeddings.get(key("a"))).isSameAs(first);
    assertThat(embeddings.bytes()).isEqualTo(80);
  }

  @Test
  void anEmbeddingLargerThanTheLimitIsNotKept() {
    embeddings.put(key("a"), embedding(60));
    embeddings.put(key("b"), embedding(101));
    assertThat(embeddings.get(key("b"))).isNull();
    assertThat(embeddings.get(key("a"))).isNotNull();
    embeddings.put(key("c"), embedding(100));
    assertThat(embeddings.get(key("a"))).isNull();
    assertThat(embeddings.bytes()).isEqualTo(100);
  }

  @Test
  void anEmbeddingUnderAnotherProjectorIsAnother() {
    embeddings.put(key("a"), embedding(10));
    assertThat(embeddings.get(new ImageKey("a", "delta"))).isNull();
  }

  @Test
  void theSameEmbeddingTwiceIsCountedOnce() {
    ImageEmbeddings first = embedding(40);
    embeddings.put(key("a"), first);
    embeddings.put(key("a"), embedding(40));
    assertThat(embeddings.bytes()).isEqualTo(40);
    assertThat(embeddings.get(key("a"))).isSameAs(first);
  }

  @Test
  void aTenantSeesItsOwnPicturesAlone() {
    Picture picture = picture(10, 1);
    pictures.put("a", picture);
    assertThat(pictures.get("a", picture.sha256())).contains(picture);
    assertThat(pictures.get("b", picture.sha256())).isEmpty();
  }

  @Test
  void theLeastRecentlyNamedPictureGoesFirst() {
    pictures.put("a", picture(40, 1));
    pictures.put("a", picture(40, 2));
    // Neither naming nor sending it again costs bytes; both count as use.
    pictures.put("a", picture(40, 1));
    pictures.put("b", picture(40, 3));
    assertThat(pictures.get("a", picture(40, 2).sha256())).isEmpty();
    assertThat(pictures.get("a", picture(40, 1).sha256())).isPresent();
    pictures.put("b", picture(40, 4));
    assertThat(pictures.get("b", picture(40, 3).sha256())).isEmpty();
  }

  @Test
  void aPictureLargerThanTheLimitIsNotKept() {
    pictures.put("a", picture(10, 1));
    pictures.put("a", picture(101, 2));
    assertThat(pictures.get("a", picture(101, 2).sha256())).isEmpty();
    assertThat(pictures.get("a", picture(10, 1).sha256())).isPresent();
  }

  private static ImageKey key(String picture) {
    return new ImageKey(picture, "");
  }

  private static ImageEmbeddings embedding(int bytes) {
    return new ImageEmbeddings(key(""), Arena.ofAuto().allocate(bytes), 1, new GridShape(1, 1));
  }

  private static Picture picture(int bytes, int content) {
    byte[] encoded = new byte[bytes];
    encoded[0] = (byte) content;
    return Picture.of(encoded);
  }
}
