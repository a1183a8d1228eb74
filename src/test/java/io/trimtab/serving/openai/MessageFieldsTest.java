package io.trimtab.serving.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.model.text.Picture;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import java.io.ByteArrayInputStream;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class MessageFieldsTest {
  private static final Picture LARGE = Picture.of(new byte[20 << 20]);

  private final MessageFields messages =
      new MessageFields(ServingLimits.DEFAULT, new PictureUrls((_, _) -> LARGE));

  private static JsonFields pictures(int count) {
    String part =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://pictures.example.org/\"}}";
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}"
            .formatted(String.join(",", Collections.nCopies(count, part)));
    return JsonFields.of(new ByteArrayInputStream(body.getBytes(UTF_8)));
  }

  @Test
  void fetchedPicturesTakeNoMoreTogetherThanABodyMay() {
    assertThat(messages.read(pictures(3))).hasSize(1);
  }

  @Test
  void whatExceedsABodyIsRefusedByItsField() {
    assertThatThrownBy(() -> messages.read(pictures(5)))
        .isInstanceOf(FieldException.class)
        .hasMessageContaining("There are 83886080 bytes of pictures, expected at most 67108864");
  }
}
