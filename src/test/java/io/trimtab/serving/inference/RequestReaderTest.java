package io.trimtab.serving.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.Wire;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.ScoreRequest;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestReaderTest {
  private final FakeEngine engine = FakeEngine.silent();
  private final RequestReader reader =
      new RequestReader(engine, new ServingLimits(3, 2, 2, 20, 100));
  private final Caller caller = new Caller("acme", Optional.empty());

  @Test
  void conversationIsReadInOrder() {
    GenerationRequest request =
        read(
            Message.newBuilder().setRole("system").addParts(Wire.text("Be brief.")).build(),
            Wire.user(Wire.picture(new byte[] {1, 2}), Wire.text("What?")));

    assertThat(request.tenant()).isEqualTo("acme");
    assertThat(request.messages().get(0).role()).isEqualTo(Role.SYSTEM);
    assertThat(request.messages().get(1).parts())
        .containsExactly(new PicturePart(Picture.of(new byte[] {1, 2})), new TextPart("What?"));
  }

  @Test
  void pictureByDigestIsTheTenantsOwn() {
    Picture picture = Picture.of(new byte[] {1});
    engine.keep("acme", picture);
    engine.keep("other", Picture.of(new byte[] {2}));

    assertThat(read(Wire.user(Wire.picture(picture.sha256()))).messages().get(0).parts())
        .containsExactly(new PicturePart(picture));
    TrimtabException refusal =
        catchThrowableOfType(
            TrimtabException.class,
            () -> read(Wire.user(Wire.picture(Picture.of(new byte[] {2}).sha256()))));
    assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(refusal).hasMessageContaining("send the picture");
  }

  @Test
  void whatIsMissingIsNamedByPlace() {
    Message fine = Wire.user(Wire.text("a"));
    assertRefused("messages is empty");
    assertRefused("messages[1].role is ''", fine, Message.getDefaultInstance());
    assertRefused("messages[0].role is 'tool'", Message.newBuilder().setRole("tool").build());
    assertRefused(
        "messages[1].parts[1] is empty",
        fine,
        Wire.user(Wire.text("b"), Part.getDefaultInstance()));
    assertRefused(
        "messages[0].parts[0].image has no source", Wire.user(Wire.image(Image.newBuilder())));
    assertRefused("messages[0].parts[0].image.data is empty", Wire.user(Wire.picture(new byte[0])));
    assertRefused("image.sha256 is 'abc', expected 64 hex", Wire.user(Wire.picture("abc")));
  }

  @Test
  void whatIsTooManyIsSaidWithBothNumbers() {
    Part text = Wire.text("a");
    Part picture = Wire.picture(new byte[] {1});
    Message fine = Wire.user(text);
    assertRefused("4 messages, expected at most 3", fine, fine, fine, fine);
    assertRefused("messages[0] has 3 parts, expected at most 2", Wire.user(text, text, text));
    assertRefused(
        "3 pictures, expected at most 2", Wire.user(picture, picture), Wire.user(picture));
    assertRefused(
        "21 characters of text, expected at most 20", fine, Wire.user(Wire.text("b".repeat(20))));
    ScoreRequest scoring =
        ScoreRequest.newBuilder().addMessages(fine).setContinuation("b".repeat(20)).build();
    assertThatThrownBy(() -> reader.scoring("r", scoring, caller))
        .hasMessageContaining("21 characters of text, expected at most 20");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "base", "birds", "birds@3", "a.b_c-1@999999999"})
  void adapterIsTakenAsWritten(String adapter) {
    assertThat(adapter(adapter).adapter()).isEqualTo(adapter);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Birds", "birds@", "birds@0", "birds@-1", "@3", "a/b", "birds@9999999999"})
  void misspeltAdapterIsRefused(String adapter) {
    assertThatThrownBy(() -> adapter(adapter))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("adapter is '%s'".formatted(adapter));
  }

  private GenerationRequest read(Message... messages) {
    GenerateRequest.Builder request = GenerateRequest.newBuilder();
    for (Message message : messages) {
      request.addMessages(message);
    }
    return reader.generation("r", request.build(), caller);
  }

  private GenerationRequest adapter(String adapter) {
    return reader.generation(
        "r",
        GenerateRequest.newBuilder()
            .setAdapter(adapter)
            .addMessages(Wire.user(Wire.text("a")))
            .build(),
        caller);
  }

  private void assertRefused(String message, Message... messages) {
    TrimtabException refusal = catchThrowableOfType(TrimtabException.class, () -> read(messages));
    assertThat(refusal).hasMessageContaining(message);
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }
}
