package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import inference.GrpcInference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our definitions against those that clients were built from. */
final class PublishedDialectTest {
  /**
   * Every published field has our number, type and count; names too, but for KServe's in the
   * messages where Triton has other ones.
   */
  @ParameterizedTest
  @EnumSource
  void everyPublishedFieldIsOurs(PublishedDialect dialect) {
    List<String> missing = new ArrayList<>();
    for (Descriptor message : dialect.messages()) {
      compare(
          message, GrpcInference.getDescriptor().findMessageTypeByName(message.getName()), missing);
    }
    if (dialect == PublishedDialect.KSERVE) {
      assertThat(missing)
          .containsExactlyInAnyOrder(
              "RepositoryModelLoadRequest.model_name", "RepositoryModelUnloadRequest.model_name");
    } else {
      assertThat(missing).isEmpty();
    }
  }

  private static void compare(Descriptor published, Descriptor ours, List<String> missing) {
    assertThat(ours).as(published.getFullName()).isNotNull();
    for (FieldDescriptor field : published.getFields()) {
      FieldDescriptor our = ours.findFieldByNumber(field.getNumber());
      assertThat(our).as(field.getFullName()).isNotNull();
      assertThat(our.getType()).as(field.getFullName()).isEqualTo(field.getType());
      assertThat(our.isRepeated()).as(field.getFullName()).isEqualTo(field.isRepeated());
      assertThat(our.isMapField()).as(field.getFullName()).isEqualTo(field.isMapField());
      if (!our.getName().equals(field.getName())) {
        missing.add(published.getName() + "." + field.getName());
      }
    }
    for (Descriptor nested : published.getNestedTypes()) {
      compare(nested, ours.findNestedTypeByName(nested.getName()), missing);
    }
  }
}
