package io.trimtab.adaptation.feedback;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adaptation.feedback.ExampleState.Retracted;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Role;
import io.trimtab.store.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Examples, retractions, predictions and pictures as they lie in the store: a format number, then
 * what the records say, times as ISO 8601. Read strictly: what this program would not write is
 * logged and is nothing, rather than something half understood.
 */
final class KeptJson {
  private static final System.Logger LOG = System.getLogger(KeptJson.class.getName());

  /** Grows with every change of what is written. */
  private static final int FORMAT = 1;

  private static final ObjectMapper JSON = StrictJson.builder().build();

  private KeptJson() {}

  static byte[] example(Example example) {
    return write(
        new ExampleDocument(
            FORMAT,
            example.adapter().tenant(),
            example.adapter().name(),
            example.feedbackId(),
            example.predictionId().orElse(null),
            example.conversation().stream().map(MessageDocument::of).toList(),
            example.answer(),
            example.correction(),
            example.rating().isPresent() ? example.rating().getAsDouble() : null,
            example.tags(),
            example.received().toString()));
  }

  static Optional<Example> exampleOf(byte[] contents) {
    return read(contents, ExampleDocument.class, ExampleDocument::example);
  }

  static byte[] retraction(Retracted retracted) {
    return write(new RetractionDocument(FORMAT, retracted.reason(), retracted.when().toString()));
  }

  static Optional<Retracted> retractionOf(byte[] contents) {
    return read(
        contents,
        RetractionDocument.class,
        document -> new Retracted(document.retracted, Instant.parse(document.when)));
  }

  static byte[] prediction(Prediction prediction) {
    ServedBy servedBy = prediction.servedBy();
    return write(
        new PredictionDocument(
            FORMAT,
            prediction.tenant(),
            prediction.predictionId(),
            prediction.adapterAsked(),
            prediction.conversation().stream().map(MessageDocument::of).toList(),
            prediction.answer(),
            servedBy.model(),
            servedBy.modelDigest(),
            servedBy.adapter(),
            servedBy.revision(),
            servedBy.adapterDigest(),
            servedBy.scale(),
            prediction.pictureBytes(),
            prediction.made().toString()));
  }

  static Optional<Prediction> predictionOf(byte[] contents) {
    return read(contents, PredictionDocument.class, PredictionDocument::prediction);
  }

  static byte[] picture(PictureSent picture) {
    return write(
        new PictureDocument(FORMAT, picture.tenant(), picture.sha256(), picture.when().toString()));
  }

  static Optional<PictureSent> pictureOf(byte[] contents) {
    return read(
        contents,
        PictureDocument.class,
        document ->
            new PictureSent(document.tenant, document.sha256, Instant.parse(document.when)));
  }

  private sealed interface Document {
    int format();
  }

  private record ExampleDocument(
      int format,
      String tenant,
      String adapter,
      String feedbackId,
      @JsonSetter(nulls = Nulls.SET) @Nullable String predictionId,
      List<MessageDocument> conversation,
      String answer,
      String correction,
      @JsonSetter(nulls = Nulls.SET) @Nullable Double rating,
      List<String> tags,
      String received)
      implements Document {
    Example example() {
      return new Example(
          new AdapterId(tenant, adapter),
          feedbackId,
          Optional.ofNullable(predictionId),
          conversation.stream().map(MessageDocument::message).toList(),
          answer,
          correction,
          rating == null ? OptionalDouble.empty() : OptionalDouble.of(rating),
          tags,
          Instant.parse(received));
    }
  }

  private record RetractionDocument(int format, String retracted, String when)
      implements Document {}

  private record PredictionDocument(
      int format,
      String tenant,
      String predictionId,
      String adapterAsked,
      List<MessageDocument> conversation,
      String answer,
      String model,
      String modelDigest,
      String adapter,
      int revision,
      String adapterDigest,
      float scale,
      long pictureBytes,
      String made)
      implements Document {
    Prediction prediction() {
      return new Prediction(
          tenant,
          predictionId,
          adapterAsked,
          conversation.stream().map(MessageDocument::message).toList(),
          answer,
          new ServedBy(model, modelDigest, adapter, revision, adapterDigest, scale),
          pictureBytes,
          Instant.parse(made));
    }
  }

  private record PictureDocument(int format, String tenant, String sha256, String when)
      implements Document {}

  private record MessageDocument(String role, List<PartDocument> parts) {
    static MessageDocument of(KeptMessage message) {
      return new MessageDocument(
          message.role().wireName(), message.parts().stream().map(PartDocument::of).toList());
    }

    KeptMessage message() {
      return new KeptMessage(Role.of(role), parts.stream().map(PartDocument::part).toList());
    }
  }

  /** Exactly one of them. */
  private record PartDocument(
      @JsonSetter(nulls = Nulls.SET) @Nullable String text,
      @JsonSetter(nulls = Nulls.SET) @Nullable String picture) {
    static PartDocument of(KeptMessage.Part part) {
      return switch (part) {
        case KeptMessage.Text(String text) -> new PartDocument(text, null);
        case KeptMessage.PictureBlob(String sha256) -> new PartDocument(null, sha256);
      };
    }

    KeptMessage.Part part() {
      if (text != null) {
        return new KeptMessage.Text(text);
      }
      if (picture != null) {
        return new KeptMessage.PictureBlob(picture);
      }
      throw new IllegalArgumentException("a part is neither text nor a picture");
    }
  }

  private interface Reading<D, T> {
    T record(D document);
  }

  private static <D extends Document, T> Optional<T> read(
      byte[] contents, Class<D> type, Reading<D, T> reading) {
    try {
      D document = JSON.readValue(contents, type);
      if (document.format() != FORMAT) {
        return unreadable(
            type, "its format is %d, expected %d".formatted(document.format(), FORMAT));
      }
      return Optional.of(reading.record(document));
    } catch (JsonProcessingException e) {
      return unreadable(type, e.getOriginalMessage());
    } catch (DateTimeException | IllegalArgumentException | TrimtabException e) {
      return unreadable(type, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> Optional<T> unreadable(Class<?> type, String reason) {
    LOG.log(
        System.Logger.Level.ERROR,
        "A version of the store is no {0} and is passed over: {1}",
        type.getSimpleName(),
        reason);
    return Optional.empty();
  }

  private static byte[] write(Document document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
